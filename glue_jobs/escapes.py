"""Backslash escapes (`\\"` and `\\\\`), hidden from the parser behind two bytes that the text does not hold.

Only the quote and the escape itself are escaped; any other backslash is an ordinary character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from glue_jobs.errors import FileRejected

_UNUSED = bytes([*range(0x01, 0x09), 0x0E, 0x0F, *range(0x10, 0x20)])


@dataclass(frozen=True, slots=True)
class Escapes:
    """Substitutions for one range: what was written -> (one byte, what it stands for). Usually none."""

    table: tuple[tuple[bytes, bytes, str], ...] = ()

    @classmethod
    def of(cls, escape: str, quote: str, data: bytes) -> Escapes:
        """The substitutions that `data` needs."""
        if not escape or escape.encode() not in data:
            return cls()
        free = [bytes([code]) for code in _UNUSED if code not in data][:2]
        if len(free) < 2:
            raise FileRejected(
                "unsupported_escape", "It holds every control character and escapes as well; double the quotes instead."
            )
        meanings = (escape, quote) if quote else (escape,)
        return cls(tuple(((escape + m).encode(), byte, m) for m, byte in zip(meanings, free, strict=False)))

    def hide(self, data: bytes) -> bytes:
        """`data` with each escape pair as one byte."""
        if not self.table:
            return data
        pairs = {written: byte for written, byte, _ in self.table}
        pattern = b"|".join(re.escape(written) for written in pairs)
        return re.sub(pattern, lambda found: pairs[found[0]], data)

    def show(self, raw: bytes) -> bytes:
        """Hidden text as it was written."""
        for written, byte, _ in self.table:
            raw = raw.replace(byte, written)
        return raw

    def meaning(self, field: bytes) -> bytes:
        """One field with what the escapes stand for."""
        for _, byte, meant in self.table:
            field = field.replace(byte, meant.encode())
        return field

    def restore(self, table: pa.Table) -> pa.Table:
        """Parsed columns with what the escapes stand for."""
        for _, byte, meaning in self.table:
            columns: list[Any] = [pc.replace_substring(column, byte.decode(), meaning) for column in table.columns]
            table = pa.table(dict(zip(table.column_names, columns, strict=True)))
        return table
