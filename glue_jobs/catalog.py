"""The Glue catalog: the memory of each table's schema, kept current without a crawler.

One `Catalog` serves one run and all its threads; it asks Glue only when something is new.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from glue_jobs.metadata import PARTITION_COLUMN
from glue_jobs.type_names import hive_type, parse_type, spark_type

_TYPE_PARAMETER = "gluepipe.type"
_LONGEST_COMMENT = 255
_BATCH = 100


@dataclass(frozen=True)
class Column:
    """One column of a table; `comment` is the header text of the file that brought it."""

    name: str
    type: pa.DataType
    comment: str = ""


@dataclass(frozen=True)
class Table:
    """A table as Glue has it: every column in order, without the partition column."""

    columns: tuple[Column, ...]
    version_id: str


class Catalog:
    """The tables of one database, whose files are in one bucket."""

    def __init__(self, glue: Any, database: str, bucket: str) -> None:
        self._glue = glue
        self._database = database
        self._bucket = bucket
        self._tables: dict[str, Table | None] = {}
        self._partitions: set[tuple[str, str]] = set()
        self._lock = threading.RLock()

    def table(self, dataset: str) -> Table | None:
        """The dataset's table as this run knows it; None when there is none yet."""
        with self._lock:
            if dataset not in self._tables:
                self._tables[dataset] = self._read(dataset)
            return self._tables[dataset]

    def save(self, dataset: str, columns: Sequence[Column], expected: Table | None) -> bool:
        """Give the table these columns; False when it is no longer what `expected` says (look again with `table`)."""
        with self._lock:
            if self.table(dataset) != expected:
                return False
            if expected and expected.columns == tuple(columns):
                return True
            written = self._update(dataset, columns, expected) if expected else self._create(dataset, columns)
            self._tables[dataset] = found = self._read(dataset)
            if not written or found is None or found.columns != tuple(columns):
                return False
            if expected:
                self._refresh_partitions(dataset, columns)
            return True

    def ensure_partition(self, dataset: str, ingest_date: str) -> None:
        """Register the partition of a date; also mends columns that a killed run left behind in partitions."""
        with self._lock:
            table = self.table(dataset)
            if table is None or (dataset, ingest_date) in self._partitions:
                return
            answer = self._glue.batch_create_partition(
                DatabaseName=self._database,
                TableName=dataset,
                PartitionInputList=[self._partition(dataset, ingest_date, table.columns)],
            )
            codes = {error["ErrorDetail"]["ErrorCode"] for error in answer.get("Errors", ())}
            if codes - {"AlreadyExistsException"}:
                raise OSError(f"cannot register partition {ingest_date} of {self._database}.{dataset}: {codes}")
            if codes and not self._is_current(dataset, ingest_date, table.columns):
                self._refresh_partitions(dataset, table.columns)
            self._partitions.add((dataset, ingest_date))

    def _read(self, dataset: str) -> Table | None:
        try:
            table = self._glue.get_table(DatabaseName=self._database, Name=dataset)["Table"]
        except self._glue.exceptions.EntityNotFoundException:
            return None
        columns = tuple(_column(each) for each in table["StorageDescriptor"]["Columns"])
        return Table(columns, table.get("VersionId", ""))

    def _create(self, dataset: str, columns: Sequence[Column]) -> bool:
        try:
            self._glue.create_table(DatabaseName=self._database, TableInput=self._table_input(dataset, columns))
        except self._glue.exceptions.AlreadyExistsException:
            return False
        return True

    def _update(self, dataset: str, columns: Sequence[Column], expected: Table) -> bool:
        version = {"VersionId": expected.version_id} if expected.version_id else {}
        table_input = self._table_input(dataset, columns)
        try:
            self._glue.update_table(DatabaseName=self._database, TableInput=table_input, SkipArchive=True, **version)
        except self._glue.exceptions.ConcurrentModificationException:
            return False
        return True

    def _table_input(self, dataset: str, columns: Sequence[Column]) -> dict[str, Any]:
        return {
            "Name": dataset,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"classification": "parquet", "EXTERNAL": "TRUE"},
            "PartitionKeys": [{"Name": PARTITION_COLUMN, "Type": "string"}],
            "StorageDescriptor": _storage(f"s3://{self._bucket}/{dataset}/", columns),
        }

    def _partition(self, dataset: str, ingest_date: str, columns: Sequence[Column]) -> dict[str, Any]:
        location = f"s3://{self._bucket}/{dataset}/{PARTITION_COLUMN}={ingest_date}/"
        return {"Values": [ingest_date], "StorageDescriptor": _storage(location, columns)}

    def _is_current(self, dataset: str, ingest_date: str, columns: Sequence[Column]) -> bool:
        found = self._glue.get_partition(DatabaseName=self._database, TableName=dataset, PartitionValues=[ingest_date])[
            "Partition"
        ]
        return [_column(each) for each in found["StorageDescriptor"]["Columns"]] == list(columns)

    def _refresh_partitions(self, dataset: str, columns: Sequence[Column]) -> None:
        """Athena compares the columns of a partition with those of its table, by position."""
        pages = self._glue.get_paginator("get_partitions").paginate(
            DatabaseName=self._database, TableName=dataset, ExcludeColumnSchema=True
        )
        dates = [partition["Values"][0] for page in pages for partition in page["Partitions"]]
        for start in range(0, len(dates), _BATCH):
            self._glue.batch_update_partition(
                DatabaseName=self._database,
                TableName=dataset,
                Entries=[
                    {"PartitionValueList": [date], "PartitionInput": self._partition(dataset, date, columns)}
                    for date in dates[start : start + _BATCH]
                ],
            )


def _storage(location: str, columns: Iterable[Column]) -> dict[str, Any]:
    return {
        "Columns": [_glue_column(column) for column in columns],
        "Location": location,
        "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
            "Parameters": {"serialization.format": "1"},
        },
    }


def _glue_column(column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {"Name": column.name, "Type": hive_type(column.type)}
    if column.comment:
        described["Comment"] = column.comment
    if described["Type"] != spark_type(column.type):  # Hive has one timestamp, we have two
        described["Parameters"] = {_TYPE_PARAMETER: spark_type(column.type)}
    return described


def _column(described: dict[str, Any]) -> Column:
    text = described.get("Parameters", {}).get(_TYPE_PARAMETER, described["Type"])
    return Column(described["Name"], parse_type(text), described.get("Comment", ""))


def comment_of(header: str) -> str:
    """A header text as a Glue comment: one line of at most 255 printable characters."""
    line = " ".join(header.split())
    return "".join(filter(str.isprintable, line))[:_LONGEST_COMMENT]
