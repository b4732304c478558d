"""`kill -9` at random moments of a run, each followed by a rerun: is the table the same every time?

Run: python -m benchmarks.kills [--kills 20] [--seed 1] [--size 100] [--write]. Exits 1 when a table differs from that
of an undisturbed run, or when readers could see a part of it in between.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import data, report
from benchmarks.whole_job import DATASET, services
from benchmarks.workloads import MEGABYTE

_LONGEST_RUN = 600


@dataclass(frozen=True)
class Kill:
    """One kill: seconds `after` the first log line, the table's rows then, and whether a rerun set it right."""

    after: float
    rows_before: int
    equal: bool


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=100, help="MB of the file")
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "gluepipe-bench")
    parser.add_argument("--write", action="store_true", help=f"keep the result in {report.PAGE.name}")
    options = parser.parse_args()
    csv = data.write_csv(options.data / f"{options.size}.csv", options.size * MEGABYTE)
    reference, seconds = undisturbed(csv)
    moments = random.Random(options.seed)  # noqa: S311 # nosec B311 # repeatable on purpose
    kills: list[Kill] = []
    while len(kills) < options.kills:
        if kill := one_kill(csv, reference, moments.uniform(0, seconds)):
            kills.append(kill)
    right = sum(kill.equal and kill.rows_before in (0, reference.num_rows) for kill in kills)
    print(f"{right} of {len(kills)} tables equal that of an undisturbed run of {seconds:.1f} s")
    if options.write:
        measured = {
            "title": f"kill -9 at {options.kills} random moments",
            "megabytes": csv.stat().st_size / MEGABYTE,
            "seconds": seconds,
            "rows": reference.num_rows,
            "kills": [asdict(kill) for kill in kills],
        }
        report.keep(report.KILLS, measured, dt.date.today().isoformat())
    sys.exit(right < len(kills))


def undisturbed(csv: Path) -> tuple[pa.Table, float]:
    """The table that a run makes when nothing kills it, and seconds from its first log line to its end."""
    with tempfile.TemporaryDirectory() as name, services(Path(name), csv) as environment:
        process = started(environment, "jr_1")
        began = time.monotonic()
        finish(process)
        return table(Path(name)), time.monotonic() - began


def one_kill(csv: Path, reference: pa.Table, after: float) -> Kill | None:
    """Start a run on an empty table, kill it, look, and run again as Glue would: same arguments, another run id.

    None when the run was faster than the kill.
    """
    with tempfile.TemporaryDirectory() as name, services(Path(name), csv) as environment:
        process = started(environment, "jr_1")
        time.sleep(after)
        os.killpg(process.pid, signal.SIGKILL)
        if process.wait() != -signal.SIGKILL:
            return None
        rows_before = table(Path(name)).num_rows
        finish(started(environment, "jr_2"))
        kill = Kill(round(after, 3), rows_before, table(Path(name)).equals(reference))
    print(f"killed after {after:.2f} s: {rows_before} rows, then {'equal' if kill.equal else 'DIFFERENT'}", flush=True)
    return kill


def started(environment: Mapping[str, str], run_id: str) -> subprocess.Popen[bytes]:
    """A run that has begun to work."""
    command = [sys.executable, "-m", "benchmarks.whole_job", run_id]
    process = subprocess.Popen(
        command, env=environment, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout
    process.stdout.readline()
    return process


def finish(process: subprocess.Popen[bytes]) -> None:
    if process.wait(_LONGEST_RUN) != 0:
        raise SystemExit("a run failed")


def table(folder: Path) -> pa.Table:
    """All rows that readers of the dataset see, in order; without the time when they were made."""
    paths = sorted((folder / "output" / DATASET).rglob("*.parquet"))
    rows = [pq.read_table(path, partitioning=None).drop_columns("processed_at") for path in paths]
    return pa.concat_tables(rows).sort_by("order_id").combine_chunks() if rows else pa.table({})


if __name__ == "__main__":
    main()
