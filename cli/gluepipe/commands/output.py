"""How commands speak: data goes to stdout, words and progress to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import click

from gluepipe.moments import clock

if TYPE_CHECKING:
    from gluepipe.operations.logs import LogLine

UNLIMITED_WIDTH = 10_000
METRICS = "_aws"  # member of the lines that CloudWatch makes metrics of

# What moves a terminal's cursor, colours it, types into it, or turns the reading direction round. Keys, headers and
# cells are other people's.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)}
_DIRECTIONS = {
    code: f"\\u{code:04x}" for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
_HIDDEN = _CONTROLS | _DIRECTIONS


def visible(text: str) -> str:
    """Return a text with what a terminal would obey written out; lines and tabs stay."""
    return text.translate(_HIDDEN)


def words(text: str = "") -> None:
    """Say something to the person."""
    click.echo(visible(text), err=True)


def data(text: str) -> None:
    """Print a result; as it is, unless a terminal would obey it."""
    # Told that there is colour, Click takes nothing out of what it takes for colours.
    click.echo(visible(text) if sys.stdout.isatty() else text, color=True)


def json_document(value: object) -> None:
    """Print one JSON document; dates and paths become text."""
    data(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def json_array(documents: Iterable[object]) -> None:
    """Print a JSON array, one element a line, each as soon as it is there."""
    separator = "["
    for document in documents:
        data(f"{separator}{_one_line(document)}")
        separator = ","
    data("]" if separator == "," else "[]")


def json_line(document: object) -> None:
    """Print one JSON document on one line."""
    data(_one_line(document))


def _one_line(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, default=str)


def log_line(line: LogLine) -> None:
    """Print a log line for people: when, who, how bad, what, and about which file. Metrics are not for people."""
    if METRICS in line.fields:
        return
    about = str(line.fields.get("source_file", ""))
    parts = [clock(line.time), f"{line.source:<10}", f"{line.level:<7}", line.message, about]
    data(" ".join(parts).rstrip())


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows under their column names; only a terminal's width makes long cells break."""
    from rich.console import Console
    from rich.table import Table

    grid = Table(box=None, pad_edge=False, header_style="bold", show_header=any(columns))
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in rows:
        grid.add_row(*("" if cell is None else _plain(cell) for cell in row))
    width = None if sys.stdout.isatty() else UNLIMITED_WIDTH
    console = Console(file=sys.stdout, width=width, highlight=False)
    with console.capture() as drawn:
        console.print(grid)
    click.echo("\n".join(line.rstrip() for line in drawn.get().splitlines()))
    if not rows:
        words("None.")


def _plain(cell: object) -> str:
    from rich.markup import escape

    return escape(visible(str(cell)))


class Step(Protocol):
    """Something whose progress text can be changed while it runs."""

    def update(self, text: str) -> None:
        """Replace the text."""


@contextmanager
def progress(text: str) -> Iterator[Step]:
    """Show that something is under way: a spinner on a terminal that can, else one line per change of text."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if console.is_terminal and not console.is_dumb_terminal:
        with console.status(_plain(text)) as status:
            yield _Spinner(status)
    else:
        words(text)
        yield _Lines(text)


class _Spinner:
    def __init__(self, status: Any) -> None:
        self._status = status

    def update(self, text: str) -> None:
        self._status.update(_plain(text))


class _Lines:
    def __init__(self, text: str) -> None:
        self._last = text

    def update(self, text: str) -> None:
        if text != self._last:
            self._last = text
            words(text)
