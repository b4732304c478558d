"""Converting whole files: rows set aside, types widened, values rescued, ranges cut."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from glue_jobs import split
from glue_jobs.errors import FileRejected
from glue_jobs.options import CsvOptions
from glue_jobs.rejects import Reject, RejectLog
from tests.glue_jobs.reading import load


def test_ragged_and_malformed_rows_are_set_aside_with_line_and_text() -> None:
    data = b'id,a,b\n1,x,y\n2,"two\nlines",y\n3\n\n4,"q"z,y\n5,x,y,z\n6,\xff,y\n7,\xc3\xa9,y\n'

    for range_size in (1, 7, 1000):
        loaded = load(data, range_size=range_size)
        assert [row[0] for row in loaded.rows] == [1, 2, 7]
        assert [(r.line, r.reason, r.raw) for r in loaded.rejects] == [
            (5, "too_few_fields", b"3"),
            (7, "malformed_quotes", b'4,"q"z,y'),
            (8, "too_many_fields", b"5,x,y,z"),
            (9, "undecodable_bytes", b"6,\xff,y"),
        ]
        assert loaded.conversion.rows_read == loaded.conversion.rows_written + 4


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (b'a,b\n"",x\n,y\n', [("", "x"), (None, "y")]),
        (b"a\n1\n\n2\n", [(1,), (None,), (2,)]),
        (b"a,b\n1,2\n\n   \n3,4\n\n", [(1, 2), (3, 4)]),
        (b"a,b\n1,2\n\x1a", [(1, 2)]),
        (b"a,b\n1,2", [(1, 2)]),
        (b'a,b\n"1",', [(1, None)]),
        (b"a\tb\n\t\n \t \t\n1\t2\n", [(None, None), (1, 2)]),
        (b"a,b\r1,x\r\n2,y\n3,z\r", [(1, "x"), (2, "y"), (3, "z")]),
        (b"a,b\n1,x\x00y\n", [(1, "x\x00y")]),
        (b'a,b\n5" pipe,John "J" Doe\n', [('5" pipe', 'John "J" Doe')]),
        (b"a,b\n#1,x\n", [("#1", "x")]),
        (b"a,b\n1,x\n1,x\n", [(1, "x"), (1, "x")]),
        (b'a,b\n1, "x" \n', [(1, ' "x" ')]),
    ],
)
def test_records_are_kept_as_they_are(data: bytes, rows: list[tuple[Any, ...]]) -> None:
    loaded = load(data)

    assert loaded.rows == rows
    assert not loaded.rejects


def test_a_header_that_comes_again_is_set_aside() -> None:
    loaded = load(b'id,n\n1,2\n\xef\xbb\xbfid,n\n3,4\nid,n,x\n5,"id,n"\n')

    assert loaded.rows == [(1, "2"), (3, "4"), (5, "id,n")]
    assert [(r.line, r.reason) for r in loaded.rejects] == [(3, "repeated_header"), (5, "too_many_fields")]
    assert load(b"name\nAnn\nname\n").rows == [("Ann",), ("name",)]


def late(values: list[str], rows: int = 30_000) -> bytes:
    """A column of ones, whose last values are others."""
    return b"id,v\n" + b"".join(b"%d,1\n" % n for n in range(rows)) + "".join(f"0,{v}\n" for v in values).encode()


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (["2.5"], "double"),
        (["x"], "string"),
        (["99999999999999999999"], "decimal(20,0)"),
        (["2.50", "12345678901234567.5"], "decimal(19,2)"),
        (["2024-01-01"], "string"),
    ],
)
def test_the_type_depends_on_all_values_and_not_on_where_they_stand(values: list[str], name: str) -> None:
    data = late(values)
    header, *records = data.splitlines(keepends=True)
    upside_down = header + b"".join(reversed(records))

    for content in (data, upside_down):
        for range_size in (20_000, 1 << 20):
            loaded = load(content, range_size=range_size)
            assert loaded.types == ["bigint", name]
            assert loaded.table.num_rows == len(records)


def test_a_column_without_values_is_text_until_one_comes() -> None:
    assert load(b"a,b\n1,\n2,\n").types == ["bigint", "string"]
    assert load(b"a,b\n1,\n2,\n").conversion.columns[1].empty
    empty_for_long = b"a,b\n" + b"1,\n" * 200_000 + b"2,2024-01-01\n"
    assert load(empty_for_long, range_size=100_000).types == ["bigint", "date"]


def test_what_does_not_fit_a_rigid_column_is_rescued() -> None:
    data = b"id,n,d\n1,5,2024-01-01\n2,n/a,2024-02-30\n3,,\nx,7,2024-01-02\n"

    loaded = load(data, types={"id": pa.int64(), "n": pa.int64(), "d": pa.date32()})

    assert loaded.rows[1][:2] == (2, None)
    assert [row[0] for row in loaded.rows] == [1, 2, 3, None]
    rescued = [json.loads(text) if text else None for text in loaded.rescued]
    assert rescued == [None, {"n": "n/a", "d": "2024-02-30"}, None, {"id": "x"}]
    assert loaded.conversion.rescued == 2


def test_null_tokens_are_null_only_where_declared_and_unquoted() -> None:
    data = b'a,b\nNA,1\n"NA",NA\n'

    assert load(data).rows == [("NA", "1"), ("NA", "NA")]
    assert load(data, CsvOptions(null_tokens=("NA",))).rows == [(None, 1), ("NA", None)]


def test_a_file_of_a_header_alone_has_columns_and_an_empty_table() -> None:
    loaded = load(b"id,name\n")

    assert loaded.rows == []
    assert loaded.types == ["string", "string"]
    assert loaded.table.schema == loaded.conversion.schema


def test_the_line_of_an_unterminated_quote_is_told() -> None:
    data = b"id,t\n" + b'1,"a\nb"\n' * 1000 + b'2,"open\n3,x\n'

    for range_size in (100, 1 << 20):
        with pytest.raises(FileRejected) as refusal:
            load(data, range_size=range_size)
        assert (refusal.value.code, refusal.value.line) == ("unterminated_quote", 2002)


def test_long_fields_are_read_and_endless_ones_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = ("x" * 99 + "\n") * 10_000
    data = f'id,t\n1,"{text}"\n2,b\n'.encode()
    assert load(data, range_size=100_000).rows == [(1, text), (2, "b")]

    monkeypatch.setattr(split, "LONGEST_RECORD", 200_000)
    with pytest.raises(FileRejected, match="record_too_long"):
        load(data, range_size=100_000)


@pytest.fixture(params=["Europe/London", "America/New_York", "Asia/Kolkata"])
def _zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_zone")
def test_wall_clocks_do_not_depend_on_the_host_zone() -> None:
    loaded = load(b"local,at\n2024-03-31 01:30:00,2024-03-10T02:30:00Z\n2024-03-10 02:30:00,2024-07-01T00:00:00Z\n")

    assert [str(row[0]) for row in loaded.rows] == ["2024-03-31 01:30:00", "2024-03-10 02:30:00"]
    assert [row[1].isoformat() for row in loaded.rows] == ["2024-03-10T02:30:00+00:00", "2024-07-01T00:00:00+00:00"]
    assert os.environ["TZ"] != "UTC"


def test_rejects_beyond_memory_wait_on_disk_in_order() -> None:
    log = RejectLog()
    for start in range(0, 300, 100):
        log.extend([Reject(line, "r", "d", b"x" * 100_000) for line in range(100)], lines_before=start)

    assert len(log) == 300
    for _ in range(2):
        assert [reject.line for reject in log] == list(range(300))
