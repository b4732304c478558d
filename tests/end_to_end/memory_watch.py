"""Watches what the job's processes of an emulated account take of the memory."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from gluepipe.emulator import process
from gluepipe.emulator.job_runs import DRIVER

POLL_SECONDS = 0.05


class MemoryWatch:
    """The most that each job process, its descendants included, had at one time, by its pid; in bytes."""

    def __init__(self, emulator_folder: Path) -> None:
        self.peaks: dict[int, int] = {}
        self._emulator = psutil.Process(process.running(emulator_folder).pid)

    def look(self) -> None:
        """Take the present figures in."""
        for job in self._emulator.children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if str(DRIVER) in job.cmdline():
                    peak = sum(map(_high_water, [job, *job.children(recursive=True)]))
                    self.peaks[job.pid] = max(peak, self.peaks.get(job.pid, 0))


@contextmanager
def watched(emulator_folder: Path) -> Iterator[MemoryWatch]:
    """Watch meanwhile."""
    watch, done = MemoryWatch(emulator_folder), threading.Event()

    def keep_looking() -> None:
        while not done.wait(POLL_SECONDS):
            watch.look()

    thread = threading.Thread(target=keep_looking)
    thread.start()
    try:
        yield watch
    finally:
        done.set()
        thread.join()


def _high_water(job: psutil.Process) -> int:
    """The kernel's own record of a process, so that no peak falls between two looks."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{job.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
