import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from glue_jobs.options import CsvOptions
from glue_jobs.rules import Rule, RuleError


@pytest.mark.parametrize(
    ("rule", "column", "bad"),
    [
        (Rule.of("c", "not_null"), pa.array(["a", None, ""]), [False, True, False]),
        (Rule.of("c", "range", minimum=1, maximum=3), pa.array([0, 1, 3, 4, None]), [True, False, False, True, False]),
        (Rule.of("c", "range", minimum=0.5), pa.array([0.25, 0.5, 1.0]), [True, False, False]),
        (
            Rule.of("c", "range", maximum=1.5),
            pa.array([Decimal("1.50"), Decimal("1.51"), None], pa.decimal128(9, 2)),
            [False, True, False],
        ),
        (
            Rule.of("c", "range", minimum=dt.date(2024, 1, 1)),
            pa.array([dt.date(2023, 12, 31), dt.date(2024, 1, 1), None]),
            [True, False, False],
        ),
        (
            Rule.of("c", "range", minimum=0, maximum=5),
            pa.array(["3", "007", "-1", "abc", None, "1e0"]),
            [False, True, True, True, False, False],
        ),
        (Rule.of("c", "range", maximum=10**20), pa.array([1, -1, None]), [False, False, False]),
        (
            Rule.of("c", "range", minimum=0),
            pa.array([Decimal("0.5"), Decimal("-0.5")], pa.decimal128(38, 38)),
            [False, True],
        ),
        (Rule.of("c", "range", minimum=0), pa.array([dt.date(2024, 1, 1), None]), [True, False]),
        (
            Rule.of("c", "range", minimum=dt.datetime(2024, 1, 1)),
            pa.array([dt.datetime(2024, 1, 2), dt.datetime(2023, 1, 2)], pa.timestamp("us", tz="UTC")),
            [False, True],
        ),
        (Rule.of("c", "pattern", pattern="[A-Z]{2}"), pa.array(["AB", "ABC", "ab", None]), [False, True, True, False]),
        (Rule.of("c", "pattern", pattern="a|b"), pa.array(["a", "b", "ab"]), [False, False, True]),
        (Rule.of("c", "pattern", pattern="2.*"), pa.array([21, 12, None]), [False, True, False]),
        (Rule.of("c", "allowed", values=["x", "y"]), pa.array(["x", "z", None]), [False, True, False]),
        (Rule.of("c", "allowed", values=[1, 2]), pa.array([1, 3, None]), [False, True, False]),
        (Rule.of("c", "allowed", values=[1, 2]), pa.array(["1", "3"]), [False, True]),
    ],
)
def test_a_rule_marks_exactly_the_rows_that_break_it(rule: Rule, column: pa.Array, bad: list[bool]) -> None:
    assert rule.violated_by(pa.chunked_array([column])).to_pylist() == bad


def test_a_range_reads_texts_as_the_contract_writes_numbers() -> None:
    rule = Rule.of("c", "range", maximum=1000)

    found = rule.violated_by(pa.array(["999,5", "1.000,5", "x"]), CsvOptions(decimal=",", thousands="."))

    assert found.to_pylist() == [False, True, True]


@pytest.mark.parametrize(
    ("parameters", "key"),
    [
        ({"rule": "positive"}, "rule"),
        ({"rule": "range"}, "minimum"),
        ({"rule": "range", "minimum": "1"}, "minimum"),
        ({"rule": "range", "minimum": 3, "maximum": 1}, "maximum"),
        ({"rule": "range", "minimum": 3, "maximum": dt.date(2024, 1, 1)}, "maximum"),
        ({"rule": "pattern"}, "pattern"),
        ({"rule": "pattern", "pattern": "("}, "pattern"),
        ({"rule": "allowed"}, "values"),
        ({"rule": "allowed", "values": "x"}, "values"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(parameters: dict, key: str) -> None:
    with pytest.raises(RuleError) as caught:
        Rule.of("c", **parameters)

    assert caught.value.key == key
    assert caught.value.fix
