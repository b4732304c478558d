"""What happens to one unit of a file: read its records, give its columns their types, write its table."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pyarrow as pa

from glue_jobs.checks import Check, set_aside
from glue_jobs.columns import ColumnSpec
from glue_jobs.conversion import Unit, UnitResult, WriteUnit
from glue_jobs.dialect import Dialect
from glue_jobs.infer import known_of, misfits_of, observe_column
from glue_jobs.kinds import Observation
from glue_jobs.options import CsvOptions
from glue_jobs.read import read_records
from glue_jobs.rescue import with_rescued
from glue_jobs.source import Source
from glue_jobs.split import aligned
from glue_jobs.typed import to_type


def process_unit(
    source: Source,
    dialect: Dialect,
    columns: tuple[ColumnSpec, ...],
    write_unit: WriteUnit,
    check: Check | None,
    unit: Unit,
) -> UnitResult:
    """Process one unit; needs nothing but its arguments, so it runs on any thread, process or machine.

    Nothing is written when the unit does not end with a record, or when a free column needs another type.
    """
    clock = _Clock()
    with clock.step("read"):
        start, end = aligned(source, dialect, unit)
        data = source.read(start, max(0, end - start))
    with clock.step("parse"):
        records = read_records(data, dialect)
        if check is None:
            del data
    with clock.step("convert"):
        fitted = _fit(records.table, columns, dialect.options)
        table, rescued = with_rescued(fitted.table(), fitted.misfits)
    rejects = records.rejects
    if check and table.num_rows and not fitted.seen:
        with clock.step("check"):
            table, rejects = set_aside(table, check(unit.index, table), data, dialect, rejects)
    output = None
    if table.num_rows and records.open_line is None and not fitted.seen:
        with clock.step("write"):
            output = write_unit(unit.index, table)
    return UnitResult(
        unit=unit,
        start=start,
        end=end,
        rows=table.num_rows,
        lines=records.lines,
        rejects=rejects,
        rescued=rescued,
        open_line=records.open_line,
        multibyte=records.multibyte,
        seen=fitted.seen,
        output=output,
        seconds=clock.seconds,
    )


@dataclass
class _Fitted:
    """Typed columns, the misfits of rigid ones, and what free ones held that their type does not."""

    columns: list[tuple[str, Any]] = field(default_factory=list)
    misfits: list[tuple[str, Any, Any]] = field(default_factory=list)
    seen: dict[int, Observation] = field(default_factory=dict)

    def table(self) -> pa.Table:
        names = [name for name, _ in self.columns]
        return pa.table([values for _, values in self.columns], names=names)


def _fit(table: pa.Table, columns: tuple[ColumnSpec, ...], options: CsvOptions) -> _Fitted:
    fitted, nulls = _Fitted(), cast(Any, pa.nulls)
    for index, column in enumerate(columns):
        if column.position is None:
            fitted.columns.append((column.name, nulls(table.num_rows, column.type)))
            continue
        text = table.column(column.position).combine_chunks()
        # A free column without values so far is text only in name.
        wanted = pa.null() if column.empty and not column.rigid else column.type
        typed = to_type(text, wanted, options, rigid=column.rigid, lenient=column.lenient)
        values = typed.values.cast(column.type) if pa.types.is_null(wanted) else typed.values
        fitted.columns.append((column.name, values))
        if column.rigid and typed.misfit is not None:
            fitted.misfits.append((column.name, text, typed.misfit))
        elif not column.rigid and len(misfits_of(text, typed, wanted, options)):
            fitted.seen[index] = observe_column(text, options, known_of(column))
    return fitted


class _Clock:
    """Seconds per step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start
