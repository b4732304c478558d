"""What a contract changes about a run: modes for surprises, types, required columns, rules."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pyarrow as pa
import pytest

from glue_jobs.contract import Contract
from glue_jobs.options import CsvOptions
from glue_jobs.rules import Rule
from tests.glue_jobs.lake import OUTPUT, Lake


@pytest.fixture
def agree(monkeypatch: pytest.MonkeyPatch):
    """Give every dataset this contract."""

    def agreed(**terms) -> None:
        monkeypatch.setattr("glue_jobs.process.contract_of", lambda dataset: Contract(**terms))

    return agreed


def quarantined(lake: Lake, dataset: str) -> list[tuple[int, str, str]]:
    (name,) = lake.objects(f"_quarantine/{dataset}/")
    lines = lake.s3.get_object(Bucket=OUTPUT, Key=name)["Body"].read().splitlines()
    return [(row["line"], row["reason"], row["raw"]) for row in map(json.loads, lines)]


def test_rescue_adds_new_columns_and_keeps_types(lake: Lake) -> None:
    lake.load("t/a.csv", "id,n\n1,10\n")
    lake.load("t/b.csv", "n,extra,id\nten,x,2\n")

    assert lake.values("t", "id", "n", "extra", "_rescued_data") == [
        (1, 10, None, None),
        (2, None, "x", '{"n": "ten"}'),
    ]
    assert dict(lake.columns("t"))["n"] == "bigint"


def test_whole_numbers_that_became_fractions_stay_in_their_column(lake: Lake) -> None:
    lake.load("t/a.csv", "id,n\n1,10\n")
    lake.load("t/b.csv", "id,n\n2.0,20.0\n3.0,\n")

    assert lake.values("t", "id", "n", "_rescued_data") == [(1, 10, None), (2, 20, None), (3, None, None)]


def test_evolve_widens_only_what_old_files_can_still_be_read_as(lake: Lake, agree) -> None:
    agree(mode="evolve", types={"price": pa.decimal128(4, 2)})
    lake.load("t/a.csv", "price,n\n10.25,1\n")
    agree(mode="evolve")
    lake.load("t/b.csv", "price,n\n12345.75,2.5\n")

    assert dict(lake.columns("t"))["price"] == "decimal(7,2)"
    assert dict(lake.columns("t"))["n"] == "bigint"
    rows = lake.values("t", "price", "n", "_rescued_data")
    assert rows == [(Decimal("10.25"), 1, None), (Decimal("12345.75"), None, '{"n": "2.5"}')]


def test_evolve_does_not_let_a_decimal_become_something_else(lake: Lake, agree) -> None:
    agree(mode="evolve", types={"price": pa.decimal128(4, 2)})
    lake.load("t/a.csv", "price\n10.25\n")
    agree(mode="evolve")
    lake.load("t/b.csv", "price\nfree\n11.50\n")

    assert dict(lake.columns("t"))["price"] == "decimal(4,2)"
    assert lake.values("t", "price", "_rescued_data")[1:] == [(Decimal("11.50"), None), (None, '{"price": "free"}')]


def test_freeze_keeps_new_columns_in_the_rescued_data(lake: Lake, agree) -> None:
    agree(mode="freeze")
    lake.load("t/a.csv", "id,n\n1,10\n")
    before = lake.columns("t")
    lake.load("t/b.csv", "id,n,extra\n2,ten,007\n3,30,\n")

    assert lake.columns("t") == before
    assert lake.values("t", "id", "n") == [(1, 10), (2, None), (3, 30)]
    rescued = {row["id"]: row["_rescued_data"] for row in lake.rows("t")}
    assert json.loads(rescued[2]) == {"n": "ten", "extra": "007"}
    assert rescued[3] is None


@pytest.mark.parametrize("content", ["id,n,extra\n2,20,x\n", "id\n2\n", "id,n\n2,ten\n"])
def test_fail_rejects_any_surprise(lake: Lake, agree, content: str) -> None:
    agree(mode="fail")
    lake.load("t/a.csv", "id,n\n1,10\n")
    outcome = lake.load("t/b.csv", content)

    assert (outcome.state, outcome.figures["error"]["code"]) == ("failed", "schema_conflict")
    assert lake.values("t", "id") == [(1,)]


def test_declared_types_hold_from_the_first_file(lake: Lake, agree) -> None:
    agree(
        types={"code": pa.string(), "price": pa.decimal128(12, 2), "day": pa.date32()},
        csv=CsvOptions(date_formats=("%d.%m.%Y",), delimiter=";", decimal=","),
    )
    lake.load("t/a.csv", "code;price;day\n7;1,5;01.05.2024\nx;free;02.05.2024\n")

    assert lake.columns("t")[:3] == [("code", "string"), ("price", "decimal(12,2)"), ("day", "date")]
    assert lake.values("t", "code", "price", "day", "_rescued_data") == [
        ("7", Decimal("1.50"), dt.date(2024, 5, 1), None),
        ("x", None, dt.date(2024, 5, 2), '{"price": "free"}'),
    ]


@pytest.mark.parametrize("content", ["3,30\n4,40\n", "Ann,Paris\nBob,Rome\n"])
def test_a_file_that_lost_its_header_is_refused(lake: Lake, content: str) -> None:
    lake.load("t/a.csv", "id,n\n1,10\n")
    before = lake.columns("t")
    outcome = lake.load("t/b.csv", content)

    error = outcome.figures["error"]
    assert error["code"] == "schema_conflict"
    assert "its header seems to be missing" in error["message"]
    assert (lake.columns("t"), lake.values("t", "id", "n")) == (before, [(1, 10)])


def test_a_refusal_is_no_longer_for_a_wide_table(lake: Lake) -> None:
    lake.load("t/a.csv", ",".join(f"a{n}" for n in range(500)) + "\n1" + ",x" * 499 + "\n")
    outcome = lake.load("t/b.csv", ",".join(f"b{n}" for n in range(500)) + "\ny" + ",x" * 499 + "\n")

    message = outcome.figures["error"]["message"]
    assert "b19 and 480 more): its header seems to be missing" in message
    assert len(message) < 500


def test_a_row_that_breaks_a_rule_shows_the_beginning_of_its_value(lake: Lake, agree) -> None:
    agree(rules=(Rule.of("n", "allowed", values=["x"]),))
    outcome = lake.load("t/a.csv", f"id,n\n1,{'y' * 100_000}\n")

    assert "n is 'yyy" in outcome.figures["error"]["message"]
    assert len(outcome.figures["error"]["message"]) < 500


@pytest.mark.parametrize(("mode", "content"), [("rescue", "sku,price\nA,1.5\n"), ("evolve", "sku,price\nA,B\n")])
def test_a_file_of_new_columns_is_taken_where_that_is_meant(lake: Lake, agree, mode: str, content: str) -> None:
    agree(mode=mode)
    lake.load("t/a.csv", "id,n\n1,10\n")
    lake.load("t/b.csv", content)

    assert lake.values("t", "id", "sku") == [(1, None), (None, "A")]


def test_a_file_without_a_required_column_is_rejected(lake: Lake, agree) -> None:
    agree(required=("id", "n"))
    outcome = lake.load("t/a.csv", "id\n1\n")

    assert outcome.figures["error"]["code"] == "missing_column"
    assert lake.objects() == []


def test_rows_that_break_a_rule_are_in_quarantine_with_their_place(lake: Lake, agree) -> None:
    agree(
        max_quarantined=0.5,
        rules=(
            Rule.of("n", "range", minimum=0),
            Rule.of("text", "not_null"),
            Rule.of("text", "pattern", pattern="(?s)[a-z\n]+"),
        ),
    )
    lake.load("t/a.csv", 'n,text\n1,"a\nb"\n-1,c\n2\n3,\n\n4,D\n5,e\n6,f\n7,g\n')

    assert lake.values("t", "n") == [(1,), (5,), (6,), (7,)]
    assert quarantined(lake, "t") == [
        (4, "rule_range", "-1,c"),
        (5, "too_few_fields", "2"),
        (6, "rule_not_null", "3,"),
        (8, "rule_pattern", "4,D"),
    ]


@pytest.mark.parametrize("unit_size", [64, 1 << 20])
def test_the_first_row_with_a_unique_value_stays(
    lake: Lake, agree, monkeypatch: pytest.MonkeyPatch, unit_size: int
) -> None:
    monkeypatch.setattr("glue_jobs.load.RANGE", unit_size)
    agree(max_quarantined=0.5, rules=(Rule.of("id", "unique"),))
    content = "id,place\n" + "".join(f"{number % 30},{number}\n" for number in range(40)) + ",x\n,y\n"
    outcome = lake.load("t/a.csv", content)

    assert outcome.figures["rows_quarantined"] == 10
    assert sorted(int(row["place"]) for row in lake.rows("t") if row["id"] is not None) == list(range(30))
    assert quarantined(lake, "t") == [
        (number + 2, "rule_unique", f"{number - 30},{number}") for number in range(30, 40)
    ]
    assert outcome.figures["rows_written"] == 32


def test_a_range_holds_for_a_column_that_a_word_made_text(lake: Lake, agree) -> None:
    agree(max_quarantined=0.5, rules=(Rule.of("n", "range", minimum=0),))
    lake.load("t/a.csv", "n\n5\nfive\n-5\n6\n")

    assert lake.values("t", "n") == [("5",), ("6",)]
    assert quarantined(lake, "t") == [(3, "rule_range", "five"), (4, "rule_range", "-5")]


def test_too_many_rows_against_the_rules_reject_the_file(lake: Lake, agree) -> None:
    agree(max_quarantined=0.3, rules=(Rule.of("n", "range", minimum=0),))
    outcome = lake.load("t/a.csv", "n\n-1\n1\n2\n")

    assert outcome.figures["error"]["code"] == "too_many_bad_rows"
    assert "n is -1, against rule range" in outcome.figures["error"]["message"]
    assert lake.objects("t/") == []


@pytest.mark.parametrize("mode", ["rescue", "evolve", "freeze", "fail"])
def test_a_declared_type_that_is_not_the_table_s_is_refused(lake: Lake, agree, mode: str) -> None:
    lake.load("t/a.csv", "id,code\n1,501\n")
    agree(mode=mode, types={"code": pa.string()})
    outcome = lake.load("t/b.csv", "id,code\n2,00502\n")

    error = outcome.figures["error"]
    assert error["code"] == "schema_conflict"
    assert "code is string; the table has it as bigint" in error["message"]
    assert lake.values("t", "id", "code") == [(1, 501)]


def test_evolve_widens_to_a_declared_type(lake: Lake, agree) -> None:
    agree(mode="evolve", types={"price": pa.decimal128(4, 2)})
    lake.load("t/a.csv", "price\n10.25\n12345.75\n")
    agree(mode="evolve", types={"price": pa.decimal128(9, 2)})
    lake.load("t/b.csv", "price\n12345.75\n")

    assert dict(lake.columns("t"))["price"] == "decimal(9,2)"
    assert lake.values("t", "price", "_rescued_data") == [
        (Decimal("10.25"), None),
        (Decimal("12345.75"), None),
        (None, '{"price": "12345.75"}'),
    ]
