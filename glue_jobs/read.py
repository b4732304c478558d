"""Read the records of one range: text columns for the good ones, the bad ones set aside with their place.

Arrow's CSV parser does the work. What it would let pass or cannot tell (text after a closing quote, bytes that are
not text) is found before, and only around such a thing are records looked at one by one.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.csv

from glue_jobs.dialect import Dialect
from glue_jobs.escapes import Escapes
from glue_jobs.faults import LineCounter, Separated, find_line, is_text, locate, separate
from glue_jobs.grammar import Quotes, count_lines, prove_quotes
from glue_jobs.rejects import MOST_IN_RANGE, Reject, too_many_rejects

csv: Any = pyarrow.csv


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a range. Lines of `rejects` count from 1 at its start; `lines` is how many it has.

    `open_line` is where a record starts whose quote is still open at the range's end, which then is no record
    boundary. `multibyte` says that some text is not ASCII.
    """

    table: pa.Table
    rejects: tuple[Reject, ...]
    lines: int
    open_line: int | None
    multibyte: bool


def read_records(data: bytes, dialect: Dialect) -> Records:
    """Parse bytes that start with a record and end with one (or at the end of the text)."""
    escapes = Escapes.of(dialect.escape, dialect.quote, data)
    text = escapes.hide(data)
    separated = Separated(text, [], frozenset(), None)
    repeated = bool(dialect.header_record) and find_line(text, dialect.header_record, 0) >= 0
    proven = prove_quotes(text, dialect.grammar) in (Quotes.NONE, Quotes.PAIRED)
    if repeated or not proven or not is_text(text):
        separated = separate(text, dialect.grammar, dialect.header_record)
        if separated.open_at is not None:
            line = LineCounter(text).at(separated.open_at)
            return Records(empty_table(dialect), (), count_lines(text), line, False)
    table, ragged = _parse(separated.clean, dialect)
    rejects = _in_order(separated, ragged, text, dialect)
    shown = tuple(r._replace(raw=escapes.show(r.raw)) for r in rejects) if escapes.table else tuple(rejects)
    return Records(escapes.restore(table), shown, count_lines(data), None, not separated.clean.isascii())


def empty_table(dialect: Dialect) -> pa.Table:
    """No records, all columns."""
    return pa.table({str(position): pa.array([], pa.string()) for position in range(dialect.width)})


class _Ragged(NamedTuple):
    """A record with the wrong number of fields; `number` counts from 1 in the text given to Arrow."""

    number: int
    fields: int
    raw: bytes


def _parse(text: bytes, dialect: Dialect) -> tuple[pa.Table, list[_Ragged]]:
    ragged: list[_Ragged] = []

    def set_aside(row: Any) -> str:
        # A line of nothing but blanks is as good as empty.
        if row.text.strip(" \t"):
            ragged.append(_Ragged(row.number, row.actual_columns, row.text.encode()))
        return "skip" if len(ragged) <= MOST_IN_RANGE else "error"

    if not text:
        return empty_table(dialect), ragged
    if text.startswith(BOM_UTF8):
        text = BOM_UTF8 + text  # Arrow drops one, but below the header it is data
    if not text.endswith((b"\n", b"\r")):
        text += b"\n"  # without it, Arrow takes a missing last value for an empty text
    try:
        table = _read_csv(text, dialect, set_aside)
    except pa.ArrowInvalid as error:
        if len(ragged) <= MOST_IN_RANGE:
            raise
        raise too_many_rejects() from error
    return table.combine_chunks(), ragged


def _read_csv(text: bytes, dialect: Dialect, set_aside: Callable[[Any], str]) -> pa.Table:
    names = [str(position) for position in range(dialect.width)]
    table: pa.Table = csv.read_csv(
        pa.BufferReader(text),
        csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=names),
        csv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=dialect.quote or False,
            newlines_in_values=bool(dialect.quote),
            # In a file of one column, an empty line is a record whose only value is missing.
            ignore_empty_lines=dialect.width > 1,
            invalid_row_handler=set_aside,
        ),
        csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            check_utf8=False,
            null_values=["", *dialect.options.null_tokens],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return table


def _in_order(separated: Separated, ragged: list[_Ragged], text: bytes, dialect: Dialect) -> list[Reject]:
    """All rejects of the range by line: Arrow numbers the ragged ones among the clean text's records."""
    if not ragged:
        return separated.rejects
    lines: dict[int, int] = {}
    if separated.rejects or dialect.quote.encode() in text or not _one_line_each(text):
        numbers = [record.number for record in ragged]
        places = locate(text, dialect.grammar, dialect.width, numbers, separated.offsets)
        counter = LineCounter(text)
        lines = {number: counter.at(offset) for number, offset in places.items()}
    rejects = [
        Reject(lines.get(number, number), *_why_ragged(fields, dialect.width), raw) for number, fields, raw in ragged
    ]
    return sorted([*separated.rejects, *rejects], key=lambda reject: reject.line)


def _one_line_each(text: bytes) -> bool:
    return not (b"\r" in text or b"\n\n" in text or text.startswith(b"\n"))


@lru_cache(maxsize=256)
def _why_ragged(fields: int, expected: int) -> tuple[str, str]:
    reason = "too_many_fields" if fields > expected else "too_few_fields"
    return reason, f"{fields} field{'s' * (fields != 1)}, expected {expected}"
