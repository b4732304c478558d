"""Rows that could not be loaded, kept with their place, reason and bytes."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

UNDECODABLE = "undecodable_bytes"
_IN_MEMORY = 8 << 20


@dataclass(frozen=True, slots=True)
class Reject:
    """One record: the physical line it starts on, a reason code, a sentence, and its bytes without the line end."""

    line: int
    reason: str
    detail: str
    raw: bytes


class RejectLog:
    """Rejects in file order; beyond 8 MiB they wait on disk. Iterate as often as needed; `len()` counts them."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - lives as long as the log
        self._count = 0

    def extend(self, rejects: Iterable[Reject]) -> None:
        self._file.seek(0, 2)
        for reject in rejects:
            pickle.dump(reject, self._file)
            self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Reject]:
        position = 0
        for _ in range(self._count):
            self._file.seek(position)
            reject = pickle.load(self._file)  # noqa: S301 - written by this object
            position = self._file.tell()
            yield reject
