"""Find the records that must not reach Arrow's parser, and the place of any record, without walking the whole range.

What is well formed is passed over by one regular expression; only the others are looked at one by one.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Collection
from typing import NamedTuple

import pyarrow as pa

from glue_jobs.grammar import Grammar, Record, count_lines, count_records, last_record_end, skip_well_formed
from glue_jobs.rejects import MOST_IN_RANGE, UNDECODABLE, Reject, too_many_rejects

STRETCH = 64 << 10
_UTF8 = re.compile(
    rb"(?:[\x00-\x7f]++|[\xc2-\xdf][\x80-\xbf]"
    rb"|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3})*+"
)


class Separated(NamedTuple):
    """A text without its malformed and undecodable records (`clean`), those, and the offsets where they started.

    `open_at` is where a record starts whose quote never closes.
    """

    clean: bytes
    rejects: list[Reject]
    offsets: frozenset[int]
    open_at: int | None


def separate(text: bytes, grammar: Grammar, header: bytes) -> Separated:
    """Take out what Arrow would alter or choke on, and repetitions of the record `header` (if there is one)."""
    kept: list[bytes] = []
    rejects: list[Reject] = []
    offsets, lines = set[int](), LineCounter(text)
    suspects = _Suspects(text, header)
    start = at = 0
    stray = suspects.after(0)
    while (at := skip_well_formed(text, grammar, at, stray)) < len(text):
        record = next(grammar.records(text, at))
        if record.open:
            return Separated(b"", [], frozenset(), record.start)
        raw = text[record.start : record.end]
        problem = _problem(raw, record, header)
        if problem:
            if len(rejects) == MOST_IN_RANGE:
                raise too_many_rejects()
            rejects.append(Reject(lines.at(record.start), *problem, raw))
            offsets.add(record.start)
            kept.append(_ending_in_lf(text[start : record.start]))
            start = record.next
        at = record.next
        stray = suspects.after(at) if stray < at else stray
    kept.append(text[start:])
    return Separated(b"".join(kept), rejects, frozenset(offsets), None)


def _ending_in_lf(records: bytes) -> bytes:
    # A CR at the end would form a CRLF with an LF that follows what is taken out.
    kept = records.rstrip(b"\r")
    return kept + b"\n" * (len(records) - len(kept))


def locate(
    text: bytes, grammar: Grammar, width: int, wanted: Collection[int], left_out: frozenset[int]
) -> dict[int, int]:
    """Offsets of the records with the numbers `wanted`: counted from 1, without blank ones (they are records only
    where `width` is 1) and without those that start at an offset `left_out`."""
    found: dict[int, int] = {}
    number, pending, aside = 0, sorted(wanted, reverse=True), sorted(left_out, reverse=True)
    start = 0
    while pending:
        part = _stretch(text, start, grammar)
        count = count_records(part, grammar, blank_too=width == 1)
        if pending[-1] > number + count and not (aside and aside[-1] < start + len(part)):
            number += count
        else:
            for record in grammar.records(part):
                if aside and aside[-1] == start + record.start:
                    aside.pop()
                elif width == 1 or not record.blank:
                    number += 1
                    if pending and pending[-1] == number:
                        found[pending.pop()] = start + record.start
        start += len(part)
    return found


def _stretch(text: bytes, start: int, grammar: Grammar) -> bytes:
    """Whole records from `start`, 64 KiB or more."""
    size = STRETCH
    while start + size < len(text):
        length = last_record_end(text[start : start + size], grammar)
        if length:
            return text[start : start + length]
        size *= 2
    return text[start:]


def find_line(text: bytes, line: bytes, start: int) -> int:
    """The first offset from `start` on where `line` fills a physical line, maybe after a byte order mark, or -1."""
    at = text.find(line, start)
    while at >= 0:
        end = at + len(line)
        if text[at - 1 : at] in (b"", b"\n", b"\r", BOM_UTF8[-1:]) and text[end : end + 1] in (b"", b"\n", b"\r"):
            return at
        at = text.find(line, end)
    return -1


def is_text(data: bytes) -> bool:
    """Whether `data` is valid UTF-8."""
    if data.isascii():
        return True
    try:
        pa.array([data], pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True


class LineCounter:
    """Physical lines at ascending offsets, each byte counted once."""

    def __init__(self, text: bytes) -> None:
        self._text, self._offset, self._line = text, 0, 1

    def at(self, offset: int) -> int:
        """The line, from 1, that `offset` is on."""
        self._line += count_lines(self._text[self._offset : offset])
        self._offset = offset
        return self._line


class _Suspects:
    """What is not UTF-8 or looks like the header, asked for at ascending offsets, each byte looked at once."""

    def __init__(self, text: bytes, header: bytes) -> None:
        self._text, self._header = text, header
        self._repeated = -1 if header else len(text)

    def after(self, start: int) -> int:
        """The first offset from `start` on, or the text's length."""
        if self._repeated < start:
            found = find_line(self._text, self._header, start)
            self._repeated = len(self._text) if found < 0 else found
        valid = _UTF8.match(self._text, start, self._repeated)
        return valid.end() if valid else start


def _problem(raw: bytes, record: Record, header: bytes) -> tuple[str, str] | None:
    if header and raw.removeprefix(BOM_UTF8) == header:
        return "repeated_header", "The header again; files were joined"
    if record.malformed:
        return "malformed_quotes", "Text follows a closing quote; quotes inside a quoted field must be doubled"
    if raw.isascii():
        return None
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return UNDECODABLE, f"Byte 0x{raw[error.start]:02x} at offset {error.start} is not text"
    return None
