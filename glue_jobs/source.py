"""Where bytes come from: a local file or one version of an S3 object, read by range."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import Any, Protocol

from glue_jobs.clients import s3


class Source(Protocol):
    """Immutable bytes of known size, readable from any thread and (by pickle) from any process that sees them."""

    @property
    def name(self) -> str:
        """The file's name for messages: a path or an s3:// URI."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def portable(self) -> bool:
        """Whether another machine can read it (a Spark executor, say)."""

    def read(self, offset: int, length: int) -> bytes:
        """Bytes from `offset`; fewer than `length` only at the end."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this machine."""

    path: str
    name: str
    size: int
    portable: bool = False

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> LocalFile:
        """The file at `path`; raises OSError when it cannot be read."""
        return cls(os.fspath(path), os.fspath(path), os.stat(path).st_size)

    def read(self, offset: int, length: int) -> bytes:
        with open(self.path, "rb", buffering=0) as file:
            return os.pread(file.fileno(), max(0, min(length, self.size - offset)), offset)


@dataclass(frozen=True, slots=True)
class MemoryFile:
    """Bytes held in memory: small files after decompression or transcoding."""

    content: bytes
    name: str
    portable: bool = True

    @property
    def size(self) -> int:
        return len(self.content)

    def read(self, offset: int, length: int) -> bytes:
        return self.content[offset : offset + length]


@dataclass(frozen=True, slots=True)
class S3Object:
    """One version of an object; every read is one ranged GET of that very version."""

    bucket: str
    key: str
    size: int
    version_id: str | None = None
    portable: bool = True

    @property
    def name(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    def read(self, offset: int, length: int) -> bytes:
        end = min(offset + length, self.size)
        if end <= offset:
            return b""
        wanted = f"bytes={offset}-{end - 1}"
        response = s3().get_object(Bucket=self.bucket, Key=self.key, Range=wanted, **_version(self.version_id))
        body: bytes = response["Body"].read()
        return body


def _version(version_id: str | None) -> dict[str, str]:
    return {"VersionId": version_id} if version_id else {}


class SourceStream(io.RawIOBase):
    """A seekable stream over a source, for decompressors and archive readers."""

    def __init__(self, source: Source, chunk: int = 4 << 20) -> None:
        self._source, self._chunk = source, chunk
        self._position = 0
        self._buffer, self._buffer_start = b"", 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._source.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, target: Any) -> int:
        at = self._position - self._buffer_start
        if not 0 <= at < len(self._buffer):
            self._buffer, self._buffer_start = self._source.read(self._position, self._chunk), self._position
            at = 0
        part = self._buffer[at : at + len(target)]
        target[: len(part)] = part
        self._position += len(part)
        return len(part)
