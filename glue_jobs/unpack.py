"""Compression: find it by content, whatever the name says, and stream it out with bounded memory."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import IO

from glue_jobs.errors import FileRejected
from glue_jobs.source import LocalFile, MemoryFile, Source, SourceStream

CHUNK = 4 << 20
IN_MEMORY = 32 << 20
MAX_UNPACKED = 64 << 30
# Tables pack to a tenth or a fiftieth; what unpacks to far more is made to fill the disk.
MAX_EXPANSION = 250
ANY_EXPANSION_BELOW = 1 << 30

_FOREIGN = {
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "a binary Office document",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"SQLite format 3\x00": "a SQLite database",
    b"{\\rtf": "an RTF document",
    b"ARROW1": "an Arrow file",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file",
    b"\x89PNG\r\n\x1a\n": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"version https://git-lfs.github.com/spec/": "a Git LFS pointer in the file's place",
}
_PACKED = {
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd7zXZ\x00": "xz",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar",
    b"\x04\x22\x4d\x18": "lz4",
    b"\xff\x06\x00\x00sNaPpY": "snappy",
    b"\x1f\x9d": "compress",
}


# What zipfile raises for an archive that is none, lies about itself, or names its members in no text.
_NO_ZIP = (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error)


def unpack(source: Source, cleanup: ExitStack) -> tuple[Source, str | None]:
    """The text of `source` and the name of its compression; `source` itself when it is not compressed.

    Raises FileRejected for archives that do not hold exactly one file, damaged ones, and formats that are not text.
    What is unpacked to disk goes away with `cleanup`.
    """
    kind = _compression(source.read(0, 512))
    if kind is None:
        return source, None
    limit = min(MAX_UNPACKED, max(ANY_EXPANSION_BELOW, MAX_EXPANSION * source.size))
    text = spool(_CHUNKS[kind](source), source.name, cleanup, limit)
    if _compression(text.read(0, 512)) is not None:
        raise FileRejected("unsupported_compression", "It is compressed twice; upload the inner file.")
    return text, kind


def spool(chunks: Iterable[bytes], name: str, cleanup: ExitStack, limit: int = MAX_UNPACKED) -> Source:
    """Collect `chunks` in memory while they are small, else in a temporary file that `cleanup` removes.

    Raises FileRejected beyond `limit` bytes.
    """
    buffer: IO[bytes] = io.BytesIO()
    path, size = "", 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise FileRejected("unpacks_too_large", f"It unpacks to more than {limit} bytes; upload it in parts.")
        if not path and size > IN_MEMORY:
            handle, path = tempfile.mkstemp(prefix="gluepipe-")
            cleanup.callback(os.unlink, path)
            head, buffer = buffer, cleanup.enter_context(os.fdopen(handle, "wb"))
            buffer.write(head.getvalue())  # type: ignore[attr-defined]
        buffer.write(chunk)
    if path:
        buffer.flush()
        return LocalFile(path, name, size)
    return MemoryFile(buffer.getvalue(), name)  # type: ignore[attr-defined]


def _compression(head: bytes) -> str | None:
    for magic, what in _FOREIGN.items():
        if head.startswith(magic):
            raise FileRejected("unsupported_format", f"It is {what}, not delimited text; export it as CSV.")
    for magic, what in _PACKED.items():
        if head.startswith(magic):
            raise FileRejected("unsupported_compression", f"It is compressed with {what}; use gzip, bzip2 or zip.")
    if head[257:262] == b"ustar":
        raise FileRejected("unsupported_compression", "It is a tar archive; upload its files one by one.")
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"BZh") and head[4:10] == b"1AY&SY":
        return "bzip2"
    return "zip" if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) else None


def _gzip_chunks(source: Source) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=io.BufferedReader(SourceStream(source)), mode="rb") as stream:
        yield from _chunks(stream, "gzip")


def _bzip2_chunks(source: Source) -> Iterator[bytes]:
    with bz2.BZ2File(io.BufferedReader(SourceStream(source)), "rb") as stream:
        yield from _chunks(stream, "bzip2")


def _zip_chunks(source: Source) -> Iterator[bytes]:
    try:
        archive = zipfile.ZipFile(io.BufferedReader(SourceStream(source)))
    except _NO_ZIP as error:
        raise _damaged("zip", error) from error
    with archive:
        names = archive.namelist()
        if "[Content_Types].xml" in names:
            raise FileRejected("unsupported_format", "It is an Office document (.xlsx?); save it as CSV.")
        members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
        if len(members) != 1:
            message = f"The zip archive holds {len(members)} files; upload them one by one."
            raise FileRejected("unsupported_compression", message)
        if members[0].flag_bits & 1:
            raise FileRejected("unsupported_compression", "The zip archive is encrypted; upload its file as it is.")
        try:
            stream = archive.open(members[0])
        except _NO_ZIP as error:
            raise FileRejected(
                "unsupported_compression", f"The zip archive cannot be read ({error}); upload its file as it is."
            ) from error
        with stream:
            yield from _chunks(stream, "zip")


def _chunks(stream: IO[bytes] | gzip.GzipFile | bz2.BZ2File, kind: str) -> Iterator[bytes]:
    try:
        while chunk := stream.read(CHUNK):
            yield chunk
    except (EOFError, OSError, zlib.error, lzma.LZMAError, *_NO_ZIP) as error:
        raise _damaged(kind, error) from error


def _damaged(kind: str, error: Exception) -> FileRejected:
    return FileRejected("damaged_archive", f"The {kind} data is damaged or cut short ({error}); upload it again.")


_CHUNKS: dict[str, Callable[[Source], Iterator[bytes]]] = {
    "gzip": _gzip_chunks,
    "bzip2": _bzip2_chunks,
    "zip": _zip_chunks,
}
