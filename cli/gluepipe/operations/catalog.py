"""The tables of an environment as people find them: columns, place, and some rows."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from gluepipe.errors import UsageProblem, suggestion
from gluepipe.operations import ledger
from gluepipe.operations.deployed import Deployed
from gluepipe.operations.ledger import Filter
from gluepipe.operations.stored_object import StoredObject
from lambda_trigger.ledger_item import State

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import TableTypeDef

LATEST_FILES = 20  # looked at for rows; one that was replaced meanwhile has none


@dataclass(frozen=True)
class Column:
    """A column as the catalog has it; `comment` is the header of the file that brought it."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class Table:
    """A table: its full name, where its rows are, its columns (those it is partitioned by come last)."""

    name: str
    location: str
    columns: list[Column]

    @property
    def dataset(self) -> str:
        return self.name.partition(".")[2]

    def as_document(self) -> dict[str, Any]:
        return asdict(self)


def list_tables(deployed: Deployed) -> Iterator[Table]:
    """Every table of the environment, as Glue lists them."""
    for page in deployed.access.glue.get_paginator("get_tables").paginate(DatabaseName=deployed.names.database):
        yield from (_table(deployed, table) for table in page["TableList"])


def find_table(deployed: Deployed, dataset: str) -> Table:
    """The table of a dataset; raises UsageProblem, with the nearest names, where there is none."""
    glue = deployed.access.glue
    try:
        return _table(deployed, glue.get_table(DatabaseName=deployed.names.database, Name=dataset)["Table"])
    except glue.exceptions.EntityNotFoundException:
        known = [table.dataset for table in list_tables(deployed)]
        hint = suggestion(dataset, known) if known else "No file was loaded yet."
        raise UsageProblem(f"{deployed.names.environment} has no table {dataset}.", hint) from None


def first_rows(deployed: Deployed, dataset: str, limit: int) -> list[dict[str, Any]]:
    """Up to so many rows of the file that was loaded last; none where the ledger knows no such file any more."""
    loaded = Filter(dataset, State.SUCCEEDED)
    for item in ledger.list_files(deployed.ledger, loaded, LATEST_FILES, attributes=("outputs",)):
        for key in item.get("outputs") or []:
            if rows := _read(deployed, key, limit):
                return rows
    return []


def _table(deployed: Deployed, table: TableTypeDef) -> Table:
    storage = table.get("StorageDescriptor", {})
    columns = [*storage.get("Columns", []), *table.get("PartitionKeys", [])]
    return Table(
        name=f"{deployed.names.database}.{table['Name']}",
        location=storage.get("Location", ""),
        columns=[Column(each["Name"], each.get("Type", ""), each.get("Comment", "")) for each in columns],
    )


def _read(deployed: Deployed, key: str, limit: int) -> list[dict[str, Any]]:
    from pyarrow.parquet import ParquetFile

    from glue_jobs.source import SourceStream

    s3, bucket = deployed.access.s3, deployed.names.output_bucket
    try:
        size = s3.head_object(Bucket=bucket, Key=key)["ContentLength"]
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "404":
            raise
        return []
    stream = io.BufferedReader(SourceStream(StoredObject(s3, bucket, key, size)))
    first = next(ParquetFile(stream).iter_batches(batch_size=limit), None)
    rows: list[dict[str, Any]] = first.slice(0, limit).to_pylist() if first is not None else []
    return rows
