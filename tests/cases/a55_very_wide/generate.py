"""Write a CSV of 25,000 columns to the path given."""

import sys
from pathlib import Path

COLUMNS = 25_000

header = ",".join(f"c{number}" for number in range(COLUMNS))
rows = [",".join([str(value)] * COLUMNS) for value in (1, 2)]
Path(sys.argv[1]).write_text("\n".join([header, *rows]) + "\n")
