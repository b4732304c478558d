"""Check the `strptime` patterns of a contract: each must say all of a moment, and the same on every machine."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

_DIRECTIVE = re.compile(r"%(.?)")
_OF_DATES, _OF_TIMES = frozenset("YymdbBjaA%"), frozenset("HIpMSfz")
# No two of its parts are equal, and day and month could change places.
_PROBE = dt.datetime(2009, 3, 4, 17, 6, 8, tzinfo=dt.UTC)
_ISO = "%Y-%m-%d"


def problem_of_format(pattern: str, earlier: Sequence[str], *, timed: bool) -> str | None:
    """Why a pattern cannot be used after `earlier` ones, which are tried before it; None when it can.

    `timed` says that it is for timestamps, else it is for dates.
    """
    parts = frozenset(_DIRECTIVE.findall(pattern))
    if unusable := sorted(parts - _OF_DATES - _OF_TIMES):
        return f"has %{unusable[0]}, which strptime does not know or reads differently from machine to machine"
    if not parts & set("Yy") or not ("j" in parts or ("d" in parts and parts & set("mbB"))):
        return "does not give year, month and day"
    if timed and "H" not in parts and not parts >= set("Ip"):
        return "does not give the hour (%H, or %I with %p)"
    if not timed and parts & _OF_TIMES:
        return "has a time of day, which a date would lose; use timestamp_formats"
    text = _PROBE.strftime(pattern)
    if _read(text, pattern) is None:
        return "is none that strptime takes"
    for other in (*earlier, _ISO):
        found = _read(text, other)
        if found is not None and found.date() != _PROBE.date():
            return f"contradicts {other}, which is tried first and reads {text} as {found.date()}"
    return None


def _read(text: str, pattern: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(text, pattern)
    except (ValueError, re.error):
        return None
