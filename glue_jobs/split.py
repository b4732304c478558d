"""Where records start: the cuts between ranges.

A cut is guessed from a small window around it, so that every range finds its own ends without knowing the others.
A range that is read from a true record start then proves or refutes the cut at its end; from the first refuted one
on, `exact_units` walks the text and cuts it for certain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from glue_jobs.conversion import Unit
from glue_jobs.dialect import Dialect
from glue_jobs.errors import FileRejected
from glue_jobs.escapes import Escapes
from glue_jobs.grammar import Grammar, count_lines, last_record_end
from glue_jobs.source import Source

WINDOW = 64 << 10
# About as much as a range: looking further for a cut would cost each range of a long record as much as many ranges.
WIDEST_WINDOW = 32 << 20
LONGEST_RECORD = 128 << 20
COUNTED = 16 << 20
_EVIDENCE = 10_000  # quotes that are looked at to tell whether a text begins inside of them


def nominal_units(dialect: Dialect, range_size: int) -> list[Unit]:
    """Ranges of about `range_size` bytes, still to be aligned to records."""
    starts = range(dialect.start, max(dialect.end, dialect.start + 1), range_size)
    return [Unit(i, start, min(start + range_size, dialect.end)) for i, start in enumerate(starts)]


def aligned(source: Source, dialect: Dialect, unit: Unit) -> tuple[int, int]:
    """The bytes that a unit's records take: from the first record start in it to the first one after it."""
    if unit.exact:
        return unit.start, unit.end
    start, end = _cut(source, dialect, unit.start), _cut(source, dialect, unit.end)
    if end - start > unit.end - unit.start + LONGEST_RECORD:
        return start, start - 1  # more than can be read at once; such an end refutes the cut
    return start, end


def exact_units(source: Source, dialect: Dialect, start: int, index: int, range_size: int) -> Iterator[Unit]:
    """Units from the record start `start` on, numbered from `index`, cut by walking the text."""
    while start < dialect.end:
        size = range_size
        while (length := _whole_records(source.read(start, min(size, dialect.end - start)), dialect)) == 0:
            if start + size >= dialect.end:
                length = dialect.end - start
                break
            if size >= LONGEST_RECORD:
                line = dialect.first_line + _lines_before(source, dialect, start)
                limit = LONGEST_RECORD >> 20
                raise FileRejected(
                    "record_too_long",
                    f"A record has more than {limit} MiB: a lost quote? Close it, or declare `quote`.",
                    line,
                )
            size = min(2 * size, LONGEST_RECORD)
        yield Unit(index, start, start + length, exact=True)
        start, index = start + length, index + 1


def _lines_before(source: Source, dialect: Dialect, end: int) -> int:
    """Line ends from the first record to `end`, where a record starts."""
    lines, at = 0, dialect.start
    while at < end:
        part = source.read(at, min(COUNTED, end - at))
        # A CRLF must not be cut in two.
        part = part[:-1] if part.endswith(b"\r") and at + len(part) < end and len(part) > 1 else part
        lines, at = lines + count_lines(part), at + len(part)
    return lines


def _cut(source: Source, dialect: Dialect, offset: int) -> int:
    if offset <= dialect.start or offset >= dialect.end:
        return max(dialect.start, min(offset, dialect.end))
    window = WINDOW
    while True:
        # The byte before the offset tells whether a record starts right here.
        data = source.read(offset - 1, min(window, dialect.end - offset + 1))
        at_end = offset - 1 + len(data) >= dialect.end
        found = _first_start(Escapes.of(dialect.escape, dialect.quote, data).hide(data), dialect.grammar)
        if found is not None and not dialect.escape:
            return offset - 1 + found
        if found is not None:
            return offset - 1 + _unhidden(data, dialect, found)
        if at_end or window >= WIDEST_WINDOW:
            return dialect.end
        window *= 8


def _unhidden(data: bytes, dialect: Dialect, hidden_offset: int) -> int:
    escapes = Escapes.of(dialect.escape, dialect.quote, data)
    return len(escapes.show(escapes.hide(data)[:hidden_offset]))


def _first_start(data: bytes, grammar: Grammar) -> int | None:
    """Offset after the first line end that seems to stand outside of quotes; None when it takes more data."""
    if grammar.quote:
        segments = data.split(grammar.quote, _EVIDENCE)
        outside = 0 if _begins_outside(segments, grammar.delimiter + b"\r\n") else len(segments[0]) + 1
        line = _line_pattern(grammar.quote).match(data, outside)
        end = line.end() if line else 0
    else:
        end = _first_line(data)
    # A CR at the very end may be half of a CRLF.
    return end if 0 < end < len(data) else None


@lru_cache(maxsize=8)
def _line_pattern(quote: bytes) -> re.Pattern[bytes]:
    """A text that begins outside of quotes, up to the first line end that stands there as well."""
    q = re.escape(quote)
    return re.compile(rb"(?:[^%s\r\n]++|%s[^%s]*+%s)*+(?:\r\n?+|\n)" % (q, q, q, q))


def _first_line(text: bytes) -> int:
    """Length of the first line with its end, 0 when there is no line end; many times faster than a pattern."""
    lf = text.find(b"\n")
    cr = text.find(b"\r", 0, lf if lf >= 0 else len(text))
    return lf + 1 if cr < 0 else cr + 1 + text.startswith(b"\n", cr + 1)


def _begins_outside(segments: list[bytes], separators: bytes) -> bool:
    outside_fits = _fits_outside(segments, 0, separators)
    return outside_fits or not _fits_outside(segments, 1, separators)


def _fits_outside(segments: list[bytes], first: int, separators: bytes) -> bool:
    """Whether every other segment from `first` on looks like what stands between quoted fields."""
    for index in range(first, len(segments), 2):
        segment = segments[index]
        if not segment:
            continue
        if index > 0 and segment[0] not in separators:
            return False
        if index < len(segments) - 1 and segment[-1] not in separators:
            return False
    return True


def _whole_records(data: bytes, dialect: Dialect) -> int:
    """Length of the complete records that `data`, which starts with one, holds."""
    escapes = Escapes.of(dialect.escape, dialect.quote, data)
    text = escapes.hide(data)
    return len(escapes.show(text[: last_record_end(text, dialect.grammar)]))
