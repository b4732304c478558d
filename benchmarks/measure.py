"""Time a whole process and the peak memory of all it starts."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Figures:
    """Seconds of wall and processor time, and peak resident bytes of a process tree.

    `others`: seconds of processor time that everything else on the machine took meanwhile.
    """

    wall: float
    cpu: float
    memory: int
    others: float


def run(command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> Figures:
    """Run `command` to its end, in this process's environment unless given another.

    Raises `CalledProcessError`, with the log's end, when it fails.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        began, busy = time.perf_counter(), _busy_seconds()
        process = psutil.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
        )
        memory, cpu = _watch(process)
        wall, busy = time.perf_counter() - began, _busy_seconds() - busy
    if process.wait() != 0:
        raise subprocess.CalledProcessError(process.returncode, command, log.read_text(errors="replace")[-2000:])
    return Figures(wall, cpu, memory, max(0.0, busy - cpu))


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)


def _watch(process: psutil.Popen) -> tuple[int, float]:
    peak, seconds = 0, {}
    while process.poll() is None:
        resident = 0
        try:
            for member in (process, *process.children(recursive=True)):
                resident += member.memory_info().rss
                times = member.cpu_times()
                seconds[member.pid] = times.user + times.system
        except psutil.NoSuchProcess:
            continue
        peak = max(peak, resident)
        time.sleep(_POLL_SECONDS)
    return peak, sum(seconds.values())


def median(runs: Sequence[Figures]) -> Figures:
    """The median of each figure on its own."""
    return Figures(
        statistics.median(r.wall for r in runs),
        statistics.median(r.cpu for r in runs),
        int(statistics.median(r.memory for r in runs)),
        statistics.median(r.others for r in runs),
    )
