"""The record of all measurements, `results.json`, and the page made of it, `results.md`.

Every workload is replaced as a whole when it is measured again, unless rounds are added to it; the others stay as they
are, with their day.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from benchmarks.measure import Figures, median
from benchmarks.peers import HOOKED, OURS
from benchmarks.workloads import DUCKDB, MEGABYTE, ON_SPARK, SMALL_FILES, SPARK, Workload

RECORD, PAGE = (Path(__file__).with_name(name) for name in ("results.json", "results.md"))
KILLS = "kills"
_ORDER = ("10", "100", "1000", "newlines", "small", "hook", "4000", KILLS)
_INTRODUCTION = """# Benchmark results

Made by `make bench ARGS=--write` and `python -m benchmarks.kills --write`. Whole processes from start to end, the
competitors of a workload in turn, medians over its rounds. "ours / it" is our wall time divided by theirs;
"others' cpu s" is what everything else on the machine took while a process ran (and the services of the whole job).
"""


def record_of(workload: Workload, runs: dict[str, list[Figures]]) -> dict[str, Any]:
    """One workload's measurements, as kept."""
    return {
        "title": workload.title,
        "megabytes": sum(path.stat().st_size for path in workload.entries[0].inputs) / MEGABYTE,
        "runs": {label: [[f.wall, f.cpu, f.memory, f.others] for f in figures] for label, figures in runs.items()},
    }


def keep(name: str, measured: dict[str, Any], day: str) -> None:
    """Put a workload's measurements in the place of older ones and write the page anew."""
    everything = _kept()
    everything[name] = measured | {"day": day, "machine": machine()}
    RECORD.write_text(json.dumps(everything, indent=1) + "\n")
    PAGE.write_text(page(everything))


def with_kept(name: str, measured: dict[str, Any]) -> dict[str, Any]:
    """The rounds just measured after those that are kept."""
    earlier = _kept().get(name, {}).get("runs", {})
    return measured | {"runs": {label: earlier.get(label, []) + runs for label, runs in measured["runs"].items()}}


def _kept() -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    return kept


def machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {system}"


def page(everything: dict[str, Any]) -> str:
    """The Markdown page of all that is kept."""
    sections = [
        _kills(everything[name]) if name == KILLS else section(everything[name])
        for name in _ORDER
        if name in everything
    ]
    return "\n".join([_INTRODUCTION, _goals(everything), *sections])


def section(measured: dict[str, Any]) -> str:
    """The table of one workload."""
    figures = _medians(measured)
    ours = next(iter(figures.values())).wall
    rounds = min(map(len, measured["runs"].values()))
    where = f", {measured['day']}, {measured['machine']}" if "day" in measured else ""
    head = [
        f"### {measured['title']}",
        "",
        f"{measured['megabytes']:.0f} MB; rounds: {rounds}{where}.",
        "",
        "| | wall s | cpu s | peak GB | ours / it | others' cpu s |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    rows = [
        f"| {label} | {f.wall:.2f} | {f.cpu:.2f} | {f.memory / 1e9:.2f} | {ours / f.wall:.2f} | {f.others:.1f} |"
        for label, f in sorted(figures.items(), key=lambda item: item[1].wall)
    ]
    return "\n".join([*head, *rows, ""])


def _medians(measured: dict[str, Any]) -> dict[str, Figures]:
    return {label: median([Figures(*run) for run in runs]) for label, runs in measured["runs"].items()}


def _goals(everything: dict[str, Any]) -> str:
    head = ["| what was wanted | at most | measured | by cpu s |", "|---|--:|--:|--:|"]
    figures = {name: _medians(measured) for name, measured in everything.items() if name != KILLS}
    rows = [
        f"| {what} | {limit:g} | {_ratio(*pair, 'wall'):.3g} | {_ratio(*pair, 'cpu'):.3g} |"
        for what, limit, pair in _compared(figures)
    ]
    return "\n".join([*head, *rows, *_other_goals(figures), ""])


def _ratio(ours: Figures, theirs: Figures, figure: str) -> float:
    ratio: float = getattr(ours, figure) / getattr(theirs, figure)
    return ratio


def _compared(figures: dict[str, dict[str, Figures]]) -> Iterator[tuple[str, float, tuple[Figures, Figures]]]:
    if mega := figures.get("10"):
        yield "10 MB, times plain Spark", 0.10, (mega[OURS], mega[SPARK])
    if giga := figures.get("1000"):
        yield "1 GB, times plain Spark", 0.16, (giga[OURS], giga[SPARK])
        yield "1 GB, times DuckDB with a sample's types", 1.6, (giga[OURS], giga[DUCKDB])
        yield "1 GB on Spark's executors, times plain Spark", 0.35, (giga[ON_SPARK], giga[SPARK])
    if broken := figures.get("newlines"):
        yield "1 GB with quoted line breaks, times 1 GB without", 1.5, _first_and_last(broken)
    if hooked := figures.get("hook"):
        yield "1 GB with a transform hook, times plain Spark", 0.7, (hooked[HOOKED], hooked[SPARK])


def _other_goals(figures: dict[str, dict[str, Figures]]) -> Iterator[str]:
    if small := figures.get("small"):
        ours, one = _first_and_last(small)
        wall, cpu = ((a - b) / (SMALL_FILES - 1) for a, b in ((ours.wall, one.wall), (ours.cpu, one.cpu)))
        yield f"| seconds per small file beyond start-up | 0.02 | {wall:.3f} | {cpu:.3f} |"
    if large := figures.get("4000"):
        ours, less = _first_and_last(large)
        yield f"| memory for 4 GB, times that for 1 GB | 1.2 | {ours.memory / less.memory:.3g} | |"
        yield f"| memory for 4 GB, in GB | 1.5 | {ours.memory / 1e9:.3g} | |"


def _first_and_last(figures: dict[str, Figures]) -> tuple[Figures, Figures]:
    """Ours on a workload, and ours on what it is compared to."""
    everyone = list(figures.values())
    return everyone[0], everyone[-1]


def _kills(measured: dict[str, Any]) -> str:
    kills = measured["kills"]
    before = [kill["rows_before"] for kill in kills]
    nothing, whole = before.count(0), before.count(measured["rows"])
    part = len(kills) - nothing - whole
    right = sum(kill["equal"] for kill in kills)
    moments = ", ".join(f"{kill['after']:.2f}" for kill in sorted(kills, key=lambda kill: kill["after"]))
    return f"""### {measured["title"]}

{measured["megabytes"]:.0f} MB; {measured["day"]}, {measured["machine"]}.

A run that works for {measured["seconds"]:.1f} s was killed {len(kills)} times, the table empty before. Right after the
kill the table held nothing {nothing} times, all rows {whole} times, and a part of them {part} times; after a rerun it
equalled that of an undisturbed run {right} times. Seconds from the first log line to the kill: {moments}.
"""
