"""Cells as files hold them, at the edges of every type, and when a loaded value still says what a cell said."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

DELIMITERS = [",", ";", "\t", "|"]
_DAYS = st.dates(dt.date(1, 1, 2), dt.date(9999, 12, 30))
_MOMENTS = st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30))
_EDGES = [0, 1, 2**31, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, 10**37, 10**38 - 1, 10**38]
_SPECIAL = st.sampled_from(['"', "'", "\\", "\r", "\n", "\r\n", *DELIMITERS, " ", "é", "東", "😀", "x", "0", "="])

CELLS: dict[str, st.SearchStrategy[str]] = {
    "integers": st.one_of(st.integers(), st.sampled_from(_EDGES)).flatmap(lambda n: st.sampled_from([str(n), str(-n)])),
    "fractions": st.decimals(allow_nan=False, allow_infinity=False, places=3).map(lambda number: f"{number:f}"),
    "floats": st.floats(allow_nan=False, allow_infinity=False).map(repr),
    "odd numbers": st.sampled_from(["007", "+5", "5.", ".5", "1e5", "1.50", "-0", "1,000", "0x1F", "NaN", "٣", " 7 "]),
    "booleans": st.sampled_from(["true", "FALSE", "True", "yes", "0"]),
    "dates": _DAYS.map(dt.date.isoformat),
    "odd dates": st.sampled_from(["0000-00-00", "2024-02-30", "1/2/2024", "20240101", "10000-01-01", "2024-1-1"]),
    "timestamps": st.builds(lambda moment, sep: moment.isoformat(sep), _MOMENTS, st.sampled_from([" ", "T"])),
    "instants": st.builds(
        lambda moment, offset: moment.isoformat() + offset, _MOMENTS, st.sampled_from(["Z", "+00:00", "-0530", "+14"])
    ),
    "codes": st.from_regex(r"[0-9]{5}", fullmatch=True, alphabet=st.characters(codec="ascii")),
    "words": st.sampled_from(["", "NA", "null", "\\N", "-", "Zoë", "it's", "a, b", "C:\\dir\\", "a\nb", "a\r\nb"]),
    "texts": st.lists(_SPECIAL, max_size=5).map("".join),
}


def written(cell: str | None, delimiter: str) -> str:
    """One field of a file; an empty text stands in quotes, a missing one does not."""
    if cell is None:
        return ""
    if not cell or any(special in cell for special in (delimiter, '"', "\r", "\n")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def says(value: Any, cell: str | None) -> bool:
    """Whether a value is what the cell said, up to blanks, trailing zeros, the case of booleans and an offset."""
    if value is None or cell is None or isinstance(value, str):
        return value == cell
    text = cell.strip(" \t")
    if isinstance(value, bool):
        return text.lower() == str(value).lower()
    if isinstance(value, int | float | Decimal):
        return Decimal(text) == Decimal(repr(value) if isinstance(value, float) else value)
    if isinstance(value, dt.datetime):
        said = dt.datetime.fromisoformat(text)
        return said == value and (said.tzinfo is None) == (value.tzinfo is None)
    return bool(value == dt.date.fromisoformat(text))
