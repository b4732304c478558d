"""Open a delivered file: decompress, decode, find out its form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from glue_jobs.detect import detect
from glue_jobs.dialect import Dialect
from glue_jobs.encoding import as_utf8
from glue_jobs.errors import FileRejected
from glue_jobs.options import CsvOptions
from glue_jobs.source import Source
from glue_jobs.unpack import unpack


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file ready to be read: UTF-8 text and its form."""

    source: Source
    dialect: Dialect


@contextmanager
def open_csv(source: Source, options: CsvOptions) -> Iterator[CsvFile]:
    """The text of `source`; temporary copies live until the end of the block. Raises FileRejected."""
    if source.size == 0:
        raise FileRejected("empty_file", "It holds no bytes; upload it again if it should.")
    with ExitStack() as cleanup:
        content, compression = unpack(source, cleanup)
        text = as_utf8(content, options.encoding, cleanup)
        yield CsvFile(text.source, detect(text, compression, options))
