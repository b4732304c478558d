"""Values that do not fit a rigid column: null there, their text kept in `_rescued_data` of the same row."""

from __future__ import annotations

import json
from collections.abc import Sequence
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
