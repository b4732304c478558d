"""Compare values with the bounds of a range, whatever the type of their column."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from glue_jobs.kinds import as_moment, as_plain_number
from glue_jobs.options import CsvOptions

_NUMERAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?")


def is_between(value: Any, minimum: Any, maximum: Any, options: CsvOptions) -> bool:
    """Whether a value is in the range; a bound of None is no bound. What cannot be compared is not.

    A text counts as the number or moment it is written for; a moment without an offset is one of UTC.
    """
    found = _ordered(value, options)
    bounds = _ordered(minimum, options), _ordered(maximum, options)
    if found is None or any(bound is not None and type(bound) is not type(found) for bound in bounds):
        return False
    lowest, highest = bounds
    return (lowest is None or lowest <= found) and (highest is None or found <= highest)


def _ordered(value: Any, options: CsvOptions) -> Any:
    """A number as Decimal, a moment as a datetime with an offset, None for anything else."""
    if isinstance(value, str):
        value = _meaning(value.strip(), options)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time())
    if isinstance(value, dt.datetime):
        return value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return Decimal(str(value))


def _meaning(text: str, options: CsvOptions) -> Any:
    number = as_plain_number(text, options)
    if number is None and options.decimal == "." and _NUMERAL.fullmatch(text):
        number = text
    return as_moment(text, options) if number is None else Decimal(number)
