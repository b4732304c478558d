"""What was found out about a file's form."""

from __future__ import annotations

from dataclasses import dataclass

from glue_jobs.grammar import Grammar
from glue_jobs.options import CsvOptions


@dataclass(frozen=True, slots=True)
class Dialect:
    """The form of one file, after decompression and transcoding to UTF-8.

    `header` is the header's own text per field, None when the file has no header. `width` is the number of fields of
    a record. Records stand in bytes `start` to `end` of the UTF-8 text; `start` is on physical line `first_line`.
    `encoding` and `compression` describe the file as delivered. `header_record` is the header as it stands in the
    text, to be known again further down; empty where that is not possible.
    """

    delimiter: str
    quote: str
    escape: str
    encoding: str
    compression: str | None
    header: tuple[str, ...] | None
    width: int
    start: int
    end: int
    first_line: int
    options: CsvOptions
    encoding_assumed: bool = False
    header_record: bytes = b""

    @property
    def grammar(self) -> Grammar:
        """The shape of its records."""
        return Grammar(self.delimiter.encode(), self.quote.encode())
