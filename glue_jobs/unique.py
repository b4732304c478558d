"""Values that occur twice in a file, whatever units they are in.

While a file is converted, every unit reports a 64-bit digest per value of each column that has to be unique: 8 bytes
of the driver's memory for each row. Only a file with duplicates is converted again, knowing them; the first row with
a value stays, in file order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute

pc: Any = pyarrow.compute

Duplicates = Mapping[int, int]
"""Digests that occur more than once, each with the index of the unit that has the first."""


def digests(column: Any) -> Any:
    """An array of one unsigned 64-bit digest per value; null for null."""
    text = pc.cast(column, pa.string()).to_pylist()
    return pa.array([None if value is None else _digest(value) for value in text], pa.uint64())


def find_duplicates(units: Iterable[tuple[int, Any]]) -> Duplicates:
    """Compare the digests of one column over all units, given as index and digests, in file order."""
    units = list(units)
    counts = pc.value_counts(pa.chunked_array([found for _, found in units], pa.uint64()).drop_null())
    repeated = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    first: dict[int, int] = {}
    for index, found in units:
        for digest in found.filter(pc.is_in(found, value_set=repeated)).to_pylist():
            first.setdefault(digest, index)
    return first


def later_rows(index: int, column: Any, duplicates: Duplicates) -> Iterator[int]:
    """The rows of a unit whose value another row before them, in this unit or an earlier one, has already."""
    seen = set()
    for row, digest in enumerate(digests(column).to_pylist()):
        first = duplicates.get(digest)
        if first is not None and (first < index or digest in seen):
            yield row
        seen.add(digest)


def _digest(value: str) -> int:
    return int.from_bytes(hashlib.blake2b(value.encode(), digest_size=8).digest(), "big")
