"""Read the records of one range: text columns for the good ones, the bad ones set aside with their place.

Arrow's CSV parser does the work. What it would let pass or cannot tell (text after a closing quote, bytes that are
not text) is found before, and only a range that has such a thing pays for looking at its records one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.csv

from glue_jobs.dialect import Dialect
from glue_jobs.escapes import Escapes
from glue_jobs.grammar import Grammar, Quotes, Record, count_lines, prove_quotes
from glue_jobs.rejects import UNDECODABLE, Reject

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
    grammar = dialect.grammar
    quotes = prove_quotes(text, grammar)
    if quotes is Quotes.OPEN:
        return _cut_open(text, dialect)
    clean = text
    rejects: list[Reject] = []
    if quotes is Quotes.UNPROVEN or not _is_utf8(text):
        records = list(grammar.records(text))
        if records and records[-1].open:
            return _cut_open(text, dialect)
        clean, rejects = _set_aside(text, records)
    table, ragged = _parse(clean, dialect)
    rejects = _merged(clean, ragged, rejects, text, dialect)
    shown = tuple(r._replace(raw=escapes.show(r.raw)) for r in rejects) if escapes.table else tuple(rejects)
    return Records(escapes.restore(table), shown, count_lines(data), None, not clean.isascii())


def empty_table(dialect: Dialect) -> pa.Table:
    """No records, all columns."""
    return pa.table({str(position): pa.array([], pa.string()) for position in range(dialect.width)})


def _cut_open(text: bytes, dialect: Dialect) -> Records:
    last = max(dialect.grammar.records(text), key=lambda record: record.start)
    line = 1 + count_lines(text[: last.start])
    return Records(empty_table(dialect), (), count_lines(text), line, False)


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        pa.array([data], pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True


def _set_aside(text: bytes, records: list[Record]) -> tuple[bytes, list[Reject]]:
    """The text without its malformed and undecodable records, and those."""
    kept, rejects, line = [], [], _LineCounter(text)
    start = 0
    for record in records:
        raw = text[record.start : record.end]
        problem = _problem(raw, record)
        if problem:
            rejects.append(Reject(line.at(record.start), *problem, raw))
            kept.append(text[start : record.start])
            start = record.next
    kept.append(text[start:])
    return b"".join(kept), rejects


def _problem(raw: bytes, record: Record) -> tuple[str, str] | None:
    if record.malformed:
        return "malformed_quotes", "Text follows a closing quote; quotes inside a quoted field must be doubled"
    if raw.isascii():
        return None
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return UNDECODABLE, f"Byte 0x{raw[error.start]:02x} at offset {error.start} is not text"
    return None


class _LineCounter:
    """Physical lines at ascending offsets, each byte counted once."""

    def __init__(self, text: bytes) -> None:
        self._text, self._offset, self._line = text, 0, 1

    def at(self, offset: int) -> int:
        self._line += count_lines(self._text[self._offset : offset])
        self._offset = offset
        return self._line


def _parse(text: bytes, dialect: Dialect) -> tuple[pa.Table, list[Any]]:
    ragged: list[Any] = []

    def set_aside(row: Any) -> str:
        ragged.append(row)
        return "skip"

    if not text:
        return empty_table(dialect), ragged
    names = [str(position) for position in range(dialect.width)]
    table = csv.read_csv(
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
    return table.combine_chunks(), ragged


def _merged(clean: bytes, ragged: list[Any], others: list[Reject], text: bytes, dialect: Dialect) -> list[Reject]:
    """All rejects of the range by line: Arrow numbers the ragged ones among the clean text's records."""
    if not ragged:
        return others
    lines: dict[int, int] = {}
    if others or dialect.quote.encode() in text or not _one_line_each(text):
        lines = _record_lines(text, clean, dialect, others)
    # A line of nothing but spaces is as good as blank.
    rejects = [_ragged_reject(row, lines.get(row.number, row.number)) for row in ragged if row.text.strip(" ")]
    return sorted([*others, *rejects], key=lambda reject: reject.line)


def _one_line_each(text: bytes) -> bool:
    return not (b"\r" in text or b"\n\n" in text or text.startswith(b"\n"))


def _record_lines(text: bytes, clean: bytes, dialect: Dialect, others: list[Reject]) -> dict[int, int]:
    aside = {reject.line for reject in others}
    lines: dict[int, int] = {}
    counter, number = _LineCounter(text), 0
    for record in _counted_records(dialect.grammar, text, dialect.width):
        line = counter.at(record.start)
        if line not in aside:
            number += 1
            lines[number] = line
    return lines


def _counted_records(grammar: Grammar, text: bytes, width: int) -> Iterator[Record]:
    return (record for record in grammar.records(text) if width == 1 or not record.blank)


def _ragged_reject(row: Any, line: int) -> Reject:
    reason = "too_many_fields" if row.actual_columns > row.expected_columns else "too_few_fields"
    detail = f"{row.actual_columns} fields, expected {row.expected_columns}"
    return Reject(line, reason, detail, row.text.encode())
