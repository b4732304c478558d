import datetime as dt
import decimal
import io
from itertools import accumulate

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from glue_jobs.row_groups import encode_unit, joined_footer
from glue_jobs.thrift import Decoder, encode

SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("name", pa.string()),
        ("price", pa.decimal128(9, 2)),
        ("ratio", pa.float64()),
        ("open", pa.bool_()),
        ("day", pa.date32()),
        ("local", pa.timestamp("us")),
        ("instant", pa.timestamp("us", tz="UTC")),
    ]
)


def rows(start: int, count: int) -> pa.Table:
    moment = dt.datetime(2024, 3, 31, 1, 30)
    records = [
        {
            "id": number,
            "name": None if number % 5 == 0 else f"name {number % 7}",
            "price": decimal.Decimal(number) / 100,
            "ratio": number / 3,
            "open": number % 2 == 0,
            "day": moment.date(),
            "local": moment,
            "instant": moment.replace(tzinfo=dt.UTC),
        }
        for number in range(start, start + count)
    ]
    return pa.Table.from_pylist(records, SCHEMA)


def joined(tables: list[pa.Table]) -> bytes:
    units = [encode_unit(table) for table in tables]
    starts = accumulate((len(unit.body) for unit in units), initial=0)
    footer = joined_footer([(unit.footer, start) for unit, start in zip(units, starts, strict=False)])
    return b"".join([*(unit.body for unit in units), footer])


@pytest.mark.parametrize(
    "counts", [[0], [1], [3, 4], [5, 0, 2], [0, 0, 1], [70_000, 10], [2] * 40], ids=lambda counts: str(counts)[:20]
)
def test_joined_units_read_as_their_rows_in_order(counts: list[int]) -> None:
    tables = [rows(start, count) for start, count in zip(accumulate(counts, initial=0), counts, strict=False)]

    assert pq.read_table(io.BytesIO(joined(tables))).equals(pa.concat_tables(tables))


def test_other_readers_agree(tmp_path) -> None:
    path = tmp_path / "joined.parquet"
    path.write_bytes(joined([rows(0, 100), rows(100, 50)]))

    read = duckdb.read_parquet(str(path))
    (found,) = read.aggregate("count(*), sum(id), min(price), max(price), count(name)").fetchall()

    assert found == (150, sum(range(150)), decimal.Decimal("0.00"), decimal.Decimal("1.49"), 120)


def test_statistics_still_prune_row_groups(tmp_path) -> None:
    path = tmp_path / "joined.parquet"
    path.write_bytes(joined([rows(0, 100), rows(100, 50)]))

    assert pq.read_table(path, filters=[("id", ">=", 149)]).num_rows == 1
    groups = pq.read_metadata(path)
    assert [groups.row_group(i).column(0).statistics.max for i in range(2)] == [99, 149]


def test_timestamps_are_not_int96() -> None:
    schema = pq.ParquetFile(io.BytesIO(joined([rows(0, 1)]))).schema

    assert {schema.column(i).physical_type for i in (6, 7)} == {"INT64"}


def test_a_footer_survives_decoding_and_encoding() -> None:
    footer = encode_unit(rows(0, 10)).footer

    assert encode(Decoder(footer).struct()) == footer
