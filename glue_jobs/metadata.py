"""The columns that tell where a row came from."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa

RESCUED = "_rescued_data"
METADATA_COLUMNS = ("processed_at", "source_file", "processing_job")
PARTITION_COLUMN = "ingest_date"
RESERVED_NAMES = frozenset({RESCUED, *METADATA_COLUMNS, PARTITION_COLUMN})


def with_metadata(table: pa.Table, source_file: str, processing_job: str, processed_at: dt.datetime) -> pa.Table:
    """`table` with `processed_at` (UTC instant), `source_file` and `processing_job` as its last columns."""
    instant = pa.scalar(processed_at.astimezone(dt.UTC), pa.timestamp("us", tz="UTC"))
    table = table.append_column("processed_at", pa.repeat(instant, table.num_rows))
    table = table.append_column("source_file", _constant(source_file, table.num_rows))
    return table.append_column("processing_job", _constant(processing_job, table.num_rows))


def _constant(text: str, rows: int) -> Any:
    # A dictionary of one entry costs nothing to build and is written as such; readers see a plain string column.
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), rows), pa.array([text]))
