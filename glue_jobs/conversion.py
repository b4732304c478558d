"""The outcome of converting one file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from glue_jobs.columns import ColumnSpec
from glue_jobs.dialect import Dialect
from glue_jobs.kinds import Observation
from glue_jobs.metadata import RESCUED
from glue_jobs.rejects import Reject, RejectLog

WriteUnit = Callable[[int, pa.Table], Any]
"""Stores one unit's table under its index and returns what `Conversion.outputs` shall hold. Called from several
threads or executors (pickled there); the same index may be written again, the last one counts."""

Runner = Callable[[Callable[["Unit"], "UnitResult"], Sequence["Unit"]], Iterable["UnitResult"]]
"""Applies a picklable function to every unit and yields the results in the units' order."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A byte range of the text. `exact` ranges are known to start and end on record boundaries; others are aligned
    to the boundaries nearest after `start` and `end`, and the result tells whether that can be proven."""

    index: int
    start: int
    end: int
    exact: bool = False


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What one unit found and wrote. `start` and `end` are the bytes that its records take.

    Lines of `rejects` count from 1 at `start`. `open_line` is set when the unit ends inside of quotes, so that `end`
    is no record boundary. `seen` holds an observation per column index whose values did not fit its type; then
    nothing was written. `multibyte` says that good records hold more than ASCII.
    """

    unit: Unit
    start: int
    end: int
    rows: int
    lines: int
    rejects: tuple[Reject, ...]
    rescued: int
    open_line: int | None
    multibyte: bool
    seen: Mapping[int, Observation]
    output: Any
    seconds: Mapping[str, float]

    @property
    def proves_its_end(self) -> bool:
        """Whether `end` is a record boundary for certain if `start` is one."""
        return self.open_line is None and self.end >= self.start


@dataclass(frozen=True, slots=True)
class Conversion:
    """A converted file.

    `rows_read = rows_written + len(rejects)`; `rescued` counts rows with rescued values; `outputs` are the values that
    the caller's `write_unit` returned, in file order. `dialect` is the one given, unless its encoding was assumed and
    turned out to be another. `seconds` are summed over all threads, per step.
    """

    dialect: Dialect
    columns: tuple[ColumnSpec, ...]
    rows_read: int
    rows_written: int
    rejects: RejectLog
    rescued: int
    outputs: tuple[Any, ...]
    seconds: Mapping[str, float]

    @property
    def schema(self) -> pa.Schema:
        """Data columns and `_rescued_data`: the schema of every table given to `write_unit`."""
        fields = [pa.field(column.name, column.type) for column in self.columns]
        return pa.schema([*fields, pa.field(RESCUED, pa.string())])
