"""Types of the columns that nobody has given a type: guessed from a sample, widened by every value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute

from glue_jobs import kinds
from glue_jobs.columns import ColumnSpec
from glue_jobs.dialect import Dialect
from glue_jobs.grammar import Grammar
from glue_jobs.kinds import Observation
from glue_jobs.names import column_names
from glue_jobs.options import CsvOptions
from glue_jobs.read import read_records
from glue_jobs.source import Source
from glue_jobs.typed import BLOCK, Typed, to_type

pc: Any = pyarrow.compute  # its type stubs refuse plain numbers as operands

SAMPLE = 256 << 10
_FIRST_LOOK = 8


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


def observe_column(text: Any, options: CsvOptions, seen: Observation = Observation()) -> Observation:  # noqa: B008
    """`seen` widened by a string array, looking closely only at values that do not fit what was seen before."""
    values = text.drop_null()
    start, size = 0, _FIRST_LOOK
    while start < len(values) and not pa.types.is_string(seen.type):
        block = values.slice(start, size)
        misfits = misfits_of(block, to_type(block, seen.type, options), seen.type, options)
        if len(misfits) == 0:
            start += size
        else:
            seen |= kinds.observe(misfits.unique().to_pylist(), options)
        size = BLOCK
    return seen


def misfits_of(text: Any, typed: Typed, type_: pa.DataType, options: CsvOptions) -> Any:
    """The values of `text`, which `typed` was made of, that a free column of this type cannot take."""
    misfit = typed.misfit
    if not pa.types.is_decimal(type_):
        return text.slice(0, 0) if misfit is None else text.filter(misfit)
    # A decimal column keeps as many digits after the point as are written, zeros too.
    longer = pc.match_substring_regex(text, rf"{re.escape(options.decimal)}[0-9]{{{type_.scale + 1},}}")
    return text.filter(longer if misfit is None else pc.or_(longer, misfit))


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
