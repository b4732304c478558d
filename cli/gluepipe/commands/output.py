"""How commands speak: data goes to stdout, words and progress to stderr."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import click

UNLIMITED_WIDTH = 10_000


def words(text: str = "") -> None:
    """Say something to the person."""
    click.echo(text, err=True)


def data(text: str) -> None:
    """Print a result."""
    click.echo(text)


def json_document(value: object) -> None:
    """Print one JSON document; dates and paths become text."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


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


def _plain(cell: object) -> str:
    from rich.markup import escape

    return escape(str(cell))


class Step(Protocol):
    """Something whose progress text can be changed while it runs."""

    def update(self, text: str) -> None:
        """Replace the text."""


@contextmanager
def progress(text: str) -> Iterator[Step]:
    """Show that something is under way: a spinner on a terminal, else one line per change of text."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if console.is_terminal:
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
