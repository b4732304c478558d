"""Rows that are well formed and yet break a rule: taken out of their unit's table, with the place they came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from glue_jobs.dialect import Dialect
from glue_jobs.escapes import Escapes
from glue_jobs.grammar import count_lines
from glue_jobs.rejects import Reject


@dataclass(frozen=True, slots=True)
class Violation:
    """Why the row of this number, counted from 0 in its unit's table, must not be loaded."""

    row: int
    reason: str
    detail: str


Check = Callable[[int, pa.Table], Sequence[Violation]]
"""Looks at the table of the unit with this index; picklable, and gives the same answer each time."""


def set_aside(
    table: pa.Table, violations: Sequence[Violation], data: bytes, dialect: Dialect, rejects: Sequence[Reject]
) -> tuple[pa.Table, tuple[Reject, ...]]:
    """The table without the violating rows, and all rejects of the unit by line.

    Args:
        table: One row per good record of the unit.
        violations: At most one per row.
        data: The unit's bytes.
        dialect: Their form.
        rejects: The records of the unit that are not in the table.

    """
    if not violations:
        return table, tuple(rejects)
    why = {violation.row: violation for violation in violations}
    places = _places(data, dialect, {reject.line for reject in rejects})
    found = [
        Reject(line, why[row].reason, why[row].detail, raw) for row, (line, raw) in enumerate(places) if row in why
    ]
    keep = pa.array([row not in why for row in range(table.num_rows)])
    merged = sorted([*rejects, *found], key=lambda reject: reject.line)
    return table.filter(keep), tuple(merged)


def _places(data: bytes, dialect: Dialect, rejected_lines: set[int]) -> Iterator[tuple[int, bytes]]:
    """Line and bytes of every good record, in order."""
    escapes = Escapes.of(dialect.escape, dialect.quote, data)
    text = escapes.hide(data)
    line = 1
    at = 0
    for record in dialect.grammar.records(text):
        line += count_lines(text[at : record.start])
        at = record.start
        raw = text[record.start : record.end]
        if line not in rejected_lines and not dialect.grammar.is_blank(raw, dialect.width):
            yield line, escapes.show(raw)
