"""Runs a program so that its output is seen while it runs and still there afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from types import FrameType
from typing import IO

from gluepipe.console import Show

LOOK_EVERY_SECONDS = 0.02
CHUNK = 65536
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Finished:
    """A program that has ended: its exit code (negative: the signal that killed it) and all that it printed."""

    returncode: int
    stdout: str
    stderr: str
    interrupted: bool = False


def run(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    show_stdout: Show,
    show_stderr: Show,
    on_interrupt: Callable[[], None] = lambda: None,
) -> Finished:
    """Run a program with its input closed; every line goes to `show_*` as it is printed, and is kept.

    Ctrl-C (or SIGTERM, SIGHUP) reaches the program as exactly one SIGINT, then its end is awaited. One that outlives us
    goes on to its own end. Raises FileNotFoundError when there is no such program.
    """
    with TemporaryFile() as out, TemporaryFile() as err:
        # A session of its own: the terminal would send Ctrl-C to the whole group, and Terraform takes a second SIGINT
        # as an order to stop at once, without writing state or releasing its lock. Files, because a pipe that nobody
        # reads any more would kill it in the middle of an apply.
        process = subprocess.Popen(
            arguments,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        with _forwarded_interrupt(process, on_interrupt) as interrupted:
            stdout, stderr = _follow(process, _Printed(out, show_stdout), _Printed(err, show_stderr))
    return Finished(process.returncode, stdout, stderr, interrupted.is_set())


def _follow(process: subprocess.Popen[bytes], out: _Printed, err: _Printed) -> tuple[str, str]:
    ended = False
    while not ended:
        with suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_EVERY_SECONDS)
            ended = True  # what it printed before is still to be read
        for printed in (out, err):
            printed.read()
    return out.close(), err.close()


class _Printed:
    def __init__(self, file: IO[bytes], show: Show) -> None:
        self._file = file
        self._show = show
        self._position = 0
        self._kept: list[str] = []
        self._partial = b""

    def read(self) -> None:
        """Take the lines that are new. The program writes through the same file, whose own position is its."""
        while chunk := os.pread(self._file.fileno(), CHUNK, self._position):
            self._position += len(chunk)
            *lines, self._partial = (self._partial + chunk).split(b"\n")
            for line in lines:
                self._take(line + b"\n")

    def close(self) -> str:
        """Show an unfinished last line and return everything."""
        if self._partial:
            self._take(self._partial)
        return "".join(self._kept)

    def _take(self, line: bytes) -> None:
        text = line.decode("utf-8", errors="replace")
        self._kept.append(text)
        self._show(text)


@contextmanager
def _forwarded_interrupt(
    process: subprocess.Popen[bytes], on_interrupt: Callable[[], None]
) -> Iterator[threading.Event]:
    interrupted = threading.Event()

    def forward(_signal: int, _frame: FrameType | None) -> None:
        if not interrupted.is_set():
            interrupted.set()
            process.send_signal(signal.SIGINT)
        on_interrupt()

    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return
    previous = {number: signal.signal(number, forward) for number in INTERRUPTS}
    try:
        yield interrupted
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
