"""`make bench`: our job and its peers on the same files, in turn, as whole processes.

Prints a Markdown table per workload and, with `--write`, keeps it in `benchmarks/results.md`. Every round runs each
competitor once before the next round begins, so that a slow minute of the machine meets all of them.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks import measure, report
from benchmarks.peers import HOOKED
from benchmarks.whole_job import services
from benchmarks.workloads import NAMES, Entry, Workload, workloads


def compete(workload: Workload, rounds: int, scratch: Path) -> dict[str, list[measure.Figures]]:
    """The figures of every round, by label."""
    runs: dict[str, list[measure.Figures]] = {entry.label: [] for entry in workload.entries}
    for turn in range(rounds):
        for entry in workload.entries:
            print(f"{workload.title}: round {turn + 1} of {rounds}, {entry.label}", file=sys.stderr)
            runs[entry.label].append(_once(entry, scratch))
            shutil.rmtree(scratch / "out")
    return runs


def _once(entry: Entry, scratch: Path) -> measure.Figures:
    output = scratch / "out"
    command = [sys.executable, "-m", "benchmarks.peers", entry.competitor, str(output), *map(str, entry.inputs)]
    if entry.competitor != HOOKED:
        return measure.run(command, scratch / "log")
    with services(output, entry.inputs[0]) as environment:
        return measure.run(command, scratch / "log", environment)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split("\n")[0])
    parser.add_argument("workload", nargs="*", default=NAMES, help=f"of {', '.join(NAMES)}, or a number of MB")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "gluepipe-bench")
    parser.add_argument("--without", nargs="*", default=[], metavar="NAME", help="competitors to leave out")
    parser.add_argument("--write", action="store_true", help=f"keep the results in {report.PAGE.name}")
    parser.add_argument("--add", action="store_true", help="add the rounds to those kept; the code must be the same")
    options = parser.parse_args()
    day = dt.date.today().isoformat()
    for workload in workloads(options.data, options.workload):
        with tempfile.TemporaryDirectory() as scratch:
            chosen = replace(workload, entries=[e for e in workload.entries if e.competitor not in options.without])
            measured = report.record_of(chosen, compete(chosen, options.rounds, Path(scratch)))
        print(report.section(measured), flush=True)
        if options.add:
            measured = report.with_kept(workload.name, measured)
        if options.write or options.add:
            report.keep(workload.name, measured, day)


if __name__ == "__main__":
    main()
