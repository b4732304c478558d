"""Properties: whatever a table holds and however it is delivered, each cell comes back or is kept as text."""

from __future__ import annotations

import bz2
import gzip
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from glue_jobs.contract import Contract
from tests.glue_jobs.cells import CELLS, DELIMITERS, says, written
from tests.glue_jobs.lake import Lake
from tests.glue_jobs.reading import load

SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
Rows = list[list[str | None]]


def _in_two_members(data: bytes) -> bytes:
    return gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :])


PACKED = {"as it is": bytes, "gzip": gzip.compress, "gzip, in two members": _in_two_members, "bzip2": bz2.compress}


@st.composite
def tables(draw: Any, width: int, max_size: int = 12) -> Rows:
    """Rows of which each column is mostly of one kind."""
    kinds = [draw(st.sampled_from(list(CELLS))) for _ in range(width)]
    usual = [st.one_of(CELLS[kind], CELLS[kind], CELLS[kind], st.none()) for kind in kinds]
    if draw(st.booleans()):
        usual[0] = st.one_of(usual[0], CELLS[draw(st.sampled_from(list(CELLS)))])
    rows: Rows = draw(st.lists(st.tuples(*usual).map(list), max_size=max_size))
    return rows


def csv_of(names: list[str], rows: Rows, delimiter: str = ",", line_end: str = "\n") -> str:
    lines = [delimiter.join(written(cell, delimiter) for cell in row) for row in [names, *rows]]
    return "".join(line + line_end for line in lines)


@settings(max_examples=150, suppress_health_check=SLOW, deadline=None)
@given(
    rows=st.integers(2, 5).flatmap(tables),
    delimiter=st.sampled_from(DELIMITERS),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    packing=st.sampled_from(list(PACKED)),
    range_size=st.sampled_from([1 << 20, 100, 17]),
)
def test_each_cell_of_an_undeclared_table_says_what_it_said(
    rows: Rows, delimiter: str, line_end: str, encoding: str, packing: str, range_size: int
) -> None:
    names = [f"name_{letter}" for letter in "abcde"[: len(rows[0]) if rows else 2]]
    text = csv_of(names, rows, delimiter, line_end)

    loaded = load(PACKED[packing](text.encode(encoding)), range_size=range_size)

    assert (loaded.names, list(loaded.rejects)) == (names, [])
    assert len(loaded.rows) == len(rows)
    for found, row in zip(loaded.rows, rows, strict=True):
        assert all(map(says, found, row)), (found, row)


@settings(max_examples=12, suppress_health_check=SLOW, deadline=None)
@given(data=st.data(), mode=st.sampled_from(["rescue", "evolve", "freeze"]))
def test_each_cell_of_several_files_is_in_its_column_or_rescued(data: st.DataObject, mode: str, monkeypatch) -> None:
    monkeypatch.setattr("glue_jobs.process.contract_of", lambda dataset: Contract(mode=mode))
    said: dict[str, dict[str, str | None]] = {}
    with mock_aws():
        lake = Lake()
        lake.create()
        for number in range(3):
            names = data.draw(st.lists(st.sampled_from(["a", "b", "c"]), unique=True, min_size=1))
            rows = data.draw(tables(len(names), max_size=4))
            keyed = [[f"{number}:{position}", *row] for position, row in enumerate(rows)]
            lake.load(f"t/{number}.csv", csv_of(["key", *names], keyed))
            said |= {str(key): dict(zip(names, row, strict=True)) for key, *row in keyed}
        loaded = {row["key"]: row for row in lake.rows("t")}

    assert set(loaded) == set(said)
    for key, cells in said.items():
        rescued = json.loads(loaded[key]["_rescued_data"] or "{}")
        for name, cell in cells.items():
            kept = name in rescued and loaded[key].get(name) is None
            assert says(rescued[name], cell) if kept else says(loaded[key].get(name), cell), (key, name, cell)
