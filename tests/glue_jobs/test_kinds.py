"""What a text stands for, value by value and vectorised."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glue_jobs.infer import observe_column
from glue_jobs.kinds import Kind, Observation, as_moment, observe, observe_value
from glue_jobs.options import CsvOptions
from glue_jobs.type_names import parse_type, spark_type
from glue_jobs.typed import to_type

PLAIN = CsvOptions()
COMMA = CsvOptions(decimal=",", thousands=".")

TYPE_OF = {
    "bigint": ["0", "7", "-12", " 5", "12\t", "9223372036854775807", "-9223372036854775808", "1700000000000"],
    "double": ["0.5", ".5", "1.50", "-0", "-0.0", "1.5E3", "6.022e23", "1e-05", "2E+10", " 2.5 "],
    "boolean": ["true", "FALSE", "True"],
    "date": ["2024-02-29", "0001-01-01", "1582-10-10", "9999-12-31"],
    "timestamp_ntz": ["2024-01-01 10:20", "2024-01-01T10:20:30", "2024-03-31 01:30:00.123456",
                       "2024-01-01 00:00:00.1000000"],
    "timestamp": ["2024-01-01T10:20:30Z", "2024-01-01 10:20:30+02:00", "2024-01-01T10:20:30.5-0530",
                   "2024-01-01T10:20+02"],
}  # fmt: skip
TEXTS = [
    "007", "00.5", "+5", "1.", "1,000", "1_000", "1e5", "512E03", "1e400", "0x1F", "10D", "5f", "NaN", "inf",
    "Infinity", "NA", "null", "yes", "T", "5%", "$5", "١٢", "\uff11\uff12", "\u00a05", "", " ", "-", ".",
    "2023-02-29", "2023-13-01", "0000-01-01", "2023-1-5", "03/04/2023", "10000-01-01", "09:30", "24:00:00",
    "2023-01-01 24:00:00", "2023-06-30 23:59:60", "2023-01-01T00:00:00.1234567", "2023-01-01 10", "2023-01-01T10+02:00",
    "2023-01-01Z", "2023-01-01 10:20:30 UTC", "0001-01-01T00:00:00+05:00", "9999-12-31T23:00:00-05:00",
]  # fmt: skip
EVERYTHING = [text for texts in TYPE_OF.values() for text in texts] + [
    *TEXTS, "9223372036854775808", "0.1000000000000000055", "123456789012345678.91", "0.1234567890123456", "1.000",
    "8" * 37, "-" + "9" * 38,
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in TYPE_OF.items() for text in texts])
def test_a_value_that_survives_the_round_trip_has_its_type(name: str, text: str) -> None:
    assert spark_type(observe_value(text, PLAIN).type) == name


@pytest.mark.parametrize("text", TEXTS)
def test_a_value_that_would_be_altered_stays_text(text: str) -> None:
    assert observe_value(text, PLAIN).kinds == Kind.TEXT


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (["1", "2.5"], "double"),
        (["1", "9223372036854775808"], "decimal(19,0)"),
        (["9007199254740993", "0.5"], "decimal(17,1)"),
        (["123456789012345678.91", "0.10"], "decimal(20,2)"),
        (["12345678901234567890123456789", "0.1234567890"], "string"),
        (["1.5e3", "9007199254740993"], "string"),
        (["2024-01-01", "2024-01-01 00:00:00"], "string"),
        (["2024-01-01 00:00:00", "2024-01-01 00:00:00Z"], "string"),
        (["true", "0"], "string"),
        (["1", "x"], "string"),
    ],
)
def test_a_column_gets_the_narrowest_type_for_all_its_values(values: list[str], name: str) -> None:
    for column in (values, values[::-1]):
        assert spark_type(observe(column, PLAIN).type) == name
        assert spark_type(observe_column(pa.array(column), PLAIN).type) == name


def test_nothing_seen_has_the_null_type() -> None:
    assert Observation().type == pa.null()
    assert observe_column(pa.array([None], pa.string()), PLAIN) == Observation()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1.234,56", Kind.FRACTION),
        ("1234,5", Kind.FRACTION),
        (",5", Kind.FRACTION),
        ("1.234", Kind.INTEGER),
        ("1.23", Kind.TEXT),
        ("1.5e3", Kind.TEXT),
    ],
)
def test_declared_separators_are_the_only_ones(text: str, kind: Kind) -> None:
    assert observe_value(text, COMMA).kinds == kind


def test_declared_formats_are_tried_in_order() -> None:
    options = CsvOptions(date_formats=("%d.%m.%Y", "%m/%d/%Y"), timestamp_formats=("%d.%m.%Y %H:%M",))

    typed = to_type(pa.array(["31.12.2024", "02/03/2024", "2024-05-06", "32.12.2024"]), pa.date32(), options)

    assert [str(value) for value in typed.values.to_pylist()] == ["2024-12-31", "2024-02-03", "2024-05-06", "None"]
    assert typed.misfit.to_pylist() == [False, False, False, True]
    assert observe_value("31.12.2024 10:20", options).kinds == Kind.TIMESTAMP


def test_a_declared_format_of_digits_makes_dates_only_where_they_are_wanted() -> None:
    options = CsvOptions(date_formats=("%Y%m%d",))

    typed = to_type(pa.array(["20240131", "2024111", "20240231"]), pa.date32(), options)

    assert [str(value) for value in typed.values.to_pylist()] == ["2024-01-31", "None", "None"]
    assert observe_value("20240131", options).kinds == Kind.INTEGER


def test_a_declared_format_may_end_with_an_offset() -> None:
    options = CsvOptions(timestamp_formats=("%Y%m%dT%H%M%S%z", "%d.%m.%Y %H:%M:%S%z"))

    for text in ("20240131T102030+0100", "31.01.2024 10:20:30+01:00"):
        assert str(as_moment(text, options)) == "2024-01-31 09:20:30+00:00"


def test_a_declared_double_takes_exponents_of_any_spelling() -> None:
    typed = to_type(pa.array(["1E5", "012e2", "+3e-2", "1E400", "E5"]), pa.float64(), CsvOptions(), lenient=True)

    assert typed.values.to_pylist() == [100000.0, 1200.0, 0.03, None, None]


NAMED_TYPES = [
    "bigint",
    "double",
    "decimal(10,2)",
    "decimal(38,19)",
    "decimal(38,2)",
    "boolean",
    "date",
    "timestamp_ntz",
    "timestamp",
]


@settings(max_examples=300)
@given(
    st.sampled_from(NAMED_TYPES),
    st.lists(st.one_of(st.none(), st.sampled_from(EVERYTHING)), max_size=6),
)
def test_vectorised_conversion_agrees_with_one_value_at_a_time(name: str, values: list[str | None]) -> None:
    wanted = parse_type(name)
    together = to_type(pa.array(values, pa.string()), wanted, PLAIN)
    alone = [to_type(pa.array([value], pa.string()), wanted, PLAIN) for value in values]

    expected = [one.values[0].as_py() for one in alone]
    misfits = [one.misfit is not None for one in alone]
    assert list(map(repr, together.values.to_pylist())) == list(map(repr, expected))
    assert (together.misfit.to_pylist() if together.misfit is not None else [False] * len(values)) == misfits
    fits_alone = [value is not None and _holds(value, wanted) for value in values]
    assert fits_alone == [value is not None for value in expected]


def _holds(value: str, wanted: Any) -> bool:
    seen = observe_value(value, PLAIN)
    if pa.types.is_floating(wanted):
        return seen.kinds in Kind.INTEGER | Kind.FRACTION | Kind.FLOAT
    if pa.types.is_decimal(wanted):
        numbers = Kind.INTEGER | Kind.LONG | Kind.FRACTION | Kind.PRECISE
        written = len(value.strip().partition(".")[2].rstrip("0"))
        return seen.kinds in numbers and seen.whole <= wanted.precision - wanted.scale and written <= wanted.scale
    return bool(seen.type == wanted)


@pytest.mark.parametrize(
    ("wanted", "values", "misfits"),
    [
        (pa.int8(), ["127", "128", "-128"], [False, True, False]),
        (pa.float32(), ["0.1", "16777217", "1e300"], [False, True, True]),
        (pa.int64(), ["1"] * 3000 + ["2024-01-01"], [False] * 3000 + [True]),
        (pa.date32(), ["2024-01-01"] * 3000 + ["2024-02-30"], [False] * 3000 + [True]),
        (pa.decimal128(38, 10), ["1", "8466136957315825640415914155344081108"], [False, True]),
        (pa.decimal128(38, 38), ["0.5", "0", "1", "-.25"], [False, False, True, False]),
    ],
)
def test_only_what_does_not_fit_is_marked(wanted: pa.DataType, values: list[str], misfits: list[bool]) -> None:
    typed = to_type(pa.array(values), wanted, PLAIN)

    assert typed.misfit.to_pylist() == misfits
    assert typed.values.is_null().to_pylist() == misfits


def test_a_whole_number_may_have_a_zero_fraction_where_the_type_is_given() -> None:
    written = ["7.0", "7", " -7.0 ", "7.5", "7.000", "007.0", "-0.0", ".0", "x"]

    given = to_type(pa.array(written), pa.int64(), PLAIN, rigid=True)
    found = to_type(pa.array(written), pa.int64(), PLAIN)

    assert given.values.to_pylist() == [7, 7, -7, *[None] * 6]
    assert given.misfit.to_pylist() == [value is None for value in given.values.to_pylist()]
    assert found.values.to_pylist() == [None, 7, *[None] * 7]


def test_a_declared_number_may_have_leading_zeros_or_a_plus_sign() -> None:
    typed = to_type(pa.array(["007", "+5", "0", "-04", "x"]), pa.int64(), PLAIN, lenient=True)

    assert typed.values.to_pylist() == [7, 5, 0, -4, None]
