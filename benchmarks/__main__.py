"""`make bench`: our job and its peers on the same files, in turn, as whole processes.

Prints a Markdown table and, with `--write`, keeps it in `benchmarks/results.md`. Every round runs each competitor
once before the next round begins, so that a slow minute of the machine meets all of them.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import data, measure
from benchmarks.peers import HOOKED, OURS, PEERS
from benchmarks.whole_job import services

MEGABYTE = 1_000_000
RESULTS = Path(__file__).with_name("results.md")
EVERYBODY = tuple(name for name in PEERS if name != HOOKED)


@dataclass(frozen=True)
class Workload:
    """Files to convert, and who takes part."""

    title: str
    inputs: list[Path]
    competitors: tuple[str, ...] = EVERYBODY


def workloads(folder: Path, names: Sequence[str]) -> Iterator[Workload]:
    """Make and describe the chosen workloads, one at a time."""
    for name in names:
        if name == "small":
            yield Workload("200 files of 50 KB", data.write_small_files(folder / "small", 200, 50_000))
        elif name == "newlines":
            path = data.write_csv(folder / "newlines.csv", 1000 * MEGABYTE, newlines=True)
            yield Workload("1000 MB with quoted line breaks", [path], (OURS, "DuckDB, sampled"))
        elif name == "4000":
            path = data.write_csv(folder / "4000.csv", 4000 * MEGABYTE)
            yield Workload("4000 MB (memory)", [path], (OURS,))
        elif name.startswith("hook"):
            size = int(name.removeprefix("hook") or 1000)
            path = data.write_csv(folder / f"{size}.csv", size * MEGABYTE)
            yield Workload(f"{size} MB with a transform hook", [path], (HOOKED, "Spark, inferSchema"))
        else:
            yield Workload(f"{name} MB", [data.write_csv(folder / f"{name}.csv", int(name) * MEGABYTE)])


def compete(workload: Workload, rounds: int, scratch: Path) -> dict[str, measure.Figures]:
    """Medians by competitor."""
    runs: dict[str, list[measure.Figures]] = {}
    for turn in range(rounds):
        for name in workload.competitors:
            print(f"{workload.title}: round {turn + 1} of {rounds}, {name}", file=sys.stderr)
            runs.setdefault(name, []).append(_once(name, workload.inputs, scratch))
            shutil.rmtree(scratch / "out")
    return {name: measure.median(figures) for name, figures in runs.items()}


def _once(name: str, inputs: Sequence[Path], scratch: Path) -> measure.Figures:
    output = scratch / "out"
    command = [sys.executable, "-m", "benchmarks.peers", name, str(output), *map(str, inputs)]
    if name != HOOKED:
        return measure.run(command, scratch / "log")
    with services(output, inputs[0]) as environment:
        return measure.run(command, scratch / "log", environment)


def table(workload: Workload, figures: dict[str, measure.Figures]) -> str:
    """One Markdown table; the ratio is our wall time to theirs."""
    ours = next(figures[name].wall for name in (OURS, HOOKED) if name in figures)
    rows = [
        f"| {name} | {f.wall:.2f} | {f.cpu:.2f} | {f.memory / 1e9:.2f} | {ours / f.wall:.2f} |"
        for name, f in sorted(figures.items(), key=lambda item: item[1].wall)
    ]
    size = sum(path.stat().st_size for path in workload.inputs) / MEGABYTE
    head = [f"### {workload.title} ({size:.0f} MB)", "", "| | wall s | cpu s | peak GB | ours / it |"]
    return "\n".join([*head, "|---|--:|--:|--:|--:|", *rows, ""])


def machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {system}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split("\n")[0])
    parser.add_argument("workload", nargs="*", default=["10", "100", "1000", "newlines", "small", "hook", "4000"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "gluepipe-bench")
    parser.add_argument("--write", action="store_true", help=f"keep the result in {RESULTS.name}")
    options = parser.parse_args()
    report = f"Medians of {options.rounds} whole processes, in turn, on one machine: {machine()}.\n"
    print(report)
    for workload in workloads(options.data, options.workload):
        with tempfile.TemporaryDirectory() as scratch:
            section = table(workload, compete(workload, options.rounds, Path(scratch)))
        print(section, flush=True)
        report += "\n" + section
    if options.write:
        RESULTS.write_text("# Benchmark results\n\nMade by `make bench ARGS=--write`.\n\n" + report)


if __name__ == "__main__":
    main()
