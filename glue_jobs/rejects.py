"""Rows that could not be loaded, kept with their place, reason and bytes."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from glue_jobs.errors import FileRejected

UNDECODABLE = "undecodable_bytes"
# What one range may set aside, so that memory stays bounded whatever a file holds.
MOST_IN_RANGE = 1_000_000
_IN_MEMORY = 8 << 20


class Reject(NamedTuple):
    """One record: the physical line it starts on, a reason code, a sentence, and its bytes without the line end."""

    line: int
    reason: str
    detail: str
    raw: bytes


def too_many_rejects() -> FileRejected:
    """The verdict on a file of which a range holds more bad records than `MOST_IN_RANGE`."""
    message = (
        f"More than {MOST_IN_RANGE} records of one part of the file cannot be loaded; is it delimited text, and in the "
        "form that was found? Declare that in the contract's [csv], or correct the file."
    )
    return FileRejected("too_many_bad_rows", message)


class RejectLog:
    """Rejects in file order; beyond 8 MiB they wait on disk. Iterate as often as needed; `len()` counts them."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - lives as long as the log
        self._batches = 0
        self._count = 0

    def extend(self, rejects: Sequence[Reject], lines_before: int = 0) -> None:
        """Add rejects whose lines count from 1 after `lines_before`."""
        if rejects:
            self._file.seek(0, 2)
            # Plain tuples in one batch: millions of rejects must not cost more than millions of rows.
            pickle.dump((lines_before, [tuple(reject) for reject in rejects]), self._file)
            self._batches += 1
            self._count += len(rejects)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Reject]:
        position = 0
        for _ in range(self._batches):
            self._file.seek(position)
            before, batch = pickle.load(self._file)  # noqa: S301 # nosec B301 # written by this object
            position = self._file.tell()
            for line, reason, detail, raw in batch:
                yield Reject(before + line, reason, detail, raw)
