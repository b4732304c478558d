"""Tell whether the first record names the columns or is data already."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from glue_jobs.kinds import Kind, observe, observe_value
from glue_jobs.options import CsvOptions

_NUMBERS = Kind.INTEGER | Kind.LONG | Kind.FRACTION | Kind.PRECISE | Kind.FLOAT
_YEARS = range(1900, 2101)
# Words for a missing value name no column; in a typed column they say nothing about the first record.
_MISSING = frozenset({"n/a", "na", "null", "none", "nan", "nil", "-", "--", ".", "?", "\\n", "unknown"})


def has_header(first: Sequence[str], rows: Sequence[Sequence[str]], options: CsvOptions) -> bool:
    """True unless the first record looks like the ones below it.

    It does when every typed column (numbers, dates, ...) has a value of its own kind there, too. Years in a row
    (`region,2022,2023`) still are a header, unless all records have them. A single record is data when most of its
    cells are typed.
    """
    kinds = [observe_value(cell, options).kinds if cell.strip() else Kind(0) for cell in first]
    if not rows:
        typed = [kind for kind in kinds if kind and kind != Kind.TEXT]
        return 2 * len(typed) < len(first)
    compared = []
    for cell, kind, column in zip(first, kinds, zip(*rows, strict=True), strict=True):
        if cell.strip().lower() in _MISSING:
            continue
        below = observe([value for value in column if value.strip()], options).kinds if kind else Kind(0)
        if below and (below in _NUMBERS or below.bit_count() == 1) and below != Kind.TEXT:
            if not _is_alike(kind, below):
                return True
            compared.append(cell)
    return not compared or (_are_years(compared) and not all(map(_are_years, rows)))


def _is_alike(kind: Kind, below: Kind) -> bool:
    return kind in below or (kind in _NUMBERS and below in _NUMBERS)


def _are_years(cells: Sequence[str]) -> bool:
    decimals = [cell.strip() for cell in cells if cell.strip().isdecimal()]
    if len(decimals) < 2 or not all(len(text) == 4 and int(text) in _YEARS for text in decimals):
        return False
    numbers = map(int, decimals)
    return len({after - before for before, after in pairwise(numbers)}) == 1
