"""Tell whether the first record names the columns or is data already."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from glue_jobs.kinds import Kind, observe, observe_value
from glue_jobs.options import CsvOptions

_NUMBERS = Kind.INTEGER | Kind.LONG | Kind.FRACTION | Kind.PRECISE | Kind.FLOAT
_DIGITS = re.compile(r"\d+")
_YEARS = range(1900, 2101)
# Words for a missing value name no column; in a typed column they say nothing about the first record.
_MISSING = frozenset({"n/a", "na", "null", "none", "nan", "nil", "-", "--", ".", "?", "\\n", "unknown"})


def has_header(first: Sequence[str], rows: Sequence[Sequence[str]], options: CsvOptions) -> bool:
    """True unless the first record looks like the ones below it.

    It does when every typed column (numbers, dates, ...) and every column of codes (`007`) has a value of its own kind
    there, too. Years in a row (`region,2022,2023`) still are a header, unless all records have them. A single record
    is data when half of its cells are typed or codes, and not years.
    """
    kinds = [observe_value(cell, options).kinds if cell.strip() else Kind(0) for cell in first]
    if not rows:
        telling = [kind for kind, cell in zip(kinds, first, strict=True) if kind & ~Kind.TEXT or _is_code(cell)]
        return _are_years(first) or 2 * len(telling) < len(first)
    compared = []
    for cell, kind, column in zip(first, kinds, zip(*rows, strict=True), strict=True):
        if cell.strip().lower() in _MISSING:
            continue
        values = [value for value in column if value.strip()]
        below = observe(values, options).kinds if kind else Kind(0)
        if Kind.TEXT in below and all(map(_is_code, values)):
            if _shape(cell) not in map(_shape, values):
                return True
            compared.append(cell)
        if below and (below in _NUMBERS or below.bit_count() == 1) and below != Kind.TEXT:
            if not _is_alike(kind, below):
                return True
            compared.append(cell)
    return not compared or (_are_years(compared) and not all(map(_are_years, rows)))


def is_title(first: Sequence[str], rows: Sequence[Sequence[str]], options: CsvOptions) -> bool:
    """Whether the first record looks like the title of a report: a text, and then nothing in all the other cells.

    Then the first of the fullest records is the header, so it holds words only.
    """
    titled = len(first) > 2 and bool(first[0].strip()) and not any(map(str.strip, first[1:]))
    fullest = max(rows, key=lambda row: sum(map(bool, row)), default=())
    fuller = sum(map(bool, fullest)) > 1
    return titled and fuller and all(observe_value(cell, options).kinds == Kind.TEXT for cell in fullest)


def _is_code(text: str) -> bool:
    """Whether a text has digits and no letters, like `007`, `1,5` or `03/04/2024`; hardly any column is called so."""
    return any(map(str.isdecimal, text)) and not any(map(str.isalpha, text))


def _shape(code: str) -> str:
    return _DIGITS.sub("0", code.strip())


def _is_alike(kind: Kind, below: Kind) -> bool:
    return kind in below or (kind in _NUMBERS and below in _NUMBERS)


def _are_years(cells: Sequence[str]) -> bool:
    decimals = [cell.strip() for cell in cells if cell.strip().isdecimal()]
    if len(decimals) < 2 or not all(len(text) == 4 and int(text) in _YEARS for text in decimals):
        return False
    numbers = map(int, decimals)
    return len({after - before for before, after in pairwise(numbers)}) == 1
