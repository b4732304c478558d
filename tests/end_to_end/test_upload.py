"""From a CSV dropped into the bucket to a table that another engine reads."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb
import pytest

from gluepipe.demo import data as demo
from tests.end_to_end.conftest import Checkout
from tests.places import REPOSITORY
from tests.waiting import eventually

METADATA = ("_rescued_data", "processed_at", "source_file", "processing_job")


def _read(deployed: Checkout, outputs: list[str], folder: Path) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and rows of Parquet objects, downloaded and read by DuckDB."""
    paths = []
    for uri in outputs:
        bucket, key = uri.removeprefix("s3://").split("/", 1)
        paths.append(str(folder / key.replace("/", "_")))
        deployed.dev.s3.download_file(bucket, key, paths[-1])
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        result = connection.execute("FROM read_parquet($paths, hive_partitioning = false)", {"paths": paths})
        return [column[0] for column in result.description], result.fetchall()


def _canonical(value: Any) -> str:
    """A cell as text, up to the declared equivalences: `1.50` = `1.5`, `T` between date and time, no value = empty."""
    text = "" if value is None else str(value)
    try:
        return str(Decimal(text).normalize())
    except InvalidOperation:
        return text.replace("T", " ").removesuffix("+00:00").removesuffix("Z")


def _source(file: Path) -> list[list[str]]:
    data = file.read_bytes()
    if file.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = archive.read(archive.namelist()[0])
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


KEYS = [
    "plain.csv",
    "two  words.csv",
    "a+b & c=d.csv",
    "Müller [2024].csv",
    "100%.csv",
    "literal%20percent.CSV",
    "q*?.csv",
]


def test_any_key_becomes_the_rows_of_its_own_file(deployed: Checkout, tmp_path: Path) -> None:
    files = [tmp_path / name for name in KEYS]
    for n, file in enumerate(files):
        file.write_text(f"id,who\n{n},{file.name}\n")

    outcomes = deployed.upload(*files, "--dataset", "odd keys")

    for n, (file, outcome) in enumerate(zip(files, outcomes, strict=True)):
        names, rows = _read(deployed, outcome["outputs"], tmp_path)
        assert names == ["id", "who", *METADATA]
        assert [row[:3] for row in rows] == [(n, file.name, None)]
        assert rows[0][4:] == (f"s3://{deployed.names.input_bucket}/odd_keys/{file.name}", deployed.names.job)


@pytest.mark.parametrize(
    "file", [file for file in demo.files() if file.stem != demo.MESSY_DATASET], ids=lambda f: f.name
)
def test_every_cell_of_public_data_arrives(deployed: Checkout, tmp_path: Path, file: Path) -> None:
    (outcome,) = deployed.upload(file)

    names, rows = _read(deployed, outcome["outputs"], tmp_path)

    header, *records = _source(file)
    assert len(names) == len(header) + len(METADATA)
    width = len(header)
    loaded = Counter(tuple(_canonical(cell) for cell in row[:width]) for row in rows)
    assert loaded == Counter(tuple(_canonical(cell) for cell in record) for record in records)
    assert (outcome["rows_written"], outcome["rows_quarantined"]) == (len(records), 0)


def test_bad_rows_are_set_aside_with_place_and_reason(deployed: Checkout) -> None:
    messy = next(file for file in demo.files() if file.stem == demo.MESSY_DATASET)

    (outcome,) = deployed.upload(messy)

    assert outcome["state"] == "succeeded"
    assert outcome["rows_quarantined"] > 0
    assert outcome["rows_read"] == outcome["rows_written"] + outcome["rows_quarantined"]
    stored = deployed.dev.s3.get_object(
        Bucket=deployed.names.output_bucket, Key=f"_quarantine/{outcome['dataset']}/{outcome['file_id']}.jsonl"
    )["Body"].read()
    rejects = [json.loads(line) for line in stored.splitlines()]
    lines = messy.read_text(encoding="utf-8").splitlines()
    assert [reject["raw"] for reject in rejects] == [lines[reject["line"] - 1] for reject in rejects]
    assert all(reject["reason"] for reject in rejects)


def test_a_file_that_cannot_be_loaded_says_why_and_spares_its_neighbour(deployed: Checkout, tmp_path: Path) -> None:
    (good := tmp_path / "good.csv").write_text("id\n1\n")
    (empty := tmp_path / "empty.csv").touch()

    finished = deployed.gluepipe("upload", "dev", good, empty, "--dataset", "mixed", "--wait", "--json")

    assert finished.returncode == 1
    outcomes = json.loads(finished.stdout)["files"]
    assert [outcome["state"] for outcome in outcomes] == ["succeeded", "failed"]
    assert outcomes[1]["error"]["code"] == "empty_file"


def test_the_catalog_has_the_columns_of_the_file(deployed: Checkout, tmp_path: Path) -> None:
    (file := tmp_path / "typed.csv").write_text("Id,When (UTC),Price\n1,2024-05-01,1.5\n")

    deployed.upload(file, "--dataset", "typed")

    table = deployed.dev.glue.get_table(DatabaseName=deployed.names.database, Name="typed")["Table"]
    columns = [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]]
    assert columns[:3] == [("id", "bigint"), ("when_utc", "date"), ("price", "double")]
    assert [name for name, _ in columns[3:]] == list(METADATA)
    assert [key["Name"] for key in table["PartitionKeys"]] == ["ingest_date"]


def test_an_upload_of_the_same_key_replaces_its_rows(deployed: Checkout, tmp_path: Path) -> None:
    (file := tmp_path / "again.csv").write_text("id\n1\n2\n")
    deployed.upload(file, "--dataset", "again")
    file.write_text("id\n3\n")
    (second,) = deployed.upload(file, "--dataset", "again")

    listed = deployed.dev.s3.list_objects_v2(Bucket=deployed.names.output_bucket, Prefix="again/")

    assert [f"s3://{listed['Name']}/{entry['Key']}" for entry in listed["Contents"]] == second["outputs"]


CASES = REPOSITORY / "tests" / "cases" / "b15_glob_characters_in_key"


def test_glob_characters_in_a_key_read_that_file_alone(deployed: Checkout, tmp_path: Path) -> None:
    bucket = deployed.names.input_bucket
    files = {file.name.removeprefix("bucket_"): file for file in CASES.glob("bucket_*.csv")}
    for name, file in files.items():
        deployed.dev.s3.upload_file(str(file), bucket, f"incoming/{name}")

    def loaded() -> list[str]:
        listed = deployed.dev.s3.list_objects_v2(Bucket=deployed.names.output_bucket, Prefix="incoming/")
        keys = [f"s3://{deployed.names.output_bucket}/{entry['Key']}" for entry in listed.get("Contents", [])]
        return keys if len(keys) == len(files) else []

    names, rows = _read(deployed, eventually(loaded), tmp_path)

    found = {row[names.index("source_file")]: row[names.index("v")] for row in rows}
    for name in ("sales[2024].csv", "{a,b}.csv", "q*.csv", "what?.csv"):
        assert found[f"s3://{bucket}/incoming/{name}"] == "right"
    assert len(rows) == len(files)
