"""How the library speaks with the person in front of it; the commands hand in their own ways of doing so."""

import sys
from collections.abc import Callable

Say = Callable[[str], None]  # is given a sentence about what happens
Show = Callable[[str], None]  # is given a program's own output, as it comes
Confirm = Callable[[str], bool]  # is given a question; True goes ahead


def to_stdout(text: str) -> None:
    """Show Terraform's own output where people expect it."""
    sys.stdout.write(text)
    sys.stdout.flush()


def to_stderr(text: str) -> None:
    """Show words beside data."""
    sys.stderr.write(text)
    sys.stderr.flush()


def hidden(text: str) -> None:
    """Keep, but do not show."""
