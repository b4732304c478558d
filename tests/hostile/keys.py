"""Keys that mean something to a path, a pattern, a shell or a log; the file under each is sound."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.hostile_file import LOADED, TABLE, HostileFile

LONGEST_KEY = 1024
NAMES = [
    "../../../etc/passwd.csv", "keys/../../escape.csv", "keys/./here.csv", "..csv.csv", "keys/.../dots.csv",
    "/leading.csv", "//two.csv", "keys//inner//empty.csv", "keys/trailing /blank .csv", " .csv", "keys/~root.csv",
    "keys/%2e%2e%2fpercent.csv", "keys/%00nul.csv", "keys/%.csv", "keys/a+b c.csv", "keys/a&b=c?d#e.csv",
    "keys/$(reboot).csv", "keys/`reboot`.csv", "keys/;reboot;.csv", "keys/|reboot.csv", "keys/-rf.csv",
    "keys/{a,b}[c-d]*?.csv", "keys/a\\b.csv", "keys/quote'and\".csv", "keys/<tag>&amp;.csv", "keys/${x}{{y}}.csv",
    "keys/tab\tand\rreturn.csv", "keys/bell\x07escape\x1b[31m.csv", "keys/delete\x7f.csv",
    "keys/\u00e9.csv", "keys/e\u0301.csv", "keys/\u202egpj.csv", "keys/\ufeff.csv", "keys/\U0001f4a3.csv",
    "keys/NUL.csv", "keys/CON.csv", "keys/.hidden.csv", "keys/UPPER.CSV", "keys/twice.csv.csv", "\u65e5\u672c/t.csv",
    "123/t.csv", "-/t.csv", "SELECT/t.csv", "ingest_date=2024-01-01/t.csv", "keys/ingest_date=2024-01-01/t.csv",
]  # fmt: skip


def odd() -> Iterator[HostileFile]:
    """Sound tables under odd keys, up to the longest that S3 takes."""
    longest = "keys/" + "k" * (LONGEST_KEY - 9) + ".csv"
    deepest = "keys/" + "d/" * ((LONGEST_KEY - 10) // 2) + "t.csv"
    wide = ("w" * 1000) + "/t.csv"
    for key in [*NAMES, longest, deepest, wide]:
        yield HostileFile(key, TABLE, LOADED)
