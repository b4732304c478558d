"""How tables become Parquet, wherever they are written.

Timestamps are INT64 microseconds, never INT96. Snappy and few dictionaries were the fastest of what was measured
(docs/adr/0003-csv-parser.md).
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

# Spark 3 refuses dates before 1582 and instants before 1900 unless the file says that no legacy calendar was used,
# which this entry of Spark's own does.
_CALENDAR = {"org.apache.spark.version": "3.5.0"}
_LOOKED_AT = 10_000
_FEW = 10


def write_parquet(table: pa.Table, where: Any) -> None:
    """Write `table` as one row group to a path or a file-like object."""
    writer = pq.ParquetWriter(
        where,
        table.schema,
        compression="snappy",
        use_dictionary=_repetitive(table),
        # Readers get plain types; that a column is a dictionary in memory is nobody's concern.
        store_schema=False,
    )
    with writer:
        writer.write_table(table, row_group_size=max(table.num_rows, 1))
        writer.add_key_value_metadata(_CALENDAR)


def _repetitive(table: pa.Table) -> Any:
    """Columns whose first values repeat: only for them is a dictionary worth building."""
    head = table.slice(0, _LOOKED_AT)
    return [name for name in table.column_names if _repeats(head.column(name))]


def _repeats(column: Any) -> bool:
    if pa.types.is_dictionary(column.type):
        return True
    distinct: int = pc.count_distinct(column).as_py()
    return distinct * _FEW <= len(column)
