"""Files made to break a reader: refused with a reason, in bounded memory, and never a crash."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glue_jobs import faults, read, split, unpack
from glue_jobs.convert import convert
from glue_jobs.detect import detect
from glue_jobs.encoding import as_utf8
from glue_jobs.errors import FileRejected
from glue_jobs.execution import threads
from glue_jobs.options import CsvOptions
from tests.glue_jobs.reading import load
from tests.hostile import archives, texts
from tests.hostile.hostile_file import HostileFile


def refusal_of(data: bytes, range_size: int = 1 << 20) -> tuple[str, int | None]:
    with pytest.raises(FileRejected) as refusal:
        load(data, range_size=range_size)
    return refusal.value.code, refusal.value.line


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_what_unpacks_to_far_more_than_tables_do_is_refused(pack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "ANY_EXPANSION_BELOW", 100_000)
    monkeypatch.setattr(unpack, "CHUNK", 10_000)
    table = b"id,name\n" + b"".join(b"%d,name of %d\n" % (number, number) for number in range(9000))

    assert len(load(pack(table)).rows) == 9000
    assert refusal_of(pack(bytes(1 << 20)))[0] == "unpacks_too_large"


@pytest.mark.parametrize(
    "record", [b"2," + b"x" * 100_000, b'2,"' + b"x,\n" * 40_000, b'2,"' + b"x,\n" * 40_000 + b'"\n3,y\n']
)
def test_a_record_that_memory_should_not_hold_is_refused(record: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split, "LONGEST_RECORD", 20_000)
    monkeypatch.setattr(split, "WINDOW", 100)

    assert refusal_of(b"id,text\n1,a\n" + record, range_size=1000) == ("record_too_long", 3)


@dataclass
class Counted:
    """Bytes in memory, and how many of them were asked for at a time."""

    content: bytes
    lengths: list[int] = field(default_factory=list)
    name: str = "counted.csv"
    portable: bool = True

    @property
    def size(self) -> int:
        return len(self.content)

    def read(self, offset: int, length: int) -> bytes:
        part = self.content[offset : offset + length]
        self.lengths.append(len(part))
        return part


@pytest.mark.parametrize("line", [b"2," + b"x" * 400_000, b'2,"' + b"x" * 400_000, b"2," + b'x"' * 200_000])
def test_a_record_without_end_is_neither_held_whole_nor_read_again_for_every_range(
    line: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, size in {"WINDOW": 64, "WIDEST_WINDOW": 4096, "LONGEST_RECORD": 20_000, "COUNTED": 4096}.items():
        monkeypatch.setattr(split, name, size)
    source = Counted(b"id,text\n" + b"1,abcdef\r\n" * 20_000 + line)
    dialect = detect(as_utf8(source, None, ExitStack()), None, CsvOptions())
    source.lengths.clear()
    with pytest.raises(FileRejected) as refusal:
        convert(source, dialect, (), lambda *_: None, threads(2), range_size=4096)

    assert (refusal.value.code, refusal.value.line) == ("record_too_long", 20_002)
    assert max(source.lengths) <= 4096 + 20_000
    assert sum(source.lengths) < 10 * source.size


def test_a_header_of_a_hundred_thousand_columns_is_refused() -> None:
    header = b",".join(b"c%d" % number for number in range(100_000))

    assert refusal_of(header + b"\n" + b"1," * 99_999 + b"1\n") == ("too_many_columns", 1)


@pytest.mark.parametrize("bad", [b"1\n", b'1,"a"b\n', b"1,\xff\n"])
def test_more_bad_records_than_memory_should_hold_are_refused(bad: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (read, faults):
        monkeypatch.setattr(module, "MOST_IN_RANGE", 100)
    good = b"id,name\n" + "1,é\n".encode() * 2000

    assert len(load(good + bad * 100).rejects) == 100
    assert refusal_of(good + bad * 101)[0] == "too_many_bad_rows"


# What takes long to unpack is left to tests/end_to_end/test_hostile_corpus.py, as are the keys.
FAMILIES = [family for family in (*archives.FAMILIES, *texts.FAMILIES) if family is not archives.bombs]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_files_made_to_break_a_reader_are_read_or_refused(family: Callable[[], Iterator[HostileFile]]) -> None:
    codes = {file: _code_of(file.content) for file in family()}
    assert {file.key: code for file, code in codes.items() if not file.may_end_with(code)} == {}


def _code_of(data: bytes) -> str:
    try:
        load(data)
    except FileRejected as refusal:
        return refusal.code
    return ""


def outcome(data: bytes, range_size: int) -> Any:
    try:
        loaded = load(data, range_size=range_size)
    except FileRejected as error:
        return str(error)
    return loaded.types, loaded.rows, loaded.rejects


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([b"", b"h\n", b"a,b\n", b"a;b\r\n", b'"a\n1"\tb\n']),
    st.one_of(st.binary(max_size=80), st.text("a1.,;\"'\\\n\r\t #", max_size=80).map(str.encode)),
    st.integers(1, 30),
)
def test_any_bytes_are_read_or_refused_the_same_however_they_are_cut(head: bytes, body: bytes, size: int) -> None:
    whole = outcome(head + body, 1 << 20)

    assert outcome(head + body, size) == whole
