"""Convert one file: every range of it through one function, types widened until every value fits.

    with open_csv(source, options) as csv:              # glue_jobs.open: decompressed, transcoded, detected
        columns = infer(csv.source, csv.dialect)         # glue_jobs.infer: free ColumnSpecs guessed from a sample
        conversion = convert(csv.source, csv.dialect, columns, write_unit, threads(2))
"""

from __future__ import annotations

from collections.abc import Sequence

from .columns import ColumnSpec
from .conversion import Conversion, Runner, WriteUnit
from .dialect import Dialect
from .source import Source

RANGE = 32 << 20


def convert(
    source: Source,
    dialect: Dialect,
    columns: Sequence[ColumnSpec],
    write_unit: WriteUnit,
    runner: Runner,
    range_size: int = RANGE,
) -> Conversion:
    """Give every record of `source` to `write_unit` as typed tables, data columns first, then `_rescued_data`.

    Every file yields at least one table, if only an empty one. Raises FileRejected for a file that cannot be read.
    A source that is not `portable` must be given to a runner of this machine.
    """
    raise NotImplementedError
