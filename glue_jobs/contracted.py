"""Convert a file as its contract wants it: rows that break a rule are rejected, whatever units they are in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from glue_jobs.columns import ColumnSpec
from glue_jobs.contract import Contract
from glue_jobs.conversion import Conversion, Runner, WriteUnit
from glue_jobs.convert import RANGE, convert
from glue_jobs.open import CsvFile
from glue_jobs.rules import RuleCheck
from glue_jobs.unique import DigestingWriter, Duplicates


def convert_contracted(
    csv: CsvFile,
    columns: Sequence[ColumnSpec],
    write_unit: WriteUnit,
    runner: Runner,
    contract: Contract,
    range_size: int = RANGE,
) -> Conversion:
    """`glue_jobs.convert.convert`, with the contract's rules; only a file with duplicates is converted twice."""

    def once(specs: Sequence[ColumnSpec], write: WriteUnit, duplicates: Mapping[str, Duplicates]) -> Conversion:
        check = RuleCheck(contract.rules, duplicates, contract.csv) if contract.rules else None
        return convert(csv.source, csv.dialect, specs, write, runner, range_size, check)

    names = {column.name for column in columns}
    unique = tuple(name for name in contract.unique_columns if name in names)
    if not unique:
        return once(columns, write_unit, {})
    writer = DigestingWriter(write_unit, unique)
    conversion = once(columns, writer, {})
    if duplicates := writer.duplicates(conversion.outputs):
        conversion = once(conversion.columns, writer, duplicates)
    return replace(conversion, outputs=tuple(unit.output for unit in conversion.outputs))
