"""What a text can stand for without loss: the reference semantics of type inference, one value at a time.

A text is a number, a date and so on only if reading it and writing it back gives the same text, up to surrounding
blanks, trailing zeros of a fraction (`1.50` = `1.5`), the case of `true` and `false`, `T` or a blank between date and
time, absent seconds, and the offset of an instant. So `007`, `+5`, `1,000`, `0x1F`, `512E3`, `NaN` and `yes` are text.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import pyarrow as pa

from glue_jobs.options import CsvOptions

BLANKS = " \t"
NUMBER = r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|\.[0-9]+)"
# `512E3` is an article code; programs write exponents after a fraction, or after one digit and with a sign.
EXPONENT = r"-?(?:(?:0|[1-9][0-9]*)\.[0-9]+[eE][+-]?|[0-9][eE][+-])[0-9]{1,3}"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
TIMESTAMP = DATE + r"[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6}0*)?)?"
OFFSET = r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
BOOLEAN = r"(?i:true|false)"

WIDEST_DECIMAL = 38
_NUMBER, _EXPONENT, _DATE, _BOOLEAN = (re.compile(p) for p in (NUMBER, EXPONENT, DATE, BOOLEAN))
_LONGEST_BIGINT = 19
_TIMESTAMP, _INSTANT = re.compile(TIMESTAMP), re.compile(TIMESTAMP + OFFSET)
_RUN_TOGETHER = re.compile(r"%[YymdjHIMS]%[mdjHIMSf]")
_EXCESS_ZEROS = re.compile(r"(\.[0-9]{6})0+")


class Kind(enum.IntFlag):
    """The kinds of value seen in a column."""

    INTEGER = enum.auto()  # fits bigint, and double exactly
    LONG = enum.auto()  # fits bigint only
    FRACTION = enum.auto()  # plain decimal notation, survives as double
    PRECISE = enum.auto()  # plain decimal notation, only a decimal holds it
    FLOAT = enum.auto()  # exponents and negative zero: only a double holds it
    BOOLEAN = enum.auto()
    DATE = enum.auto()
    TIMESTAMP = enum.auto()
    INSTANT = enum.auto()
    TEXT = enum.auto()


NOTHING = Kind(0)
_BIGINT = Kind.INTEGER | Kind.LONG
_DOUBLE = Kind.INTEGER | Kind.FRACTION | Kind.FLOAT
_DECIMAL = Kind.INTEGER | Kind.LONG | Kind.FRACTION | Kind.PRECISE
_SOLE: dict[Kind, pa.DataType] = {
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.TIMESTAMP: pa.timestamp("us"),
    Kind.INSTANT: pa.timestamp("us", tz="UTC"),
}


@dataclass(frozen=True, slots=True)
class Observation:
    """The kinds of a column's values, and the most digits of its plain numbers before and after the point.

    Observations form a lattice: joining them in any order gives the same, so the type depends on the values only.
    """

    kinds: Kind = NOTHING
    whole: int = 0
    fraction: int = 0

    def __or__(self, other: Observation) -> Observation:
        return Observation(self.kinds | other.kinds, max(self.whole, other.whole), max(self.fraction, other.fraction))

    @property
    def type(self) -> pa.DataType:
        """The narrowest type that holds every value; null when there is none."""
        kinds = self.kinds
        if kinds == NOTHING:
            return pa.null()
        if kinds in _BIGINT:
            return pa.int64()
        if kinds in _DOUBLE:
            return pa.float64()
        if kinds in _DECIMAL and self.whole + self.fraction <= WIDEST_DECIMAL:
            return pa.decimal128(max(self.whole + self.fraction, 1), self.fraction)
        return _SOLE.get(kinds, pa.string())


def observation_of(type_: pa.DataType) -> Observation:
    """The least observation that has this type, or leads to it together with the values themselves."""
    if pa.types.is_null(type_):
        return Observation()
    if pa.types.is_integer(type_):
        return Observation(Kind.INTEGER)
    if pa.types.is_floating(type_):
        return Observation(Kind.FRACTION)
    if pa.types.is_decimal(type_):
        return Observation(Kind.PRECISE, type_.precision - type_.scale, type_.scale)
    return Observation(next((kind for kind, sole in _SOLE.items() if sole == type_), Kind.TEXT))


def observe(values: Iterable[str], options: CsvOptions) -> Observation:
    """The observation of `values`; stops at the first text, which nothing can outweigh."""
    seen = Observation()
    for value in values:
        seen |= observe_value(value, options)
        if seen.kinds & Kind.TEXT:
            break
    return seen


def observe_value(value: str, options: CsvOptions) -> Observation:
    """The observation of one value."""
    text = value.strip(BLANKS)
    number = as_plain_number(text, options)
    if number is not None:
        return _observe_number(number)
    if _EXPONENT.fullmatch(text) and options.decimal == ".":
        return Observation(Kind.FLOAT if is_exact_double(text) else Kind.TEXT)
    if _BOOLEAN.fullmatch(text):
        return Observation(Kind.BOOLEAN)
    moment = as_moment(text, options)
    return Observation(Kind.TEXT if moment is None else _kind_of_moment(moment))


def _observe_number(number: str) -> Observation:
    whole, _, fraction = number.lstrip("-").partition(".")
    if number.startswith("-") and not (whole + fraction).strip("0"):
        return Observation(Kind.FLOAT)
    exact = is_exact_double(number)
    if fraction:
        digits = len(whole.lstrip("0"))
        return Observation(Kind.FRACTION if exact else Kind.PRECISE, digits, len(fraction))
    if len(whole) > _LONGEST_BIGINT or not -(2**63) <= int(number) < 2**63:
        return Observation(Kind.PRECISE, len(whole))
    return Observation(Kind.INTEGER if exact else Kind.LONG, len(whole))


def type_of_moment(moment: dt.date | dt.datetime) -> pa.DataType:
    """The type that a date or datetime is a value of."""
    return _SOLE[_kind_of_moment(moment)]


def _kind_of_moment(moment: dt.date | dt.datetime) -> Kind:
    if not isinstance(moment, dt.datetime):
        return Kind.DATE
    return Kind.INSTANT if moment.tzinfo else Kind.TIMESTAMP


def as_plain_number(text: str, options: CsvOptions) -> str | None:
    """`text` as a number with a point and no grouping, None when it is not in the dataset's plain notation."""
    if options.decimal != "." or options.thousands:
        if not localized_number(options.decimal, options.thousands).fullmatch(text):
            return None
        text = text.replace(options.thousands, "") if options.thousands else text
        text = text.replace(options.decimal, ".")
    return text if _NUMBER.fullmatch(text) else None


@lru_cache(maxsize=16)
def localized_number(decimal: str, thousands: str) -> re.Pattern[str]:
    """Numbers written with these separators; groups, where used, are of three digits."""
    point, group = re.escape(decimal), re.escape(thousands)
    grouped = rf"[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+|" if thousands else ""
    return re.compile(rf"-?(?:(?:{grouped}0|[1-9][0-9]*)(?:{point}[0-9]+)?|{point}[0-9]+)")


def is_exact_double(number: str) -> bool:
    """Whether the shortest text of the nearest double is this very number."""
    value = float(number)
    return value - value == 0 and Decimal(repr(value)) == Decimal(number)


def as_moment(text: str, options: CsvOptions) -> dt.date | dt.datetime | None:
    """A date, or a datetime with or without an offset; None when `text` is neither."""
    try:
        if _DATE.fullmatch(text):
            return dt.date.fromisoformat(text)
        if _TIMESTAMP.fullmatch(text) or _INSTANT.fullmatch(text):
            moment = dt.datetime.fromisoformat(_EXCESS_ZEROS.sub(r"\1", text))
            return moment.astimezone(dt.UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None
    return _declared_moment(text, options)


def _declared_moment(text: str, options: CsvOptions) -> dt.date | dt.datetime | None:
    for pattern in options.date_formats:
        if (moment := _as_declared(text, pattern)) is not None:
            return moment.date()
    for pattern in options.timestamp_formats:
        if (moment := _as_declared(text, pattern)) is not None:
            return moment
    return None


def _as_declared(text: str, pattern: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.strptime(text, pattern)
        # Without separators, `2024111` would be the 11th of January as well as the 1st of November.
        if _RUN_TOGETHER.search(pattern):
            before_offset = moment.strftime(pattern.partition("%z")[0])
            if not text.lower().startswith(before_offset.lower()):
                return None
        return moment.astimezone(dt.UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None
