"""Runs a program so that its output is seen while it runs and still there afterwards."""

import os
import selectors
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, cast

from gluepipe.console import Show

QUIET_SECONDS = 0.2
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

    Ctrl-C (or SIGTERM, SIGHUP) reaches the program as exactly one SIGINT, then its end is awaited. Raises
    FileNotFoundError when there is no such program.
    """
    # A session of its own: the terminal would send Ctrl-C to the whole group, and Terraform takes a second
    # SIGINT as an order to stop at once, without writing state or releasing its lock.
    process = subprocess.Popen(
        arguments,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with _forwarded_interrupt(process, on_interrupt) as interrupted:
        stdout, stderr = _pump(process, show_stdout, show_stderr)
        returncode = process.wait()
    return Finished(returncode, stdout, stderr, interrupted.is_set())


def _pump(process: subprocess.Popen[bytes], show_stdout: Show, show_stderr: Show) -> tuple[str, str]:
    out = _Stream(cast(IO[bytes], process.stdout), show_stdout)
    err = _Stream(cast(IO[bytes], process.stderr), show_stderr)
    with selectors.DefaultSelector() as selector:
        for stream in (out, err):
            selector.register(stream.pipe, selectors.EVENT_READ, stream)
        while selector.get_map():
            ready = selector.select(QUIET_SECONDS)
            # A grandchild may keep a pipe open for ever; once the program is gone, silence is the end.
            if not ready and process.poll() is not None:
                break
            for key, _ in ready:
                if not key.data.read():
                    selector.unregister(key.fileobj)
    return out.close(), err.close()


class _Stream:
    def __init__(self, pipe: IO[bytes], show: Show) -> None:
        self.pipe = pipe
        self._show = show
        self._kept: list[str] = []
        self._partial = b""

    def read(self) -> bool:
        """Take what is there; False at the end of the stream."""
        chunk = os.read(self.pipe.fileno(), 65536)
        *lines, self._partial = (self._partial + chunk).split(b"\n")
        for line in lines:
            self._take(line + b"\n")
        return bool(chunk)

    def close(self) -> str:
        """Show an unfinished last line and return everything."""
        if self._partial:
            self._take(self._partial)
        self.pipe.close()
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
