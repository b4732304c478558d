"""The same units on threads and on Spark's executors."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from glue_jobs.conversion import Runner, Unit
from glue_jobs.convert import convert
from glue_jobs.errors import FileRejected
from glue_jobs.execution import executors, spark_session, threads
from glue_jobs.infer import infer
from glue_jobs.open import open_csv
from glue_jobs.options import CsvOptions
from glue_jobs.source import LocalFile


@pytest.fixture(params=["threads", "executors"])
def runner(request: pytest.FixtureRequest) -> Runner:
    return threads(2) if request.param == "threads" else executors(spark_session())


def rows_of(index: int, table: Any) -> tuple[int, list[dict[str, Any]]]:
    return index, table.to_pylist()


def test_results_come_in_the_order_of_the_file(runner: Runner, tmp_path: Path) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text("n\n" + "".join(f"{number}\n" for number in range(1000)))

    with open_csv(LocalFile.of(path), CsvOptions()) as csv:
        conversion = convert(csv.source, csv.dialect, infer(csv.source, csv.dialect), rows_of, runner, 100)

    assert [row["n"] for _, rows in conversion.outputs for row in rows] == list(range(1000))
    assert [index for index, _ in conversion.outputs] == list(range(len(conversion.outputs)))


def refuse(unit: Unit, code: str) -> Any:
    raise FileRejected(code, "Not like this.", unit.index)


def test_a_verdict_of_a_unit_is_the_verdict_on_the_file(runner: Runner) -> None:
    with pytest.raises(FileRejected) as refusal:
        list(runner(partial(refuse, code="unsupported_escape"), [Unit(7, 0, 10), Unit(8, 10, 20)]))

    assert (refusal.value.code, refusal.value.line) == ("unsupported_escape", 7)
