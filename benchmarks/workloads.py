"""What is measured: files to convert, and who takes part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import data
from benchmarks.peers import HOOKED, OURS, PEERS

MEGABYTE = 1_000_000
NAMES = ("10", "100", "1000", "newlines", "small", "hook", "4000")
EVERYBODY = tuple(name for name in PEERS if name != HOOKED)
SPARK, DUCKDB, ON_SPARK = "Spark, inferSchema", "DuckDB, sampled", f"{OURS} on Spark"
SMALL_FILES, SMALL_SIZE = 200, 50_000


@dataclass(frozen=True)
class Entry:
    """One row of a workload's table: a competitor on some files."""

    label: str
    competitor: str
    inputs: list[Path]


@dataclass(frozen=True)
class Workload:
    """What runs in turn; the first entry is ours, to which the others are compared."""

    name: str
    title: str
    entries: list[Entry]


def workloads(folder: Path, names: Sequence[str]) -> Iterator[Workload]:
    """Make and describe the chosen workloads, one at a time."""
    for name in names:
        yield _workload(folder, name)


def _workload(folder: Path, name: str) -> Workload:
    if name == "small":
        files = data.write_small_files(folder / "small", SMALL_FILES, SMALL_SIZE)
        entries = [*_entries(files, (OURS, SPARK, DUCKDB)), Entry("GluePipe, one of the files", OURS, files[:1])]
        return Workload(name, f"{SMALL_FILES} files of {SMALL_SIZE // 1000} KB", entries)
    if name == "newlines":
        path = data.write_csv(folder / "newlines.csv", 1000 * MEGABYTE, newlines=True)
        without = Entry("GluePipe, without the line breaks", OURS, [_plain(folder, 1000)])
        return Workload(name, "1000 MB with quoted line breaks", [*_entries([path], (OURS, DUCKDB)), without])
    if name == "4000":
        less = Entry("GluePipe, 1000 MB", OURS, [_plain(folder, 1000)])
        return Workload(name, "4000 MB", [*_entries([_plain(folder, 4000)], (OURS,)), less])
    if name == "hook":
        return Workload(name, "1000 MB with a transform hook", _entries([_plain(folder, 1000)], (HOOKED, SPARK)))
    return Workload(name, f"{name} MB", _entries([_plain(folder, int(name))], EVERYBODY))


def _plain(folder: Path, size: int) -> Path:
    return data.write_csv(folder / f"{size}.csv", size * MEGABYTE)


def _entries(inputs: list[Path], competitors: Sequence[str]) -> list[Entry]:
    return [Entry(name, name, inputs) for name in competitors]
