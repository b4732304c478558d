"""Convert one file: every range of it through one function, types widened until every value fits.

with open_csv(source, options) as csv:              # glue_jobs.open: decompressed, transcoded, detected
    columns = infer(csv.source, csv.dialect)         # glue_jobs.infer: free ColumnSpecs guessed from a sample
    conversion = convert(csv.source, csv.dialect, columns, write_unit, threads(2))
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial

from glue_jobs.checks import Check
from glue_jobs.code_pages import WESTERN, is_western
from glue_jobs.columns import ColumnSpec
from glue_jobs.conversion import Conversion, Runner, Unit, UnitResult, WriteUnit
from glue_jobs.dialect import Dialect
from glue_jobs.encoding import transcode
from glue_jobs.errors import FileRejected
from glue_jobs.execution import threads
from glue_jobs.infer import widened
from glue_jobs.kinds import Observation
from glue_jobs.rejects import UNDECODABLE, RejectLog
from glue_jobs.source import Source
from glue_jobs.split import exact_units, nominal_units
from glue_jobs.units import process_unit

# Below 32 MiB, from where on glibc takes fresh pages from the kernel for every buffer of this size.
RANGE = 30 << 20
_SAMPLE = 64 << 10


def convert(
    source: Source,
    dialect: Dialect,
    columns: Sequence[ColumnSpec],
    write_unit: WriteUnit,
    runner: Runner,
    range_size: int = RANGE,
    check: Check | None = None,
) -> Conversion:
    """Give every record of `source` to `write_unit` as typed tables, data columns first, then `_rescued_data`.

    Rows that `check` finds wrong are rejected.
    Every file yields at least one table, if only an empty one. Raises FileRejected for a file that cannot be read.
    A source that is not `portable` must be given to a runner of this machine.
    """
    specs, seconds = tuple(columns), Counter[str]()
    units = nominal_units(dialect, range_size)
    with ExitStack() as cleanup:
        while True:
            work = partial(process_unit, source, dialect, specs, write_unit, check)
            one = _Pass.over(runner(work, units), dialect.first_line)
            seconds.update(one.seconds)
            if one.broken is not None:
                units = _recut(source, dialect, one.results, one.broken, range_size)
            elif dialect.encoding_assumed and one.looks_western:
                source = transcode(source, WESTERN, 0, cleanup)
                dialect = replace(dialect, end=source.size, encoding=WESTERN, encoding_assumed=False)
                units = nominal_units(dialect, range_size)
                runner = runner if source.portable else threads(os.cpu_count() or 1)
            elif one.seen:
                specs = widened(specs, one.seen)
            else:
                return _conversion(dialect, specs, one, write_unit, seconds)


@dataclass
class _Pass:
    """One pass over all units, gathered in file order."""

    results: list[UnitResult] = field(default_factory=list)
    rejects: RejectLog = field(default_factory=RejectLog)
    line: int = 1
    broken: int | None = None
    seen: dict[int, Observation] = field(default_factory=dict)
    undecodable: bytes = b""
    seconds: Counter[str] = field(default_factory=Counter)

    @classmethod
    def over(cls, results: Iterable[UnitResult], first_line: int) -> _Pass:
        one = cls(line=first_line)
        for result in results:
            one._add(result)
            if one.broken is not None:
                break  # what comes after a wrong cut is to be done again
        return one

    def _add(self, result: UnitResult) -> None:
        if not result.proves_its_end and self.broken is None:
            self.broken = len(self.results)
        self.rejects.extend(result.rejects, lines_before=self.line - 1)
        for reject in result.rejects:
            if reject.reason == UNDECODABLE and len(self.undecodable) < _SAMPLE:
                self.undecodable += reject.raw + b"\n"
        for index, seen in result.seen.items():
            self.seen[index] = self.seen.get(index, Observation()) | seen
        self.line += result.lines
        self.seconds.update(result.seconds)
        self.results.append(replace(result, rejects=()))

    @property
    def looks_western(self) -> bool:
        """Whether all that is not ASCII is undecodable as UTF-8, yet reads well in the Western code page."""
        multibyte = any(result.multibyte for result in self.results)
        return bool(self.undecodable) and not multibyte and is_western(self.undecodable)


def _recut(source: Source, dialect: Dialect, results: Sequence[UnitResult], broken: int, range_size: int) -> list[Unit]:
    """Units whose cuts are certain, after a guessed one proved wrong. The first `broken` ones are right."""
    right, wrong = results[:broken], results[broken]
    if wrong.open_line is not None and wrong.end >= dialect.end:
        line = dialect.first_line - 1 + sum(result.lines for result in right) + wrong.open_line
        message = (
            "A quoted field never closes, and all that follows would be part of it; close it, or double the quote."
        )
        raise FileRejected("unterminated_quote", message, line)
    certain = [Unit(i, result.start, result.end, exact=True) for i, result in enumerate(right)]
    return [*certain, *exact_units(source, dialect, wrong.start, len(certain), range_size)]


def _conversion(
    dialect: Dialect,
    specs: tuple[ColumnSpec, ...],
    one: _Pass,
    write_unit: WriteUnit,
    seconds: Counter[str],
) -> Conversion:
    rows = sum(result.rows for result in one.results)
    outputs = tuple(result.output for result in one.results if result.rows)
    rescued = sum(result.rescued for result in one.results)
    read = rows + len(one.rejects)
    conversion = Conversion(dialect, specs, read, rows, one.rejects, rescued, outputs, dict(seconds))
    if outputs:
        return conversion
    return replace(conversion, outputs=(write_unit(0, conversion.schema.empty_table()),))
