"""A column of the output: where its text stands in the file and what type it gets."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One output column.

    `position` is the field's index in the file's records; None means the file lacks the column and every value is
    null. `source_name` is the header's own text. A `rigid` column keeps its type: a value that does not fit becomes
    null and its text goes to `_rescued_data`. A column that is not rigid is widened until every value fits.
    A `lenient` rigid column, whose type its owner declared, also takes other spellings of a number (`007`, `+5`,
    `1E5`). `empty` says that no value has been seen yet, so the type is only a placeholder (string).
    """

    name: str
    source_name: str
    position: int | None
    type: pa.DataType
    rigid: bool = False
    lenient: bool = False
    empty: bool = False
