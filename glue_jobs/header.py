"""Tell whether the first record names the columns or is data already."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from glue_jobs.kinds import Kind, observe, observe_value
from glue_jobs.options import CsvOptions

_MOMENTS = Kind.DATE | Kind.TIMESTAMP | Kind.INSTANT
_NUMBERS = Kind.INTEGER | Kind.LONG | Kind.FRACTION | Kind.PRECISE | Kind.FLOAT
_DIGITS = re.compile(r"\d+")
# `node1,node2` may stand above `node17,node4`; a name with more digits hardly stands above values of the same pattern.
_DIGITS_OF_CODE = 3
_YEARS = range(1900, 2101)
# Words for a missing value name no column; in a typed column they say nothing about the first record.
_MISSING = frozenset({"n/a", "na", "null", "none", "nan", "nil", "-", "--", ".", "?", "\\n", "unknown"})


def has_header(first: Sequence[str], rows: Sequence[Sequence[str]], options: CsvOptions) -> bool:
    """True unless the first record looks like the ones below it.

    It does when every typed column (numbers, dates, ...) and every column of codes (`007`, `A-1407`) has a value of its
    own kind there, too, and for certain when a date stands above dates. Years in a row (`region,2022,2023`) still are
    a header, unless all records have them, and so is what leaves the first cell empty above the names of rows. Where
    all is words, it does when half of its words, and two at least, stand below them again. A single record is data when
    half of its cells are typed or codes, and not years.
    """
    kinds = [observe_value(cell, options).kinds if cell.strip() else Kind(0) for cell in first]
    if not rows:
        telling = [kind for kind, cell in zip(kinds, first, strict=True) if kind & ~Kind.TEXT or _is_code(cell)]
        return _are_years(first) or 2 * len(telling) < len(first)
    if _names_rows(first, rows):
        return True
    columns = list(zip(first, kinds, zip(*rows, strict=True), strict=True))
    if any(kind & _MOMENTS and _is_like_those_below(cell, kind, column, options) for cell, kind, column in columns):
        return False
    compared = []
    for cell, kind, column in columns:
        alike = _is_like_those_below(cell, kind, column, options)
        if alike is False:
            return True
        if alike:
            compared.append(cell)
    if not compared:
        return not _stands_below(first, rows)
    return _are_years(compared) and not all(map(_are_years, rows))


def _is_like_those_below(cell: str, kind: Kind, column: Sequence[str], options: CsvOptions) -> bool | None:
    """Whether a cell of the first record is a value like those of its column; None where that cannot be told."""
    if cell.strip().lower() in _MISSING:
        return None
    values = [value for value in column if value.strip()]
    below = observe(values, options).kinds if kind else Kind(0)
    if Kind.TEXT in below:
        if all(map(_is_code, values)):
            return _shape(cell) in map(_shape, values)
        coded = sum(map(str.isdecimal, cell)) >= _DIGITS_OF_CODE
        return True if coded and all(_shape(value) == _shape(cell) for value in values) else None
    if below and (below in _NUMBERS or below.bit_count() == 1):
        return _is_alike(kind, below)
    return None


def _names_rows(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether only the first cell of a record is empty, and only there, as R and pandas leave it above row names."""
    names = {cell.strip() for cell in first[1:]}
    distinct = len(names) == len(first) - 1 > 0 and all(names)
    return distinct and not first[0].strip() and all(row[0].strip() for row in rows)


def _stands_below(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether half of the words of a record, and two at least, are found below it in their columns, itself left out."""
    columns = zip(*(row for row in rows if row != first), strict=True)
    again = [cell for cell, column in zip(first, columns, strict=False) if cell.strip() and cell in column]
    return len(again) > 1 and 2 * len(again) >= sum(map(bool, map(str.strip, first)))


def buried_header(first: Sequence[str], rows: Sequence[Sequence[str]], options: CsvOptions) -> int | None:
    """Which of `rows` seems to be the header, when the first record looks like the title of a report: a text, and then
    nothing in half of the cells or more.

    It is the first of the fullest ones, the cell above row names left aside, and shows by holding words only; where the
    title has more than one cell, words above values of other kinds. Below two titles of one cell each it may be of any
    kind.
    """
    if not rows or len(first) < 3 or not first[0].strip() or 2 * _filled(first) > len(first):
        return None
    most = max(map(_filled, rows))
    likeliest = next(index for index, row in enumerate(rows) if _filled(row) + (not row[0].strip()) >= most)
    header, below = rows[likeliest], rows[likeliest + 1 :]
    if _filled(header) <= _filled(first):
        return None
    if _is_alone(first) and _is_alone(rows[0]) and _is_words(rows[0][:1], options):
        return likeliest
    found = _is_words(header, options) and (_is_alone(first) or _has_typed_column(below, options))
    return likeliest if found else None


def _is_alone(cells: Sequence[str]) -> bool:
    return bool(cells[0].strip()) and _filled(cells) == 1


def _filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def _is_words(cells: Sequence[str], options: CsvOptions) -> bool:
    return all(observe_value(cell, options).kinds == Kind.TEXT for cell in cells)


def _has_typed_column(rows: Sequence[Sequence[str]], options: CsvOptions) -> bool:
    columns = ([value for value in column if value.strip()] for column in zip(*rows, strict=True))
    return any(values and Kind.TEXT not in observe(values, options).kinds for values in columns)


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
