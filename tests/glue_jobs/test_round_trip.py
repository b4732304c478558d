"""Properties: what is written as CSV comes back unaltered, however the file is cut into ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glue_jobs import faults, split
from glue_jobs.errors import FileRejected
from glue_jobs.options import CsvOptions
from tests.glue_jobs.reading import load

UNHURRIED = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Written:
    """A way to write CSV: its declared form, line end and escaping of quotes."""

    options: CsvOptions
    line_end: str

    def field(self, text: str, wanted_quotes: bool) -> str:
        quote, escape = self.options.quote or "", self.options.escape or ""
        special = {self.options.delimiter, quote, escape, "\r", "\n", ""}
        if not wanted_quotes and text and not special & set(text):
            return text
        if escape:
            return quote + text.replace(escape, escape * 2).replace(quote, escape + quote) + quote
        return quote + text.replace(quote, quote * 2) + quote

    def encode(self, rows: list[list[tuple[str, bool]]]) -> bytes:
        lines = [self.options.delimiter.join(self.field(*cell) for cell in row) for row in rows]  # type: ignore[union-attr]
        return "".join(line + self.line_end for line in lines).encode(self.options.encoding or "utf-8")


@st.composite
def files(draw: Any) -> tuple[Written, list[list[tuple[str, bool]]]]:
    delimiter = draw(st.sampled_from([",", ";", "\t", "|", ":", " "]))
    options = CsvOptions(
        delimiter=delimiter,
        quote=draw(st.sampled_from(['"', "'"])),
        escape=draw(st.sampled_from(["", "\\"])),
        encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"])),
        header=True,
    )
    special = st.sampled_from(['"', "'", "\\", "\r", "\n", "\r\n", ",", ";", "\t", "|", " ", "é", "東", "😀", "\x01"])
    unicode_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
    cell = st.tuples(st.lists(st.one_of(special, unicode_text), max_size=4).map("".join), st.booleans())
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(cell, min_size=width, max_size=width), max_size=6))
    header = [(f"h{number}", draw(st.booleans())) for number in range(width)]
    return Written(options, draw(st.sampled_from(["\n", "\r\n", "\r"]))), [header, *rows]


@UNHURRIED
@given(files(), st.integers(1, 40))
def test_any_text_comes_back_unaltered_from_any_dialect(
    written_file: tuple[Written, list[list[tuple[str, bool]]]], range_size: int
) -> None:
    written, rows = written_file
    texts = {f"h{number}": pa.string() for number in range(len(rows[0]))}

    loaded = load(written.encode(rows), written.options, types=texts, range_size=range_size)

    assert not loaded.rejects
    assert loaded.rows == [tuple(text for text, _ in row) for row in rows[1:]]


def outcome(data: bytes, range_size: int) -> Any:
    try:
        loaded = load(data, range_size=range_size)
    except FileRejected as error:
        return str(error)
    return loaded.types, loaded.rows, loaded.rejects


@pytest.mark.parametrize(("window", "stretch"), [(2, 3), (7, 10), (split.WINDOW, faults.STRETCH)])
@UNHURRIED
@given(st.lists(st.sampled_from(["a", "1", "2.5", ",", ",", '"', '""', '","', "\n", "\n", "\r", "\r\n", "é", "\xff"])))
def test_any_cut_gives_the_same_as_one_range(window: int, stretch: int, parts: list[str]) -> None:
    data = b"x,y\n1,2\n" + b"".join(p.encode("latin-1" if p == "\xff" else "utf-8") for p in parts)
    whole = outcome(data, len(data))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(split, "WINDOW", window)
        patch.setattr(faults, "STRETCH", stretch)
        for range_size in (1, 3, 8, 17):
            assert outcome(data, range_size) == whole
