"""What a record is: RFC 4180 with every line end, and the two ways to know where records stand.

`prove_quotes` shows for a whole range at once, in Arrow's kernels, that counting quotes is enough. `Grammar.records`
walks one record after another and is right for any bytes.

A quote opens a quoted field only at the field's start; elsewhere it is an ordinary character. Text between a closing
quote and the next delimiter makes the record malformed.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute

pc: Any = pyarrow.compute  # its type stubs refuse plain numbers as operands

BLANK = b" \t"
LINE_END = re.compile(rb"\r\n|\r|\n")


class Quotes(enum.Enum):
    """What the quotes of a range prove, given that the range starts with a record."""

    NONE = "no quote at all"
    PAIRED = "every quote opens, closes or doubles; the range ends outside of quotes"
    OPEN = "likewise, but the range ends inside of quotes"
    UNPROVEN = "some quote stands elsewhere"


class Record(NamedTuple):
    """Bytes `start` to `end`; the next record starts at `next`. `open` says that its last quote never closes."""

    start: int
    end: int
    next: int
    malformed: bool
    open: bool

    @property
    def blank(self) -> bool:
        return self.start == self.end


@dataclass(frozen=True, slots=True)
class Grammar:
    """The shape of records for one delimiter and quote, both single ASCII bytes; no quote is `b""`."""

    delimiter: bytes
    quote: bytes

    def records(self, data: bytes, start: int = 0) -> Iterator[Record]:
        """Records of `data` from `start`, blank ones too. The last one needs no line end."""
        match, position = _record_pattern(self.delimiter, self.quote).match, start
        while position < len(data):
            found = match(data, position)
            if found is None:  # the pattern matches any bytes; this line is for the type checker
                raise AssertionError("record pattern failed")
            tail, unclosed = found["tail"] is not None, found["open"] is not None
            yield Record(position, found.start("eol"), found.end(), tail, unclosed)
            position = found.end()

    def fields(self, record: bytes) -> list[bytes]:
        """The fields of one well-formed record, without their quotes."""
        if not self.quote or self.quote not in record:
            return record.split(self.delimiter)
        fields = _field_pattern(self.delimiter, self.quote).findall(record)
        return [self._unquote(field) if field[:1] == self.quote else field for field in fields]

    def bare(self, record: bytes) -> bytes:
        """A record with its quoted fields made empty, so that every delimiter left delimits."""
        if self.quote and self.quote in record:
            return _quoted_pattern(self.delimiter, self.quote).sub(b"", record)
        return record

    def width(self, record: bytes) -> int:
        """How many fields a record has."""
        return self.bare(record).count(self.delimiter) + 1

    def is_blank(self, record: bytes, width: int) -> bool:
        """Whether a record of a file of `width` fields is but an empty line, or one of blanks."""
        return width > 1 and not record.strip(BLANK) and (not record or self.width(record) != width)

    def _unquote(self, field: bytes) -> bytes:
        quote = self.quote
        if len(field) < 2 or not field.endswith(quote):
            return field
        return field[1:-1].replace(quote + quote, quote)


@lru_cache(maxsize=64)
def _field_source(delimiter: bytes, quote: bytes, groups: bool) -> bytes:
    d, q = re.escape(delimiter), re.escape(quote)
    if not quote:
        never = rb"(?P<tail>(?!))?(?P<open>(?!))?" if groups else b""
        return rb"[^%s\r\n]*+%s" % (d, never)
    tail, unclosed = (rb"?P<tail>", rb"?P<open>") if groups else (rb"?:", rb"?:")
    quoted = rb"%s(?:[^%s]++|%s%s)*+(?:%s(%s[^%s\r\n]++)?+|(%s\Z))" % (q, q, q, q, q, tail, d, unclosed)
    return rb"(?:%s|(?!%s)[^%s\r\n]*+)" % (quoted, q, d)


@lru_cache(maxsize=64)
def _field_pattern(delimiter: bytes, quote: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?:\A|%s)(%s)" % (re.escape(delimiter), _field_source(delimiter, quote, groups=False)))


@lru_cache(maxsize=64)
def _quoted_pattern(delimiter: bytes, quote: bytes) -> re.Pattern[bytes]:
    d, q = re.escape(delimiter), re.escape(quote)
    return re.compile(rb"(?:\A|(?<=%s))%s(?:[^%s]++|%s%s)*+(?:%s|\Z)" % (d, q, q, q, q, q))


@lru_cache(maxsize=64)
def _record_pattern(delimiter: bytes, quote: bytes) -> re.Pattern[bytes]:
    field, d = _field_source(delimiter, quote, groups=True), re.escape(delimiter)
    # One group name may stand only once, so the fields are written as "field, delimiter" pairs in a single loop.
    # Possessive, or the matcher would keep a way back to each of a million fields.
    return re.compile(rb"(?:%s(?:%s|(?=[\r\n]|\Z)))*+(?P<eol>\r\n|\r|\n|\Z)" % (field, d))


def prove_quotes(data: bytes, grammar: Grammar) -> Quotes:
    """Whether quotes alone tell the structure: each opener follows and each closer precedes a delimiter, a line end,
    another quote or an end of the range. Then quoted is what stands between an odd quote and the next even one."""
    if not grammar.quote or grammar.quote not in data:
        return Quotes.NONE
    codes = pa.Array.from_buffers(pa.uint8(), len(data), [None, pa.py_buffer(data)])
    is_quote = pc.equal(codes, pa.scalar(grammar.quote[0], pa.uint8()))
    # At the very ends the quote itself is looked at, which is among the allowed neighbours.
    before = pa.concat_arrays([codes[:1].filter(is_quote[:1]), codes[:-1].filter(is_quote[1:])])
    after = pa.concat_arrays([codes[1:].filter(is_quote[:-1]), codes[-1:].filter(is_quote[-1:])])
    allowed = pa.array(grammar.delimiter + grammar.quote + b"\r\n", pa.uint8())
    is_closer = _alternating(len(before))
    opened_well = pc.or_(is_closer, pc.is_in(before, allowed))
    closed_well = pc.or_(pc.invert(is_closer), pc.is_in(after, allowed))
    if not pc.all(pc.and_(opened_well, closed_well)).as_py():
        return Quotes.UNPROVEN
    return Quotes.OPEN if len(before) % 2 else Quotes.PAIRED


def _alternating(length: int) -> Any:
    bits = b"\xaa" * ((length + 7) // 8)
    return pa.Array.from_buffers(pa.bool_(), length, [None, pa.py_buffer(bits)])


def count_lines(data: bytes) -> int:
    """Physical line ends in `data`; CRLF is one."""
    lines = data.count(b"\n")
    return lines + data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else lines


def skip_well_formed(data: bytes, grammar: Grammar, start: int, end: int) -> int:
    """Where the first record from `start` on begins that is malformed or not complete at `end`, or `end`."""
    found = _run_pattern(grammar.delimiter, grammar.quote).match(data, start, end)
    return found.end() if found else start


def last_record_end(data: bytes, grammar: Grammar) -> int:
    """Where the last complete record of `data`, which starts with one, ends with its line end; 0 if there is none."""
    # A CR at the very end may be half of a CRLF.
    end = len(data) - 1 if data.endswith(b"\r") else len(data)
    at = 0
    while (at := skip_well_formed(data, grammar, at, end)) < end:
        record = next(grammar.records(data, at))
        if record.open or record.next == record.end or record.next > end:
            return at
        at = record.next
    return at


def count_records(data: bytes, grammar: Grammar, *, blank_too: bool) -> int:
    """How many records `data` holds."""
    return len(_any_pattern(grammar.delimiter, grammar.quote, blank_too).findall(data))


def _parts(delimiter: bytes, quote: bytes) -> tuple[bytes, bytes, bytes]:
    """Patterns of a quoted field without what follows it, a plain field that is not empty, and a delimiter."""
    d, q = re.escape(delimiter), re.escape(quote)
    quoted = rb"%s(?:[^%s]++|%s%s)*+%s" % (q, q, q, q, q) if quote else rb"(?!)"
    return quoted, rb"[^%s%s\r\n][^%s\r\n]*+" % (q, d, d), d


@lru_cache(maxsize=64)
def _run_pattern(delimiter: bytes, quote: bytes) -> re.Pattern[bytes]:
    quoted, plain, d = _parts(delimiter, quote)
    field = rb"(?:%s(?=[%s\r\n])|%s)?+" % (quoted, d, plain)
    return re.compile(rb"(?:%s(?:%s%s)*+(?:\r\n?+|\n))*+" % (field, d, field))


@lru_cache(maxsize=64)
def _any_pattern(delimiter: bytes, quote: bytes, blank_too: bool) -> re.Pattern[bytes]:
    quoted, plain, d = _parts(delimiter, quote)
    field = rb"(?:%s[^%s\r\n]*+|%s)?+" % (quoted, d, plain)
    never = rb"\Z" if blank_too else rb"[\r\n]|\Z"
    return re.compile(rb"(?!%s)%s(?:%s%s)*+(?:\r\n?+|\n|\Z)" % (never, field, d, field))
