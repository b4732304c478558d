"""Judge a preview by what a case expects (`expected.json`): the problems it has, none when it is right."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow.parquet as pq

from gluepipe.preview import Preview

Row = tuple[Any, ...]
_INTEGERS = {"tinyint", "smallint", "int", "bigint"}
_OWN_COLUMNS = ["_rescued_data", "processed_at", "source_file", "processing_job"]


def problems(result: Preview, expected: dict[str, Any]) -> list[str]:
    """What is wrong with `result`, in words.

    `also_accept_outcomes` are as good as `outcome`; only their row counts are checked. `also_accept` of a column lists
    types, or objects of a type and the values that cells may have under it.
    """
    others = expected.get("also_accept_outcomes", [])
    if result.outcome not in {expected["outcome"], *(other["outcome"] for other in others)}:
        return [f"outcome is {result.outcome} ({result.message})"]
    if result.outcome != "ok":
        return list(_problems_of_refusal(result))
    found = [] if expected["outcome"] != "ok" else list(_problems_of_table(result, expected))
    counts = [other.get("row_count", result.rows_written) for other in others if other["outcome"] == "ok"]
    if (found or expected["outcome"] != "ok") and result.rows_written not in counts:
        return found or [f"{result.rows_written} rows"]
    return []


def _problems_of_refusal(result: Preview) -> Iterator[str]:
    if not result.reason or not result.message:
        yield "no reason is given"
    if result.outputs:
        yield "rejected, yet there is output"


def _problems_of_table(result: Preview, expected: dict[str, Any]) -> Iterator[str]:
    columns = expected.get("columns", [])
    if columns and len(columns) != len(result.columns):
        yield f"{len(result.columns)} columns: {[column.name for column in result.columns]}"
        return
    yield from _problems_of_columns(result, columns, expected.get("forbidden_types", {}))
    names = [column.name for column in result.columns]
    rows = stored_rows(result, names)
    if not len(rows) == result.rows_written == expected.get("row_count", len(rows)):
        yield f"{len(rows)} rows stored, {result.rows_written} reported"
    if result.rows_quarantined != expected.get("quarantined_count", 0):
        yield f"{result.rows_quarantined} rows quarantined"
    raws = [reject.raw for reject in result.rejects]
    for key, decode in (("quarantined_raw_hex", bytes.fromhex), ("quarantined_raw", str.encode)):
        # The readable form of bytes that are not text is for people only.
        if key in expected and not (key == "quarantined_raw" and "quarantined_raw_hex" in expected):
            wanted = [decode(raw) for raw in expected[key]]
            if raws != wanted:
                yield f"quarantined {raws}, not {wanted}"
    yield from _problems_of_rows(rows, expected.get("rows", []), columns)
    yield from _problems_of_cells(rows, expected.get("cells", []), names)


def _problems_of_columns(
    result: Preview, columns: Sequence[dict[str, Any]], forbidden: dict[str, list[str]]
) -> Iterator[str]:
    names = [column.name for column in result.columns]
    if len(set(names)) != len(names):
        yield f"names are not unique: {names}"
    for want, have in zip(columns, result.columns, strict=bool(columns)):
        if want["name"] not in (None, have.name) or not re.fullmatch("[a-z_][a-z0-9_]*", have.name):
            yield f"column {have.name}, not {want['name']}"
        if have.type not in _accepted_types(want) or have.type in forbidden.get(have.name, []):
            yield f"{have.name} is {have.type}, not {want['type']}"


def _accepted_types(column: dict[str, Any]) -> set[str]:
    others = [one if isinstance(one, str) else one["type"] for one in column.get("also_accept", [])]
    types = {column["type"], *others}
    return types | _INTEGERS if types & _INTEGERS else types


def stored_rows(result: Preview, names: list[str]) -> list[Row]:
    """The rows of the Parquet files, data columns only."""
    rows: list[Row] = []
    for path in result.outputs:
        table = pq.read_table(path)
        assert table.column_names == [*names, *_OWN_COLUMNS]
        rows += zip(*[table.column(name).to_pylist() for name in names], strict=True)
    return rows


def _problems_of_rows(rows: list[Row], expected: list[Row], columns: Sequence[dict[str, Any]]) -> Iterator[str]:
    for number, (row, want) in enumerate(zip(rows, expected, strict=False), start=1):
        for value, wanted, column in zip(row, want, columns, strict=True):
            if not any(_is_same(value, other) for other in (wanted, *_other_values(column))):
                yield f"row {number}: {column['name']} is {value!r}, not {wanted!r}"


def _other_values(column: dict[str, Any]) -> list[Any]:
    return [value for one in column.get("also_accept", []) if isinstance(one, dict) for value in one["values"]]


def _problems_of_cells(rows: list[Row], cells: list[dict[str, Any]], names: list[str]) -> Iterator[str]:
    for cell in cells:
        value = rows[cell["row"] - 1][names.index(cell["column"])]
        if "sha256" in cell:
            right = hashlib.sha256(str(value).encode()).hexdigest() == cell["sha256"]
        else:
            right = _is_same(value, cell["value"])
        if not right:
            yield f"row {cell['row']}: {cell['column']} is {str(value)[:80]!r}"


def _is_same(have: Any, want: Any) -> bool:
    if have is None or want is None or isinstance(want, bool):
        return have is want
    if isinstance(have, dt.datetime) and have.tzinfo:
        return str(have) == str(want).replace("T", " ").replace("Z", "+00:00")
    if isinstance(have, dt.date | str):
        return str(have) == str(want)
    try:
        return Decimal(str(have)) == Decimal(str(want).strip())
    except InvalidOperation:
        return False
