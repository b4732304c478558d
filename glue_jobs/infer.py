"""Types of the columns that nobody has given a type: guessed from a sample, widened by every value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from glue_jobs import kinds
from glue_jobs.columns import ColumnSpec
from glue_jobs.dialect import Dialect
from glue_jobs.grammar import Grammar
from glue_jobs.kinds import Observation
from glue_jobs.names import column_names
from glue_jobs.options import CsvOptions
from glue_jobs.read import read_records
from glue_jobs.source import Source
from glue_jobs.typed import to_type

SAMPLE = 256 << 10
_CANDIDATES = (pa.int64(), pa.float64(), pa.bool_(), pa.date32(), pa.timestamp("us"), pa.timestamp("us", tz="UTC"))


def infer(source: Source, dialect: Dialect) -> tuple[ColumnSpec, ...]:
    """One free column per field, with the type that fits a sample from the file's start.

    The sample can only guess too narrow a type, never too wide a one, so what `convert` makes of the guess depends
    on the file's values alone.
    """
    header = dialect.header or ("",) * dialect.width
    names = column_names(header)
    sample = read_records(_whole_records(source, dialect), dialect).table
    observations = [observe_column(text.combine_chunks(), dialect.options) for text in sample.columns]
    return tuple(
        column_of(ColumnSpec(name, text, position, pa.null()), seen)
        for position, (name, text, seen) in enumerate(zip(names, header, observations, strict=True))
    )


def observe_column(text: Any, options: CsvOptions) -> Observation:
    """The observation of a string array: by vectorised conversion where that gives it, else value by value."""
    values = text.drop_null()
    if len(values) == 0:
        return Observation()
    first = kinds.observe_value(values[0].as_py(), options)
    if first.kinds & kinds.Kind.TEXT:
        return first
    for candidate in _CANDIDATES:
        if first.type == candidate and to_type(values, candidate, options).misfit is None:
            return kinds.observation_of(candidate)
    return kinds.observe(values.unique().to_pylist(), options)


def column_of(column: ColumnSpec, seen: Observation) -> ColumnSpec:
    """`column` with the narrowest type for what was seen; text stands in for the type of a column without values."""
    empty = pa.types.is_null(seen.type)
    return replace(column, type=pa.string() if empty else seen.type, empty=empty)


def widened(columns: Sequence[ColumnSpec], seen: dict[int, Observation]) -> tuple[ColumnSpec, ...]:
    """`columns` with those at the indexes of `seen` widened to hold that, too."""
    return tuple(
        column_of(column, seen[index] | known_of(column)) if index in seen else column
        for index, column in enumerate(columns)
    )


def known_of(column: ColumnSpec) -> Observation:
    """What the type of a column says about its values."""
    return Observation() if column.empty else kinds.observation_of(column.type)


def _whole_records(source: Source, dialect: Dialect) -> bytes:
    data = source.read(dialect.start, min(SAMPLE, dialect.end - dialect.start))
    if dialect.start + len(data) >= dialect.end:
        return data
    grammar: Grammar = dialect.grammar
    ends = [record.next for record in grammar.records(data) if not record.open and record.next > record.end]
    return data[: ends[-2]] if len(ends) > 1 else b""
