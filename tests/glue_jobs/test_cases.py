"""Files that broke other readers, each with what is right (tests/cases/<case>/expected.json)."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from gluepipe.preview import Preview, preview

CASES = Path(__file__).parent.parent / "cases"
INTEGERS = {"tinyint", "smallint", "int", "bigint"}


def expectation(case: Path) -> dict[str, Any] | None:
    path = case / "expected.json"
    expected: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return expected if expected.get("family") in ("a", "c") and len(expected["inputs"]) == 1 else None


def single_files() -> list[Any]:
    found = ((case, expectation(case)) for case in sorted(CASES.iterdir()))
    return [pytest.param(case, expected, id=case.name) for case, expected in found if expected]


def given(case: Path, expected: dict[str, Any], folder: Path) -> Path:
    """The case's input under the name it is delivered with."""
    name = expected["inputs"][0]
    if name == "generate.py":
        target = folder / "input.csv"
        subprocess.run([sys.executable, str(case / name), str(target)], check=True)
        return target
    target = folder / Path(expected.get("object_key", name)).name
    target.write_bytes((case / name).read_bytes())
    return target


@pytest.mark.parametrize(("case", "expected"), single_files())
def test_a_file_that_broke_other_readers(case: Path, expected: dict[str, Any], tmp_path: Path) -> None:
    [result] = preview([given(case, expected, tmp_path)], tmp_path / "out")

    accepted = [{"outcome": expected["outcome"]}, *expected.get("also_accept_outcomes", [])]
    assert result.outcome in {one["outcome"] for one in accepted}, result.message
    if result.outcome == "rejected":
        assert result.reason
        assert not result.outputs
        assert not list((tmp_path / "out").rglob("*.parquet"))
    elif expected["outcome"] == "ok":
        judge(result, expected)
    else:
        counts = {one["row_count"] for one in accepted if "row_count" in one}
        assert result.rows_written in counts


def judge(result: Preview, expected: dict[str, Any]) -> None:
    columns = expected["columns"]
    names = [column.name for column in result.columns]
    assert len(names) == len(columns)
    assert len(set(names)) == len(names)
    for want, have in zip(columns, result.columns, strict=True):
        assert re.fullmatch("[a-z_][a-z0-9_]*", have.name)
        assert want["name"] in (None, have.name)
        assert have.type in accepted_types(want), have.name
        assert have.type not in expected.get("forbidden_types", {}).get(want["name"], [])
    rows = stored_rows(result, names)
    assert result.rows_written == len(rows) == expected["row_count"]
    assert result.rows_quarantined == expected.get("quarantined_count", 0)
    if "quarantined_raw_hex" in expected:
        assert [r.raw.hex() for r in result.rejects] == expected["quarantined_raw_hex"]
    elif "quarantined_raw" in expected:
        assert [r.raw.decode() for r in result.rejects] == expected["quarantined_raw"]
    if "rows" in expected:
        for row, want in zip(rows, expected["rows"], strict=True):
            assert all(same(a, b) for a, b in zip(row, want, strict=True)), (row, want)
    for cell in expected.get("cells", []):
        assert same(rows[cell["row"] - 1][names.index(cell["column"])], cell["value"])


def accepted_types(column: dict[str, Any]) -> set[str]:
    others = [one if isinstance(one, str) else one["type"] for one in column.get("also_accept", [])]
    types = {column["type"], *others}
    return types | INTEGERS if types & INTEGERS else types


def stored_rows(result: Preview, names: list[str]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for path in result.outputs:
        table = pq.read_table(path)
        assert table.column_names == [*names, "_rescued_data", "processed_at", "source_file", "processing_job"]
        rows += zip(*[table.column(name).to_pylist() for name in names], strict=True)
    return rows


def same(have: Any, want: Any) -> bool:
    if have is None or want is None or isinstance(want, bool):
        return have is want
    if isinstance(have, dt.date):
        return str(have) == str(want)
    if isinstance(have, str):
        return have == str(want)
    try:
        return Decimal(str(have)) == Decimal(str(want).strip())
    except InvalidOperation:
        return False
