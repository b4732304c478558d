"""Convert bytes in memory with the job's own steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from glue_jobs.columns import ColumnSpec
from glue_jobs.conversion import Conversion
from glue_jobs.convert import RANGE, convert
from glue_jobs.dialect import Dialect
from glue_jobs.execution import threads
from glue_jobs.infer import infer
from glue_jobs.metadata import RESCUED
from glue_jobs.open import open_csv
from glue_jobs.options import CsvOptions
from glue_jobs.rejects import Reject
from glue_jobs.source import MemoryFile
from glue_jobs.type_names import spark_type


@dataclass(frozen=True)
class Loaded:
    """A converted file with its rows."""

    conversion: Conversion
    table: pa.Table

    @property
    def dialect(self) -> Dialect:
        return self.conversion.dialect

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.conversion.columns]

    @property
    def types(self) -> list[str]:
        return [spark_type(column.type) for column in self.conversion.columns]

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        columns = [self.table.column(index).to_pylist() for index in range(len(self.names))]
        return list(zip(*columns, strict=True))

    @property
    def rescued(self) -> list[str | None]:
        return self.table.column(RESCUED).to_pylist()

    @property
    def rejects(self) -> list[Reject]:
        return list(self.conversion.rejects)


def load(
    data: bytes,
    options: CsvOptions = CsvOptions(),  # noqa: B008 - immutable
    *,
    range_size: int = RANGE,
    types: dict[str, pa.DataType] | None = None,
    lenient: bool = False,
) -> Loaded:
    """Load a CSV; columns named in `types` are rigid."""
    written: dict[int, pa.Table] = {}

    def write_unit(index: int, table: pa.Table) -> int:
        written[index] = table
        return index

    with open_csv(MemoryFile(data, "test.csv"), options) as csv:
        columns = _held(infer(csv.source, csv.dialect), types or {}, lenient)
        conversion = convert(csv.source, csv.dialect, columns, write_unit, threads(1), range_size)
    return Loaded(conversion, pa.concat_tables([written[index] for index in conversion.outputs]))


def _held(columns: Sequence[ColumnSpec], types: dict[str, pa.DataType], lenient: bool) -> list[ColumnSpec]:
    return [
        replace(column, type=types[column.name], rigid=True, lenient=lenient, empty=False)
        if column.name in types
        else column
        for column in columns
    ]
