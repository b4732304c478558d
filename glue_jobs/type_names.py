"""The names of types: Spark's simple strings in contracts and previews, Hive's in the catalog, Arrow's inside."""

from __future__ import annotations

import re

import pyarrow as pa

_NAMED: dict[str, pa.DataType] = {
    "bigint": pa.int64(),
    "int": pa.int32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "timestamp_ntz": pa.timestamp("us"),
    "string": pa.string(),
}
_NAMES = {arrow_type: name for name, arrow_type in _NAMED.items()}
_DECIMAL = re.compile(r"decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)")

TYPE_NAMES = (*_NAMED, "decimal(precision,scale)")


def parse_type(name: str) -> pa.DataType:
    """The Arrow type of a Spark or Hive name; raises ValueError for any that no column can have."""
    text = name.strip().lower()
    if text in _NAMED:
        return _NAMED[text]
    if match := _DECIMAL.fullmatch(text):
        precision, scale = map(int, match.groups())
        if 1 <= precision <= 38 and scale <= precision:
            return pa.decimal128(precision, scale)
    raise ValueError(f"{name!r} is no column type; use one of {', '.join(TYPE_NAMES)} with precision up to 38")


def spark_type(arrow_type: pa.DataType) -> str:
    """Spark's simple string, such as `decimal(12,2)` or `timestamp_ntz`."""
    if pa.types.is_decimal(arrow_type):
        return f"decimal({arrow_type.precision},{arrow_type.scale})"
    return _NAMES[arrow_type]


def hive_type(arrow_type: pa.DataType) -> str:
    """The catalog's type, which knows one kind of timestamp only."""
    return "timestamp" if pa.types.is_timestamp(arrow_type) else spark_type(arrow_type)
