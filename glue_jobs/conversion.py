"""The outcome of converting one file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from .columns import ColumnSpec
from .rejects import Reject, RejectLog

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
    """What one unit found and wrote. `kinds` holds, per column, the observation that widened it."""

    unit: Unit
    rows: int
    lines: int
    rejects: tuple[Reject, ...]
    rescued: int
    widened: dict[int, Any]
    output: Any
    closed: bool
    multibyte: bool
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conversion:
    """A converted file. `rows_read = rows_written + len(rejects)`; `rescued` counts rows with rescued values;
    `outputs` are the values that the caller's `write_unit` returned, in file order."""

    columns: tuple[ColumnSpec, ...]
    rows_read: int
    rows_written: int
    rejects: RejectLog
    rescued: int
    outputs: tuple[Any, ...]
    seconds: dict[str, float]

    @property
    def schema(self) -> pa.Schema:
        """Data columns and `_rescued_data`: the schema of every table given to `write_unit`."""
        from .metadata import RESCUED

        fields = [pa.field(column.name, column.type) for column in self.columns]
        return pa.schema([*fields, pa.field(RESCUED, pa.string())])
