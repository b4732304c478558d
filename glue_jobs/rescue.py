"""Values that do not fit a rigid column: null there, their text kept in `_rescued_data` of the same row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from glue_jobs.metadata import RESCUED


def with_rescued(table: pa.Table, misfits: Sequence[tuple[str, Any, Any]]) -> tuple[pa.Table, int]:
    """`table` with `_rescued_data` as its last column, and the number of rows with something in it.

    `misfits` lists per column its name, its text and the mask of values that did not fit.
    """
    rescued: dict[int, dict[str, str]] = {}
    for name, text, mask in misfits:
        rows = [row for row, bad in enumerate(mask.to_pylist()) if bad]
        for row, raw in zip(rows, text.filter(mask).to_pylist(), strict=True):
            rescued.setdefault(row, {})[name] = raw
    if not rescued:
        return table.append_column(RESCUED, pa.nulls(table.num_rows, pa.string())), 0
    values: list[str | None] = [None] * table.num_rows
    for row, texts in rescued.items():
        values[row] = json.dumps(texts, ensure_ascii=False)
    return table.append_column(RESCUED, pa.array(values, pa.string())), len(rescued)


def fold_into_rescued(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """`table` without these string columns, whose values go to `_rescued_data` of their rows."""
    if not names:
        return table
    extras = table.select(list(names)).to_pylist()
    rescued = [_with(text, extra) for text, extra in zip(table.column(RESCUED).to_pylist(), extras, strict=True)]
    kept = table.drop_columns([*names, RESCUED])
    return kept.append_column(RESCUED, pa.array(rescued, pa.string()))


def _with(text: str | None, extra: Mapping[str, str | None]) -> str | None:
    found = {name: value for name, value in extra.items() if value is not None}
    if not found:
        return text
    return json.dumps((json.loads(text) if text else {}) | found, ensure_ascii=False)
