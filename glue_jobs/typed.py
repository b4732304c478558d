"""Turn a column of text into typed values, finding the values that do not fit.

Three tiers, each giving the same answer as `kinds` would value by value: a cast that proves itself exact (nearly
always enough), the same after setting aside what a pattern shows not to fit, and the reference semantics on every
distinct value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute

from glue_jobs import kinds
from glue_jobs.kinds import Kind
from glue_jobs.options import CsvOptions

pc: Any = pyarrow.compute  # its type stubs refuse plain numbers as operands

BLOCK = 1024
# Up to 15 significant digits survive decimal -> double -> decimal, whatever they are.
_SAFE_DIGITS = 15
_WIDE = Context(prec=kinds.WIDEST_DECIMAL)
_FIRST_DAY, _LAST_DAY = -719162, 2932896
_FIRST_MICRO, _LAST_MICRO = _FIRST_DAY * 86_400_000_000, (_LAST_DAY + 1) * 86_400_000_000 - 1


class Typed(NamedTuple):
    """Values of the wanted type, and a mask of those set to null because their text does not fit (None: all fit)."""

    values: Any
    misfit: Any


def to_type(
    text: Any, wanted: pa.DataType, options: CsvOptions, *, rigid: bool = False, lenient: bool = False
) -> Typed:
    """Convert a string array. A null stays null; a misfit becomes null and is marked.

    `rigid` says that the type was there before the text: then `7.0` is an integer, too, which is how pandas writes 7
    in a column with missing values. `lenient` also takes numbers with leading zeros or a plus sign, and `1E5` for a
    double.
    """
    if pa.types.is_string(wanted) or pa.types.is_large_string(wanted):
        return Typed(text.cast(wanted), None)
    if pa.types.is_null(wanted):
        missing = text.null_count == len(text)
        return Typed(pa.nulls(len(text)), None if missing else text.is_valid())
    base = _base_type(wanted)
    if lenient:
        text = _plain_spelling(text)
    typed = _to_base(text, base, options)
    if rigid and typed.misfit is not None and pa.types.is_integer(wanted):
        typed = _to_base(_without_zero_fraction(text, options), base, options)
    return typed if base == wanted else _narrowed(typed, wanted)


def _base_type(wanted: pa.DataType) -> pa.DataType:
    if pa.types.is_integer(wanted):
        return pa.int64()
    return pa.float64() if pa.types.is_floating(wanted) else wanted


def _to_base(text: Any, base: pa.DataType, options: CsvOptions) -> Typed:
    typed = _vectorised(text, base, options)
    if typed is not None:
        return typed
    if len(text) <= BLOCK:
        return _by_value(text, base, options)
    # Few values need the slow way, so it is taken only for their neighbourhood.
    blocks = [_to_base(text.slice(start, BLOCK), base, options) for start in range(0, len(text), BLOCK)]
    masks = [_none_of(block.values) if block.misfit is None else block.misfit for block in blocks]
    return _typed(pa.concat_arrays([block.values for block in blocks]), pa.concat_arrays(masks))


def _vectorised(text: Any, base: pa.DataType, options: CsvOptions) -> Typed | None:
    if _is_number(base) and (options.decimal != "." or options.thousands):
        return None
    cast, shape = _tools(base)
    values = cast(text, base)
    if values is not None:
        return Typed(values, None)
    if pa.types.is_temporal(base) and (options.date_formats or options.timestamp_formats):
        return None
    trimmed = pc.utf8_trim(text, characters=kinds.BLANKS)
    shaped = pc.match_substring_regex(trimmed, f"^(?:{shape})$")
    values = cast(pc.if_else(shaped, trimmed, None), base)
    return None if values is None else _typed(values, pc.fill_null(pc.invert(shaped), False))


def _typed(values: Any, misfit: Any) -> Typed:
    return Typed(values, misfit if pc.any(misfit).as_py() else None)


def _none_of(values: Any) -> Any:
    return pa.repeat(pa.scalar(False), len(values))


def _narrowed(typed: Typed, wanted: pa.DataType) -> Typed:
    narrow = pc.cast(typed.values, wanted, safe=False)
    if pa.types.is_integer(wanted):
        same = pc.equal(pc.cast(narrow, pa.int64()), typed.values)
    else:
        # The shortest text of the float must be that of the double.
        same = pc.equal(pc.cast(pc.cast(narrow, pa.string()), pa.float64()), typed.values)
    lost = pc.fill_null(pc.invert(same), False)
    misfit = lost if typed.misfit is None else pc.or_(lost, typed.misfit)
    return _typed(pc.if_else(lost, None, narrow), misfit)


def _plain_spelling(text: Any) -> Any:
    trimmed = pc.utf8_trim(text, characters=kinds.BLANKS)
    unsigned = pc.replace_substring_regex(trimmed, r"^\+([0-9.])", r"\1")
    shorter = pc.replace_substring_regex(unsigned, r"^(-?)0+([0-9])", r"\1\2")
    return pc.replace_substring_regex(shorter, r"^(-?[0-9]+)[eE]", r"\1.0e")


def _without_zero_fraction(text: Any, options: CsvOptions) -> Any:
    return pc.replace_substring_regex(text, rf"([0-9]){re.escape(options.decimal)}0([ \t]*)$", r"\1\2")


def _by_value(text: Any, base: pa.DataType, options: CsvOptions) -> Typed:
    encoded = text.dictionary_encode()
    parsed = [_parse(value, base, options) for value in encoded.dictionary.to_pylist()]
    values = pc.take(pa.array(parsed, base), encoded.indices)
    bad = pc.take(pa.array([value is None for value in parsed], pa.bool_()), encoded.indices)
    return _typed(values, pc.fill_null(bad, False))


def _parse(value: str, base: pa.DataType, options: CsvOptions) -> Any:
    seen = kinds.observe_value(value, options)
    text = value.strip(kinds.BLANKS)
    number = kinds.as_plain_number(text, options)
    if pa.types.is_integer(base):
        return int(number) if number and seen.kinds in Kind.INTEGER | Kind.LONG else None
    if pa.types.is_floating(base):
        return float(number or text) if seen.kinds in Kind.INTEGER | Kind.FRACTION | Kind.FLOAT else None
    if pa.types.is_decimal(base):
        return _parse_decimal(number, seen, base)
    if pa.types.is_boolean(base):
        return text.lower() == "true" if seen.kinds == Kind.BOOLEAN else None
    # Not by `seen`: in a declared format, `20240131` is a date, though anywhere else it is a number.
    moment = kinds.as_moment(text, options)
    return moment if moment is not None and kinds.type_of_moment(moment) == base else None


def _parse_decimal(number: str | None, seen: kinds.Observation, base: Any) -> Decimal | None:
    if number is None or seen.kinds == Kind.FLOAT:
        return None
    needed = len(number.partition(".")[2].rstrip("0"))
    fits = needed <= base.scale and seen.whole <= base.precision - base.scale
    return Decimal(number).quantize(Decimal(1).scaleb(-base.scale), context=_WIDE) if fits else None


def _is_number(base: pa.DataType) -> bool:
    return pa.types.is_integer(base) or pa.types.is_floating(base) or pa.types.is_decimal(base)


def _cast(text: Any, wanted: pa.DataType) -> Any:
    try:
        return pc.cast(text, wanted)
    except pa.ArrowInvalid:
        return None


def _cast_integer(text: Any, base: pa.DataType) -> Any:
    values = _cast(text, base)
    if values is None:
        return None
    # All else that the cast lets pass: leading zeros, hexadecimal, a negative zero.
    zero = pc.and_(pc.starts_with(text, "0"), pc.greater(pc.binary_length(text), 1))
    odd = pc.or_(zero, pc.starts_with(text, "-0"))
    return None if pc.any(odd).as_py() else values


def _cast_double(text: Any, base: pa.DataType) -> Any:
    values = _cast(text, base)
    if values is None:
        return None
    # Digits, points and signs that the cast takes can only be wrong by leading zeros or a last point.
    odd = pc.or_(pc.ends_with(text, "."), pc.or_(_zero_without_point(text, "0"), _zero_without_point(text, "-0")))
    for byte in _other_bytes(text, b"0123456789.-"):
        odd = pc.or_(odd, pc.match_substring(text, chr(byte)))
    if not _all(pc.match_substring_regex(text.filter(odd), f"^(?:{kinds.NUMBER}|{kinds.EXPONENT})$")):
        return None
    risky = pc.or_(odd, pc.greater(pc.binary_length(text), _SAFE_DIGITS))
    return values if _all_exact(text.filter(risky)) else None


def _zero_without_point(text: Any, zero: str) -> Any:
    return pc.and_not(pc.starts_with(text, zero), pc.starts_with(text, f"{zero}."))


def _all_exact(numbers: Any) -> bool:
    shortest = pc.cast(pc.cast(numbers, pa.float64()), pa.string())
    differing = numbers.filter(pc.not_equal(shortest, numbers)).unique().to_pylist()
    return all(kinds.is_exact_double(number) for number in differing)


def _cast_decimal(text: Any, base: pa.DataType) -> Any:
    if not _all(pc.match_substring_regex(text, f"^(?:{_decimal_shape(base)})$")):
        return None
    negative_zero = pc.any(pc.match_substring_regex(text, r"^-[0.]*$")).as_py()
    return None if negative_zero else _cast(text, base)


def _decimal_shape(base: Any) -> str:
    """Numbers with no more digits before the point than fit: with more, Arrow's cast overflows without a word."""
    digits = base.precision - base.scale
    whole = f"(?:0|[1-9][0-9]{{0,{digits - 1}}})" if digits else "0"
    return rf"-?(?:{whole}(?:\.[0-9]+)?|\.[0-9]+)"


def _cast_boolean(text: Any, base: pa.DataType) -> Any:
    # Shorter than "true" there are 0 and 1, which are numbers.
    return _cast(text, base) if _shortest(text) >= len("true") else None


def _cast_date(text: Any, base: pa.DataType) -> Any:
    return _within(_cast(text, base), pa.int32(), _FIRST_DAY, _LAST_DAY)


def _cast_timestamp(text: Any, base: pa.DataType) -> Any:
    if _shortest(text) < len("2024-01-01 00:00"):
        return None
    return _within(_cast(text, base), pa.int64(), _FIRST_MICRO, _LAST_MICRO)


def _cast_instant(text: Any, base: pa.DataType) -> Any:
    # A shorter text may lack minutes, which the cast would let pass.
    if _shortest(text) < len("2024-01-01 00:00:00Z"):
        return None
    return _within(_cast(text, base), pa.int64(), _FIRST_MICRO, _LAST_MICRO)


def _within(values: Any, as_integer: pa.DataType, first: int, last: int) -> Any:
    if values is None:
        return None
    ends = pc.min_max(values.view(as_integer)).as_py()
    return values if ends["min"] is None or (ends["min"] >= first and ends["max"] <= last) else None


def _tools(base: pa.DataType) -> tuple[Callable[[Any, pa.DataType], Any], str]:
    if pa.types.is_integer(base):
        return _cast_integer, "0|-?[1-9][0-9]*"
    if pa.types.is_floating(base):
        return _cast_double, f"{kinds.NUMBER}|{kinds.EXPONENT}"
    if pa.types.is_decimal(base):
        return _cast_decimal, _decimal_shape(base)
    if pa.types.is_boolean(base):
        return _cast_boolean, kinds.BOOLEAN
    if pa.types.is_date32(base):
        return _cast_date, kinds.DATE
    if base == pa.timestamp("us"):
        return _cast_timestamp, kinds.TIMESTAMP
    if base == pa.timestamp("us", tz="UTC"):
        return _cast_instant, kinds.TIMESTAMP + kinds.OFFSET
    raise ValueError(f"text cannot be converted to {base}")


def _all(mask: Any) -> bool:
    return pc.all(mask).as_py() is not False


def _shortest(text: Any) -> int:
    shortest: int | None = pc.min(pc.binary_length(text)).as_py()
    return 1 << 30 if shortest is None else shortest


def _other_bytes(text: Any, usual: bytes) -> set[int]:
    offsets, data = text.buffers()[1:]
    if data is None:
        return set()
    ends = memoryview(offsets).cast("i")
    first, last = ends[text.offset], ends[text.offset + len(text)]
    return set(bytes(memoryview(data)[first:last]).translate(None, usual))
