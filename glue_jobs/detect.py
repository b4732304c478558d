"""Find out the form of a text: what precedes its header, delimiter and quote, the header, the width.

Only the first MiB is looked at, so the answer does not depend on the file's size or on how it is cut up.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from glue_jobs.delimiter import Form, choose_form
from glue_jobs.dialect import Dialect
from glue_jobs.encoding import Text
from glue_jobs.errors import FileRejected
from glue_jobs.escapes import Escapes
from glue_jobs.grammar import LINE_END, Grammar, Record, count_lines
from glue_jobs.header import buried_header, has_header
from glue_jobs.options import CsvOptions

SAMPLE = 1 << 20
LONGEST_HEADER = 16 << 20
MAX_COLUMNS = 20_000
_HEADER_ROWS = 100
_DIRECTIVE = re.compile(rb'"?sep=(.)"?[,;|\t ]*+(?:\r\n|\r|\n|\Z)', re.IGNORECASE | re.DOTALL)
_BLANK_LINES = re.compile(rb"(?:[ \t]*+(?:\r\n?+|\n))*+(?:[ \t]++\Z)?+")
_JSON_OBJECT = re.compile(rb'\s*(?:\[\s*)?\{\s*"')
_MARKUP = (b"<!doctype", b"<html", b"<?xml")
_TAG = re.compile(rb"\s*<[A-Za-z][^<>]*>")
_END_OF_FILE = b"\x1a"


def detect(text: Text, compression: str | None, options: CsvOptions) -> Dialect:
    """The dialect of `text`. Raises FileRejected when there is nothing to load or no form fits."""
    end = _end(text)
    size = SAMPLE
    while True:
        data = text.source.read(text.start, min(size, end - text.start))
        complete = text.start + len(data) >= end
        start, directive = _preamble(data, options)
        sample = _Sample.of(data[start:], complete, directive, options)
        if sample.records or complete or size >= LONGEST_HEADER:
            break
        size = LONGEST_HEADER
    line = 1 + count_lines(data[:start])
    sample.check(line)
    header = sample.header(line, options)
    width = len(header) if header is not None else sample.common_width or sample.widths[0]
    skipped = sample.length_of_first() if header is not None else 0
    return Dialect(
        delimiter=sample.form.delimiter,
        quote=sample.form.quote,
        escape=sample.form.escape,
        encoding=text.encoding,
        compression=compression,
        header=header,
        width=width,
        start=text.start + start + skipped,
        end=end,
        first_line=1 + count_lines(data[: start + skipped]),
        options=options,
        encoding_assumed=text.assumed,
        header_record=sample.raw_header() if header and width > 1 and any(header) else b"",
    )


def _end(text: Text) -> int:
    end = text.source.size
    tail = text.source.read(max(text.start, end - 2), 2)
    # DOS programs mark the end of a text with Ctrl-Z on a line of its own.
    return end - 1 if tail.endswith(_END_OF_FILE) and tail[:1] in (b"\n", b"\r", _END_OF_FILE) else end


def _preamble(data: bytes, options: CsvOptions) -> tuple[int, str | None]:
    """Where the first record starts, and the delimiter that Excel's `sep=` line names."""
    start = _skip_blank_lines(data, 0)
    directive = _DIRECTIVE.match(data, start)
    if directive is not None:
        start = directive.end()
    skipped = 0
    for _ in range(options.skip_lines):
        found = LINE_END.search(data, skipped)
        skipped = found.end() if found else len(data)
    start = _skip_blank_lines(data, max(start, skipped))
    return start, directive[1].decode("latin-1") if directive else None


def _skip_blank_lines(data: bytes, start: int) -> int:
    found = _BLANK_LINES.match(data, start)
    return found.end() if found else start


@dataclass(frozen=True)
class _Sample:
    """The first records of the text, blank ones left out, under the form that fits best."""

    data: bytes
    form: Form
    escapes: Escapes
    records: Sequence[Record]
    widths: Sequence[int]

    @classmethod
    def of(cls, data: bytes, complete: bool, directive: str | None, options: CsvOptions) -> _Sample:
        best = choose_form(data, complete, directive, options)
        return cls(best.text, best.form, best.escapes, best.records, best.widths)

    @property
    def common_width(self) -> int | None:
        """The number of fields that most records after the first have, if most agree."""
        rest = self.widths[1:]
        width, count = Counter(rest).most_common(1)[0] if rest else (0, 0)
        return width if 2 * count > len(rest) else None

    def check(self, line: int) -> None:
        """Refuse what holds no records, or is not delimited text."""
        if fault := self._fault():
            raise FileRejected(*fault, line if self.data else None)

    def _fault(self) -> tuple[str, str] | None:
        if not self.records and self.data:
            return (
                "record_too_long",
                f"The header is longer than {LONGEST_HEADER} bytes: a lost quote? Close it, or declare `quote`.",
            )
        if not self.records:
            return "empty_file", "It holds no records; upload it again if it should."
        width = max(self.widths[0], self.common_width or 0)
        if width > MAX_COLUMNS:
            return "too_many_columns", f"It has {width} columns; the limit is {MAX_COLUMNS}. Split it."
        first = self.records[0]
        raw = self.data[first.start : first.end]
        if self._is_markup(raw) or _is_json(raw):
            return "unsupported_format", "It is markup or JSON, not delimited text; export it as CSV."
        if first.open:
            return (
                "unterminated_quote",
                "A quoted field of the first record never closes; close it, or declare `quote`.",
            )
        if first.malformed:
            return (
                "malformed_quotes",
                "Text follows a closing quote in the first record; double it, or declare `quote`.",
            )
        return None

    def _is_markup(self, first: bytes) -> bool:
        opened = self.widths[0] == 1 and _TAG.match(first) and (b"</" in self.data or b"/>" in self.data)
        return bool(opened) or first.lstrip()[:9].lower().startswith(_MARKUP)

    def header(self, line: int, options: CsvOptions) -> tuple[str, ...] | None:
        """The cells of the header, None when the first record is data already."""
        common = self.common_width
        if options.header is False:
            return None
        cells = self._cells(self.records[0])
        if common == len(cells) + 1 and self._all_end_empty(len(cells)):
            cells.append("")  # only the rows end with a delimiter
        if common == len(cells) - 1 and not cells[-1].strip():
            cells.pop()  # only the header does
        if common is not None and common != len(cells):
            raise self._mismatch(cells, common, self.records[self.widths.index(common, 1)], line)
        looked_at = zip(self.records[1:_HEADER_ROWS], self.widths[1:_HEADER_ROWS], strict=True)
        below = [record for record, width in looked_at if width == len(cells) and not record.malformed]
        rows = [self._cells(record) for record in below]
        if options.header is None and not has_header(cells, rows, options):
            return None
        if options.header is None and (buried := buried_header(cells, rows, options)) is not None:
            raise self._mismatch(cells, len(cells), below[buried], line)
        if any("\udc80" <= character <= "\udcff" for cell in cells for character in cell):
            raise FileRejected("undecodable_bytes", "The header is not valid text; declare `encoding`.", line)
        return tuple(cell.strip() for cell in cells)

    def raw_header(self) -> bytes:
        """The first record; empty if it holds escapes, which stand for other bytes elsewhere."""
        first = self.records[0]
        return b"" if self.escapes.table else self.data[first.start : first.end]

    def _all_end_empty(self, named: int) -> bool:
        """Whether the rows have one field more than are named, without a value, or are ragged otherwise."""
        rows = (self._cells(r) for r, w in zip(self.records, self.widths, strict=True) if w == named + 1)
        return named not in self.widths[1:] and not any(row[-1] for row in rows)

    def length_of_first(self) -> int:
        return len(self.escapes.show(self.data[: self.records[0].next]))

    def _cells(self, record: Record) -> list[str]:
        grammar: Grammar = self.form.grammar
        fields = grammar.fields(self.data[record.start : record.end])
        if self.escapes.table:
            fields = [self.escapes.meaning(field) for field in fields]
        return [field.decode(errors="surrogateescape") for field in fields]

    def _mismatch(self, first: Sequence[str], common: int, likelier: Record, line: int) -> FileRejected:
        """What to say of a first record that others are not like; `likelier` is the first of those."""
        above = count_lines(self.data[: likelier.start])
        filled = sum(1 for cell in first if cell.strip())
        count = len(first) if len(first) != common else filled
        fields = f"{count} field{'s' * (count != 1)}" + " filled" * (len(first) == common)
        message = (
            f"The first record has {fields}, most others have {common}. If lines precede the header, "
            f"declare `skip_lines` ({line - 1 + above}?) in the dataset's contract; if there is no header, `header`."
        )
        if 1 < len(first) < common and self.widths[1] == len(first):
            message += " If the columns change there, deliver what follows as a file of its own."
        if len(first) > common:
            message += " If the others lack values at their end, deliver them with empty fields there."
        if self._is_blank_before_quote(likelier):
            message += " Quotes count at the start of a field only: deliver them without the blank before them."
        return FileRejected("header_field_count_mismatch", message, line)

    def _is_blank_before_quote(self, record: Record) -> bool:
        delimiter, quote = self.form.delimiter.encode(), self.form.quote.encode()
        padded = rb"%s +%s" % (re.escape(delimiter), re.escape(quote))
        return bool(quote) and re.search(padded, self.data[record.start : record.end]) is not None


def _is_json(raw: bytes) -> bool:
    if raw.strip() in (b"[", b"{") or _JSON_OBJECT.match(raw):
        return True
    try:
        return raw.lstrip()[:1] in (b"{", b"[") and isinstance(json.loads(raw), dict | list)
    except RecursionError:  # nested deeper than any table's first record
        return True
    except ValueError:
        return False
