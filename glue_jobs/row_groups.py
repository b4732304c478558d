"""Parquet files written one unit at a time and joined without reading a value again.

Every unit of a CSV file is encoded on its own (`encode_unit`), on any thread or executor, as a complete Parquet file.
The bodies of the units one after the other, then `joined_footer`, are again a Parquet file, whose row groups are those
of the units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from glue_jobs.parquet import write_parquet
from glue_jobs.thrift import I64, Decoder, Struct, encode

_MAGIC = b"PAR1"
_LENGTH_BYTES = 4

# Field ids of parquet.thrift.
_FILE_ROWS, _FILE_ROW_GROUPS = 3, 4
_GROUP_COLUMNS, _GROUP_ROWS, _GROUP_FILE_OFFSET, _GROUP_ORDINAL = 1, 3, 5, 7
_CHUNK_FILE_OFFSET, _CHUNK_META, _CHUNK_OFFSET_INDEX, _CHUNK_COLUMN_INDEX = 2, 3, 4, 6
_META_OFFSETS = (9, 10, 11, 14)  # data, index and dictionary pages, bloom filter


@dataclass(frozen=True)
class EncodedUnit:
    """A Parquet file in two pieces: `body`, from the magic bytes to the last data page, and its `footer` structure."""

    body: bytes
    footer: bytes
    rows: int


def encode_unit(table: pa.Table) -> EncodedUnit:
    """Encode a table as one row group of Parquet."""
    sink = pa.BufferOutputStream()
    write_parquet(table, sink)
    data = memoryview(sink.getvalue())
    footer_end = len(data) - len(_MAGIC) - _LENGTH_BYTES
    body_end = footer_end - int.from_bytes(data[footer_end : footer_end + _LENGTH_BYTES], "little")
    return EncodedUnit(bytes(data[:body_end]), bytes(data[body_end:footer_end]), table.num_rows)


def joined_footer(units: Sequence[tuple[bytes, int]]) -> bytes:
    """The end of a Parquet file made of units: of each, its footer and the offset of its body in that file."""
    footers = [(Decoder(footer).struct(), offset) for footer, offset in units]
    joined = dict(footers[0][0])
    kind, (element, _) = joined[_FILE_ROW_GROUPS]
    groups = [
        _moved_group(group, offset)
        for footer, offset in footers
        for group in footer[_FILE_ROW_GROUPS][1][1]
        if group[_GROUP_ROWS][1]
    ]
    for ordinal, group in enumerate(groups):
        if _GROUP_ORDINAL in group:
            group[_GROUP_ORDINAL] = (group[_GROUP_ORDINAL][0], ordinal)
    joined[_FILE_ROW_GROUPS] = (kind, (element, groups))
    joined[_FILE_ROWS] = (I64, sum(footer[_FILE_ROWS][1] for footer, _ in footers))
    text = encode(joined)
    return text + len(text).to_bytes(_LENGTH_BYTES, "little") + _MAGIC


def _moved_group(group: Struct, by: int) -> Struct:
    moved = _moved(group, (_GROUP_FILE_OFFSET,), by)
    kind, (element, chunks) = moved[_GROUP_COLUMNS]
    moved[_GROUP_COLUMNS] = (kind, (element, [_moved_chunk(chunk, by) for chunk in chunks]))
    return moved


def _moved_chunk(chunk: Struct, by: int) -> Struct:
    moved = _moved(chunk, (_CHUNK_OFFSET_INDEX, _CHUNK_COLUMN_INDEX), by)
    if moved[_CHUNK_FILE_OFFSET][1]:  # writers that follow the current specification put 0 here
        moved = _moved(moved, (_CHUNK_FILE_OFFSET,), by)
    kind, meta = moved[_CHUNK_META]
    moved[_CHUNK_META] = (kind, _moved(meta, _META_OFFSETS, by))
    return moved


def _moved(fields: Struct, offsets: Sequence[int], by: int) -> Struct:
    moved = dict(fields)
    for field_id in offsets:
        if field_id in moved:
            kind, value = moved[field_id]
            moved[field_id] = (kind, value + by)
    return moved
