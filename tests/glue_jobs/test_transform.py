"""Transform hooks and Spark as the place where units run."""

from __future__ import annotations

import datetime as dt
import os
import sys
from decimal import Decimal
from importlib.machinery import ModuleSpec
from threading import Event
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest

from glue_jobs.errors import FileRejected
from glue_jobs.execution import choose_runner, prepare_session, spark_session
from glue_jobs.transform import Hook, columns_of, find_hook, transformed, warm_up
from tests.glue_jobs.lake import Lake

ORDERS = "Order ID;amount;ordered_on;status\n007;1,50;01.05.2024;open\n008;2,00;02.05.2024;cancelled\n009;3;;paid\n"


@pytest.fixture
def spark(served_lake: Lake) -> Any:
    """The process's session; its tasks reach the lake of this test."""
    session = spark_session()
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        session.sparkContext.environment[name] = os.environ[name]
    return session


def use_hook(monkeypatch: pytest.MonkeyPatch, hook: Hook) -> None:
    """Give every dataset this hook from now on."""
    monkeypatch.setattr("glue_jobs.load.has_hook", lambda dataset: True)
    monkeypatch.setattr("glue_jobs.load.find_hook", lambda dataset: hook)


def test_a_session_is_prepared_for_its_tasks_beside_other_work(spark) -> None:
    ready = Event()

    prepare_session(lambda session: (warm_up(session), ready.set()))

    assert ready.wait(timeout=300)


def test_a_hook_is_found_by_name_and_its_rows_are_published(served_lake: Lake, spark) -> None:
    outcome = served_lake.load("orders_example/a.csv", ORDERS)

    assert outcome.state == "succeeded", outcome.figures
    assert served_lake.values("orders_example", "order_id", "amount", "ordered_on", "quarter") == [
        ("007", Decimal("1.50"), dt.date(2024, 5, 1), "2024-Q2"),
        ("009", Decimal("3.00"), None, None),
    ]
    assert (outcome.figures["rows_read"], outcome.figures["rows_written"]) == (3, 2)
    assert served_lake.columns("orders_example")[:5] == [
        ("order_id", "string"),
        ("amount", "decimal(12,2)"),
        ("ordered_on", "date"),
        ("status", "string"),
        ("quarter", "string"),
    ]
    assert served_lake.objects() == outcome.figures["outputs"]


def test_a_hook_that_changes_nothing_loses_nothing(served_lake: Lake, spark, monkeypatch: pytest.MonkeyPatch) -> None:
    content = (
        "n,price,ratio,ok,day,local,instant,text\n"
        "1,2.50,0.1,true,2024-03-31,2024-03-31 01:30:00.123456,2024-03-31T01:30:00+02:00,ü\n"
        ',,,,,,,""\n'
        "9007199254740993,9.99,1e300,false,0001-01-01,1900-01-01 00:00:00,1969-12-31T23:59:59Z,00501\n"
    )
    served_lake.load("plain/a.csv", content)
    use_hook(monkeypatch, lambda df: df.repartition(2))
    outcome = served_lake.load("hooked/a.csv", content)

    assert outcome.state == "succeeded", outcome.figures
    assert served_lake.columns("hooked") == served_lake.columns("plain")
    names = [name for name, _ in served_lake.columns("plain")[:9]]
    assert served_lake.values("hooked", *names) == served_lake.values("plain", *names)


def test_a_hook_whose_tasks_take_several_units_each_keeps_every_row_in_its_place(
    served_lake: Lake, spark, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glue_jobs.load.RANGE", 100)
    use_hook(monkeypatch, lambda df: df)
    outcome = served_lake.load("plain/a.csv", "n\n" + "".join(f"{number}\n" for number in range(1000)))

    assert outcome.state == "succeeded", outcome.figures
    assert [row["n"] for row in served_lake.rows("plain")] == list(range(1000))


def test_a_hook_that_contradicts_the_table_is_refused(
    served_lake: Lake, spark, monkeypatch: pytest.MonkeyPatch
) -> None:
    served_lake.load("plain/a.csv", "n\n1\n")
    use_hook(monkeypatch, lambda df: df.selectExpr("string(n) AS n"))
    outcome = served_lake.load("plain/b.csv", "n\n2\n")

    assert outcome.figures["error"]["code"] == "schema_conflict"
    assert served_lake.values("plain", "n") == [(1,)]
    assert len(served_lake.objects()) == 1


@pytest.mark.parametrize(
    ("hook", "message"),
    [
        (lambda df: df.select("nothing"), "nothing"),
        (lambda df: df.withColumnRenamed("id", "Order ID"), "Order ID"),
        (lambda df: df.withColumnRenamed("id", "source_file"), "source_file"),
        (lambda df: df.selectExpr("array(id) AS ids"), "array<bigint>"),
    ],
)
def test_a_hook_that_gives_no_table_is_refused(served_lake: Lake, spark, hook, message: str) -> None:
    schema = pa.schema([("id", pa.int64()), ("_rescued_data", pa.string())])
    with pytest.raises(FileRejected, match="transform") as caught:
        columns_of(transformed(spark, hook, "curated", ["none"], schema))

    assert message in caught.value.message


def test_units_run_on_executors_when_told_to(served_lake: Lake, spark, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glue_jobs.load.RANGE", 512)
    version = served_lake.upload("plain/a.csv", "id,v\n" + "".join(f"{n},x{n}\n" for n in range(200)))
    (outcome,) = served_lake.run(version, runner="spark")

    assert outcome.state == "succeeded", outcome.figures
    assert [row["id"] for row in served_lake.rows("plain")] == list(range(200))


def test_a_dataset_without_a_hook_has_none() -> None:
    assert find_hook("no_such_dataset") is None


def test_a_hook_without_transform_fails_the_files_of_its_dataset_alone(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "glue_jobs.transforms.broken", _module("glue_jobs.transforms.broken"))
    broken, good = lake.run(lake.upload("broken/a.csv", "id\n1\n"), lake.upload("good/a.csv", "id\n1\n"))

    assert broken.figures["error"]["code"] == "transform_failed"
    assert "transforms/broken.py is no transform hook" in broken.figures["error"]["message"]
    assert good.state == "succeeded"


def _module(name: str) -> ModuleType:
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, None)
    return module


@pytest.mark.parametrize(
    ("size", "executors", "has_hook", "choice", "expected"),
    [
        (10, 0, False, "auto", "threads"),
        (10, 8, False, "auto", "threads"),
        (10 << 30, 8, False, "auto", "spark"),
        (10 << 30, 1, False, "auto", "threads"),
        (10, 8, True, "auto", "spark"),
        (10, 0, True, "auto", "threads"),
        (10, 0, False, "spark", "spark"),
        (10 << 30, 8, True, "threads", "threads"),
    ],
)
def test_where_units_run(size: int, executors: int, has_hook: bool, choice, expected: str) -> None:
    assert choose_runner(size, executors, has_hook=has_hook, choice=choice) == expected
