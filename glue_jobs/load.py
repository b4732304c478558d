"""One open file on its way to the units of its object, and to the columns of its table."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from glue_jobs.catalog import Catalog, Table
from glue_jobs.clients import s3
from glue_jobs.columns import ColumnSpec
from glue_jobs.contract import Contract
from glue_jobs.contracted import convert_contracted
from glue_jobs.conversion import Conversion, Runner, WriteUnit
from glue_jobs.convert import RANGE
from glue_jobs.errors import FileRejected
from glue_jobs.execution import spark_session
from glue_jobs.fit import check_conversion, data_columns, fit_columns, folded_columns, merge_columns
from glue_jobs.infer import infer
from glue_jobs.manifest import FileVersion
from glue_jobs.metadata import RESCUED
from glue_jobs.open import CsvFile
from glue_jobs.quarantine import write_quarantine
from glue_jobs.transform import Hook, Stage, columns_of, find_hook, has_hook, transformed, write_frame
from glue_jobs.write import ObjectWriter, StoredUnit, UnitWriter


@dataclass(frozen=True)
class FileLoad:
    """What loading one file needs; its counts and times are added to `figures`."""

    version: FileVersion
    csv: CsvFile
    contract: Contract
    writer: ObjectWriter
    runner: Runner
    catalog: Catalog
    figures: dict[str, Any]

    def units(self) -> Sequence[StoredUnit]:
        """Store the file's rows, not visible yet, after the catalog has their columns.

        Raises:
            FileRejected: The file cannot be loaded.

        """
        hook = find_hook(self.version.dataset)
        units = self._transformed(hook) if hook else self._converted()
        self.figures["rows_written"] = sum(unit.rows for unit in units)
        self.figures["rows_rescued"] = sum(unit.rescued for unit in units)
        return units

    def _converted(self) -> Sequence[StoredUnit]:
        """Convert until the catalog agrees with the columns, which another run may be changing at the same time."""
        inferred = infer(self.csv.source, self.csv.dialect)
        may_widen = True
        while True:
            table = self.catalog.table(self.version.dataset)
            columns = fit_columns(inferred, table, self.contract, may_widen=may_widen)
            conversion = self._convert(columns, UnitWriter(self.writer, folded_columns(columns, table, self.contract)))
            self._judge(conversion, table)
            if self._record(conversion.columns):
                return conversion.outputs
            may_widen = False

    def _transformed(self, hook: Hook) -> Sequence[StoredUnit]:
        """The table's types are those of what the hook gives; the file's own come from its contract and its values."""
        columns = fit_columns(infer(self.csv.source, self.csv.dialect), None, self.contract)
        stage = Stage(self.writer.bucket, self.writer.staging)
        conversion = self._convert(columns, stage)
        self._judge(conversion, None)
        with timed(self.figures, "transform"):
            df = transformed(spark_session(), hook, stage.bucket, conversion.outputs, conversion.schema)
            if not self._record(columns_of(df)):
                raise FileRejected(
                    "schema_conflict", "The transform hook gives types that are not the table's; cast there."
                )
            columns_now = data_columns(self.catalog.table(self.version.dataset))
            fields = [pa.field(column.name, column.type) for column in columns_now]
            return write_frame(df, self.writer, pa.schema([*fields, pa.field(RESCUED, pa.string())]))

    def _judge(self, conversion: Conversion, table: Table | None) -> None:
        """Put what was rejected into quarantine; raise FileRejected when it is too much."""
        if len(conversion.rejects):
            write_quarantine(s3(), self.writer.bucket, self.version, conversion.rejects)
        check_conversion(conversion, table, self.contract)

    def _convert(self, columns: Sequence[ColumnSpec], write_unit: WriteUnit) -> Conversion:
        conversion = convert_contracted(self.csv, columns, write_unit, self.runner, self.contract, RANGE)
        self.figures.update(rows_read=conversion.rows_read, rows_quarantined=len(conversion.rejects))
        self.figures["seconds"] |= {step: round(taken, 3) for step, taken in conversion.seconds.items()}
        return conversion

    def _record(self, columns: Sequence[ColumnSpec]) -> bool:
        """Put the columns into the catalog before their rows are visible; False if their types contradict it."""
        while True:
            table = self.catalog.table(self.version.dataset)
            merged = merge_columns(columns, table, self.contract)
            if merged is None:
                return False
            if self.catalog.save(self.version.dataset, merged, table):
                return True


def needs_staging(version: FileVersion, csv: CsvFile) -> bool:
    """Whether more than one unit's worth of rows may be on its way at a time, or a hook stands in between."""
    return csv.source.size > RANGE or has_hook(version.dataset)


@contextmanager
def timed(figures: dict[str, Any], step: str) -> Iterator[None]:
    """Put the seconds that a block takes among the figures."""
    started = time.monotonic()
    try:
        yield
    finally:
        figures["seconds"][step] = round(time.monotonic() - started, 3)
