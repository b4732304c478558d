"""How tables become Parquet, wherever they are written."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


def write_parquet(table: pa.Table, where: Any) -> None:
    """Write one row group; `where` is a path or a file-like object."""
    pq.write_table(table, where, compression="snappy", row_group_size=max(table.num_rows, 1))
