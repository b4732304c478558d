"""Values that occur twice in a file, whatever units they are in.

While a file is converted, every unit reports a 64-bit digest per value of each column that has to be unique: 8 bytes
of the driver's memory for each row. Only a file with duplicates is converted again, knowing them; the first row with
a value stays, in file order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute

from glue_jobs.conversion import WriteUnit

pc: Any = pyarrow.compute

Duplicates = Mapping[int, int]
"""Digests that occur more than once, each with the index of the unit that has the first."""


@dataclass(frozen=True)
class Digested:
    """What a unit's writer returned, beside the digests of its unique columns."""

    index: int
    output: Any
    digests: tuple[Any, ...]


@dataclass(frozen=True)
class DigestingWriter:
    """Writes units through another writer and reports the digests of `columns`."""

    write_unit: WriteUnit
    columns: tuple[str, ...]

    def __call__(self, index: int, table: pa.Table) -> Digested:
        found = tuple(_digests(table.column(name)) for name in self.columns)
        return Digested(index, self.write_unit(index, table), found)

    def duplicates(self, units: Sequence[Digested]) -> dict[str, Duplicates]:
        """The duplicates over all units of a file, in file order, of every column that has any."""
        found = {
            name: _duplicates([(unit.index, unit.digests[position]) for unit in units])
            for position, name in enumerate(self.columns)
        }
        return {name: duplicates for name, duplicates in found.items() if duplicates}


def later_rows(index: int, column: Any, duplicates: Duplicates) -> Iterator[int]:
    """The rows of a unit whose value another row before them, in this unit or an earlier one, has already."""
    seen = set()
    for row, digest in enumerate(_digests(column).to_pylist()):
        first = duplicates.get(digest)
        if first is not None and (first < index or digest in seen):
            yield row
        seen.add(digest)


def _duplicates(units: Sequence[tuple[int, Any]]) -> Duplicates:
    counts = pc.value_counts(pa.chunked_array([digests for _, digests in units], pa.uint64()).drop_null())
    repeated = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    first: dict[int, int] = {}
    for index, digests in units:
        for digest in digests.filter(pc.is_in(digests, value_set=repeated)).to_pylist():
            first.setdefault(digest, index)
    return first


def _digests(column: Any) -> Any:
    text = pc.cast(column, pa.string()).to_pylist()
    return pa.array([None if value is None else _digest(value) for value in text], pa.uint64())


def _digest(value: str) -> int:
    return int.from_bytes(hashlib.blake2b(value.encode(), digest_size=8).digest(), "big")
