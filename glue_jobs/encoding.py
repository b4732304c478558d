"""Encodings: find out which one a text has and turn everything that is not UTF-8 into UTF-8 as a stream.

Nothing is ever replaced: bytes that the encoding does not know stay invalid in the UTF-8 text too, so the row they
stand in is quarantined like any other undecodable row.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

from glue_jobs.code_pages import WESTERN, foreign_reading, is_western, old_reading
from glue_jobs.errors import FileRejected
from glue_jobs.grammar import count_lines
from glue_jobs.source import Source
from glue_jobs.unpack import CHUNK, spool

SAMPLE = 1 << 20

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ASCII = bytes(range(0x80))
_ISO_2022 = re.compile(rb"\x1b\$[@AB()]|\x1b\([BJI]")
# Pairs of bytes between shifts: rows of GB 2312 end at 0x77.
_HZ = re.compile(rb"~\{(?:[\x21-\x77][\x21-\x7e])++~\}")
_RUN = re.compile(rb"[\x80-\xff]+")
_MULTIBYTE = re.compile(rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})++")


class Text(NamedTuple):
    """A source in UTF-8 whose text starts at byte `start`; `encoding` names the original one.

    `assumed` says that only ASCII was seen so far, so that UTF-8 is a guess.
    """

    source: Source
    encoding: str
    start: int
    assumed: bool


def as_utf8(source: Source, declared: str | None, cleanup: ExitStack) -> Text:
    """`source` as UTF-8. Raises FileRejected for an encoding that is unknown or cannot be found out."""
    sample = source.read(0, SAMPLE)
    complete = len(sample) == source.size
    mark, marked = next(((m, e) for m, e in _BOMS if sample.startswith(m)), (b"", ""))
    encoding = marked or _normal(declared) or _guess(sample, complete)
    if declared and not marked:
        _refuse_utf8(sample, complete, encoding)
    if encoding in ("utf-8", "utf-8-sig", "ascii"):
        assumed = encoding == "ascii" and not declared
        return Text(source, marked or "utf-8", len(mark), assumed)
    return Text(transcode(source, encoding, len(mark), cleanup), encoding, 0, False)


def transcode(source: Source, encoding: str, start: int, cleanup: ExitStack) -> Source:
    """A UTF-8 copy of `source` from byte `start`."""
    return spool(_transcoded(source, encoding, start), source.name, cleanup)


def _transcoded(source: Source, encoding: str, start: int) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="gluepipe.keep")
    for offset in range(start, source.size, CHUNK):
        text = decoder.decode(source.read(offset, CHUNK), final=offset + CHUNK >= source.size)
        yield text.encode("utf-8", errors="gluepipe.restore")


def _keep(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


def _restore(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = [ord(character) & 0xFF for character in error.object[error.start : error.end]]
    # A lone ASCII byte would become valid text; 0xFF in front of it keeps the row undecodable.
    return b"".join(bytes([b]) if b >= 0x80 else bytes([0xFF, b]) for b in lost), error.end


codecs.register_error("gluepipe.keep", _keep)
codecs.register_error("gluepipe.restore", _restore)


def _normal(declared: str | None) -> str | None:
    if declared is None:
        return None
    try:
        name = codecs.lookup(declared).name
    except LookupError as error:
        raise FileRejected(
            "unsupported_encoding", f"There is no encoding called {declared!r}; correct it in the contract."
        ) from error
    return {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(name, name)


def _refuse_utf8(sample: bytes, complete: bool, declared: str) -> None:
    """Raise FileRejected for UTF-8 that is declared to be in a code page of single bytes.

    It would be loaded as other characters without a word; such a code page hardly ever makes valid UTF-8.
    """
    if sample.isascii() or len("é".encode().decode(declared, errors="replace")) == 1:
        return
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=complete)
    except UnicodeDecodeError:
        return
    message = f"The contract declares {declared}, but the text is UTF-8; correct `encoding` there, or the file."
    raise FileRejected("unsupported_encoding", message)


def _guess(sample: bytes, complete: bool) -> str:
    if sample.count(0) > len(sample) // 4 or _is_wide(sample):
        return _guess_utf16(sample)
    if _ISO_2022.search(sample):
        raise _seven_bit("ISO-2022", "iso2022_jp, iso2022_kr")
    if _HZ.search(sample):
        raise _seven_bit("HZ", "hz")
    runs = _RUN.findall(sample)
    if not complete and sample[-1] >= 0x80:
        runs.pop()  # it may be cut off within a character
    if not runs:
        return "ascii"
    # In a code page, what stands between ASCII characters looks like UTF-8 only once in a long while.
    valid = sum(1 for run in runs if _MULTIBYTE.fullmatch(run))
    if valid * 20 >= len(runs) - valid:
        return "utf-8"
    if is_western(sample):
        return WESTERN
    raise _unknown_code_page(sample)


def _seven_bit(name: str, codecs_of_it: str) -> FileRejected:
    message = f"It is {name} text; declare `encoding` in its contract ({codecs_of_it}), or deliver UTF-8."
    return FileRejected("unsupported_encoding", message)


def _unknown_code_page(sample: bytes) -> FileRejected:
    reading = foreign_reading(sample) or old_reading(sample)
    seems = f"reads like {reading.language} in {reading.code_page}" if reading else "is not Western European text"
    such = reading.code_page if reading else "cp1251, gbk or shift_jis"
    first = len(sample) - len(sample.lstrip(_ASCII))
    message = (
        f"It is not UTF-8 and {seems}. Code pages cannot be told apart for certain: declare `encoding` in the "
        f"contract's [csv], such as {such}, or deliver UTF-8."
    )
    return FileRejected("unsupported_encoding", message, 1 + count_lines(sample[:first]))


def _is_wide(sample: bytes) -> bool:
    """Whether NUL stands next to the line ends, as in UTF-16, and letters of ASCII do not fill whole characters."""
    ends = sample.count(b"\n")
    if 2 * max(sample.count(b"\n\0"), sample.count(b"\0\n")) <= ends:
        return False
    characters = re.findall(rb"(?s)..", sample[:4096])
    return 10 * sum(map(bytes.isalnum, characters)) < len(characters)


def _guess_utf16(sample: bytes) -> str:
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > 4 * even:
        return "utf-16-le"
    if even > 4 * odd:
        return "utf-16-be"
    raise FileRejected(
        "unsupported_encoding", "It is binary: many NUL bytes, yet neither UTF-16 nor UTF-32. Export it as text."
    )
