"""What a dataset's owner may say about its files. Everything is optional; what is not said is detected."""

from __future__ import annotations

from dataclasses import dataclass


def can_structure(character: str) -> bool:
    """Whether a character can be delimiter, quote or escape."""
    return len(character) == 1 and character.isascii() and character not in "\r\n\0"


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """The `[csv]` part of a contract.

    `quote=""` and `escape=""` mean "none". `encoding` is any Python codec name. `skip_lines` says how many physical
    lines stand above the header, blank ones and Excel's `sep=` line included. `null_tokens` are unquoted texts that
    mean null besides the empty field. `date_formats` and `timestamp_formats` are `strptime` patterns, tried in order
    on what is not ISO 8601. `decimal` and `thousands` are the separators inside numbers.
    """

    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    encoding: str | None = None
    header: bool | None = None
    skip_lines: int = 0
    null_tokens: tuple[str, ...] = ()
    date_formats: tuple[str, ...] = ()
    timestamp_formats: tuple[str, ...] = ()
    decimal: str = "."
    thousands: str = ""
