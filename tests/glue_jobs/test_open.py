"""Form, encoding and compression of delivered files."""

from __future__ import annotations

import bz2
import gzip
import io
import re
import zipfile
from contextlib import ExitStack

import pytest

from glue_jobs import unpack
from glue_jobs.errors import FileRejected
from glue_jobs.options import CsvOptions
from glue_jobs.source import LocalFile, MemoryFile
from tests.glue_jobs.reading import load

CITIES = "id,city\n1,naïve\n2,Köln\n"
PLAIN = CITIES.encode()


def gzipped(data: bytes) -> bytes:
    """The same bytes at any time of day, which name tests."""
    return gzip.compress(data, mtime=0)


def zipped(**members: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (PLAIN, "utf-8"),
        (b"\xef\xbb\xbf" + PLAIN, "utf-8-sig"),
        (CITIES.encode("utf-16"), "utf-16-le"),
        (b"\xfe\xff" + CITIES.encode("utf-16-be"), "utf-16-be"),
        (CITIES.encode("utf-16-le"), "utf-16-le"),
        (CITIES.encode("utf-16-be"), "utf-16-be"),
        (CITIES.encode("utf-32"), "utf-32-le"),
        (CITIES.encode("latin-1"), "cp1252"),
    ],
)
def test_the_encoding_is_found(data: bytes, encoding: str) -> None:
    loaded = load(data)

    assert loaded.dialect.encoding == encoding
    assert loaded.rows == [(1, "naïve"), (2, "Köln")]


@pytest.mark.parametrize("encoding", ["cp1251", "shift_jis", "iso8859_5", "gbk"])
def test_an_encoding_that_would_be_guessed_wrong_is_refused_unless_declared(encoding: str) -> None:
    text = "id,city\n1,Москва\n" if "125" in encoding or "8859" in encoding else "id,city\n1,東京都\n"

    with pytest.raises(FileRejected, match="unsupported_encoding"):
        load(text.encode(encoding))
    assert load(text.encode(encoding), CsvOptions(encoding=encoding)).rows[0][1] in ("Москва", "東京都")


def test_a_code_page_is_named_by_what_the_text_reads_like() -> None:
    text = "id,miasto\n1,Łódź\n2,Świnoujście\n"

    with pytest.raises(FileRejected, match=r"\(line 2\).*reads like Polish in cp1250.*such as cp1250"):
        load(text.encode("cp1250"))
    assert load(text.encode("cp1250"), CsvOptions(encoding="cp1250")).rows[0] == (1, "Łódź")


@pytest.mark.parametrize("encoding", ["cp1250", "latin-1"])
def test_utf8_is_not_read_in_a_declared_code_page(encoding: str) -> None:
    with pytest.raises(FileRejected, match="the text is UTF-8"):
        load(PLAIN, CsvOptions(encoding=encoding))


def test_western_bytes_after_a_long_ascii_start_are_read_as_such() -> None:
    rows = 200_000
    data = b"id,name\n" + b"".join(b"%d,plain\n" % number for number in range(rows)) + b"9,Zo\xeb\n"

    loaded = load(data, range_size=1 << 20)

    assert loaded.dialect.encoding == "cp1252"
    assert not loaded.rejects
    assert loaded.rows[-1] == (9, "Zoë")


@pytest.mark.parametrize(("letter", "encoding"), [("ã", "utf-8"), ("ã", "cp1252")])
def test_a_character_at_the_end_of_the_sample_does_not_decide(
    monkeypatch: pytest.MonkeyPatch, letter: str, encoding: str
) -> None:
    monkeypatch.setattr("glue_jobs.encoding.SAMPLE", len(b"id,name\n1,Jo") + 1)

    loaded = load(f"id,name\n1,Jo{letter}o\n".encode(encoding))

    assert loaded.rows == [(1, "João")]


def test_bytes_unknown_to_the_declared_encoding_are_quarantined_not_replaced() -> None:
    loaded = load(b"id,name\n1,Zo\xeb\n2,\x81\n", CsvOptions(encoding="cp1252"))

    assert loaded.rows == [(1, "Zoë")]
    assert [(r.line, r.reason, r.raw) for r in loaded.rejects] == [(3, "undecodable_bytes", b"2,\x81")]


@pytest.mark.parametrize(
    ("data", "compression"),
    [
        (gzipped(PLAIN), "gzip"),
        (gzipped(PLAIN[:12]) + gzipped(PLAIN[12:]), "gzip"),
        (bz2.compress(PLAIN), "bzip2"),
        (zipped(**{"folder/cities.csv": CITIES, "__MACOSX/._cities.csv": "x"}), "zip"),
    ],
)
def test_compression_is_found_by_content(data: bytes, compression: str) -> None:
    loaded = load(data)

    assert loaded.dialect.compression == compression
    assert loaded.rows == [(1, "naïve"), (2, "Köln")]


def test_what_unpacks_large_waits_on_disk_and_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "IN_MEMORY", 10)
    monkeypatch.setattr(unpack, "CHUNK", 7)
    with ExitStack() as cleanup:
        text, _ = unpack.unpack(MemoryFile(gzipped(PLAIN), "x.gz"), cleanup)
        assert isinstance(text, LocalFile)
        assert text.read(0, 100) == PLAIN
    with pytest.raises(FileNotFoundError):
        text.read(0, 1)


def test_a_decompression_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "MAX_UNPACKED", 1 << 20)
    with pytest.raises(FileRejected, match="unpacks_too_large"):
        load(gzipped(bytes(9 << 20)))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\n\r\n", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (gzipped(b""), "empty_file"),
        (gzipped(PLAIN)[:-9], "damaged_archive"),
        (gzipped(PLAIN)[:-8] + b"12345678", "damaged_archive"),
        (gzipped(gzipped(PLAIN)), "unsupported_compression"),
        (zipped(a=CITIES, b=CITIES), "unsupported_compression"),
        (zipped(), "unsupported_compression"),
        (zipped(**{"[Content_Types].xml": "", "xl/workbook.xml": ""}), "unsupported_format"),
        (b"PK\x03\x04 cut short", "damaged_archive"),
        (b"\x28\xb5\x2f\xfd....", "unsupported_compression"),
        (b"PAR1....", "unsupported_format"),
        (b"%PDF-1.7\n", "unsupported_format"),
        (b"<!DOCTYPE html><table>", "unsupported_format"),
        (b'{"id": 1}\n{"id": 2}\n', "unsupported_format"),
        (bytes(range(256)) * 4 + bytes(1024), "unsupported_encoding"),
        (b'id,"name\n1,a\n', "unterminated_quote"),
        (b'"id"x,name\n1,a\n', "malformed_quotes"),
        (b"Report\n\nid,name\n1,a\n2,b\n", "header_field_count_mismatch"),
        (b"id,name\n1,a,x\n2,b,\n", "header_field_count_mismatch"),
    ],
)
def test_what_is_no_loadable_file_is_refused_with_a_code(data: bytes, code: str) -> None:
    with pytest.raises(FileRejected) as refusal:
        load(data)

    assert refusal.value.code == code
    assert refusal.value.message.endswith((".", "?"))


def form(data: bytes) -> tuple[str, str, str]:
    dialect = load(data).dialect
    return dialect.delimiter, dialect.quote, dialect.escape


@pytest.mark.parametrize(
    ("data", "delimiter"),
    [
        (b"a,b\n1,2\n", ","),
        (b"a;b\n1,5;2,5\n", ";"),
        (b"1;2,5;3,7\n2;4,5;1,0\n", ";"),
        (b"a\tb, c\n1\t2, 3\n", "\t"),
        (b"a|b|c\nx|Nuts, bolts, screws|1\n", "|"),
        (b"sep=|\r\na|b\r\n1|2\r\n", "|"),
        (b'"sep=;"\na;b\n1;2\n', ";"),
        (b'name\n"Smith, J"\nBob\n', ","),
        (b'a,b\n"x;y;z","1;2;3"\n', ","),
        (b"id,lat;lon,name\n1,5;6,x\n2,7;8,y\n", ","),
    ],
)
def test_the_delimiter_is_found(data: bytes, delimiter: str) -> None:
    assert form(data)[0] == delimiter


def test_single_quotes_count_only_where_they_explain_the_file() -> None:
    assert form(b"id,name\n1,'a, b'\n2,'it''s'\n") == (",", "'", "")
    assert form(b"'id','name'\n'1','a'\n") == (",", "'", "")
    assert form(b"id,name\n1,'tis\n2,'twas'\n") == (",", '"', "")


def test_backslashes_count_only_where_doubled_quotes_do_not_explain_the_file() -> None:
    loaded = load(b'id,text\n1,"say \\"hi\\", twice"\n2,"C:\\\\dir"\n3,"tab\\t"\n')

    assert loaded.dialect.escape == "\\"
    assert [row[1] for row in loaded.rows] == ['say "hi", twice', "C:\\dir", "tab\\t"]
    assert form(b'id,path\n1,"C:\\"\n2,"x\\""y"\n') == (",", '"', "")


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"1,Ann,2020-01-01\n2,Bob,2020-01-02\n", ["column_1", "column_2", "column_3"]),
        (b"1,Ann,5\n", ["column_1", "column_2", "column_3"]),
        (b"id,Ann\n1,Bob\n", ["id", "ann"]),
        (b"Ann,Berlin\nBob,Paris\n", ["ann", "berlin"]),
        (b"region,2022,2023\nnorth,5,6\n", ["region", "_2022", "_2023"]),
        (b"2022,2023,2024\n5,6,7\n", ["_2022", "_2023", "_2024"]),
        (b"id,when\n,\n", ["id", "when"]),
    ],
)
def test_a_first_record_that_looks_like_the_others_is_data(data: bytes, names: list[str]) -> None:
    assert load(data).names == names


def test_rows_alone_may_end_with_a_delimiter() -> None:
    loaded = load(b"id,name\n1,a,\n2,b,\n")

    assert loaded.names == ["id", "name", "column_3"]
    assert loaded.rows == [(1, "a", None), (2, "b", None)]


def test_one_column_of_text_may_hold_every_delimiter() -> None:
    texts = ["plain", "a, b", "c; d", "e\tf", "g|h", "plain too", "and more", "and yet more", "the end"]

    loaded = load("\n".join(["text", *texts]).encode())

    assert [row[0] for row in loaded.rows] == texts
    assert not loaded.rejects


def test_lines_before_the_header_are_skipped_where_declared() -> None:
    loaded = load(b"Report\nof today\n\nid,name\n1,a\n2\n", CsvOptions(skip_lines=2))

    assert loaded.names == ["id", "name"]
    assert [(r.line, r.reason) for r in loaded.rejects] == [(6, "too_few_fields")]


@pytest.mark.parametrize(
    "above",
    [
        "Report\nof today\n",
        "\n\n# of today\n\n",
        "sep=,\nReport\n",
        "Report,,,\nof today,,,\n,,,\n",
        "Customer:,ACME,,\nPeriod:,Q1,,\n",
    ],
)
def test_the_header_is_where_the_refusal_says_that_it_may_be(above: str) -> None:
    text = f"{above}id,name,qty,price\n1,a,2,3.50\n".encode()
    with pytest.raises(FileRejected, match="header_field_count_mismatch") as refused:
        load(text)
    [lines] = re.findall(r"`skip_lines` \((\d+)\?\)", refused.value.message)

    assert load(text, CsvOptions(skip_lines=int(lines))).rows == [(1, "a", 2, 3.5)]


def test_a_file_whose_columns_change_is_not_told_to_skip_rows_only() -> None:
    with pytest.raises(FileRejected, match=r"skip_lines.*\(4\?\).*If the columns change there"):
        load(b"a,b\n" + b"1,2\n" * 3 + b"1,2,3\n" * 9)


def test_blanks_before_quotes_are_named_where_they_part_fields() -> None:
    with pytest.raises(FileRejected, match="without the blank before them"):
        load(b'id,name\n1, "Smith, J"\n2, "Doe, J"\n')


@pytest.mark.parametrize(
    "options",
    [CsvOptions(delimiter="||"), CsvOptions(delimiter="§"), CsvOptions(quote="\n"), CsvOptions(encoding="no")],
)
def test_a_declared_form_that_cannot_be_read_is_refused(options: CsvOptions) -> None:
    with pytest.raises(FileRejected, match="unsupported_"):
        load(PLAIN, options)
