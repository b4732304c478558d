"""Start, stop and find the emulator, and hand out what is needed to talk to it."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, cast

from gluepipe.emulator import endpoint
from gluepipe.emulator.endpoint import Emulator, EmulatorError

START_SECONDS = 120.0
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Started:
    """The outcome of `up`: `fresh` accounts are empty; `lost` ones went with a process that was killed."""

    emulator: Emulator
    fresh: bool
    lost: bool


@dataclass(frozen=True)
class Status:
    """`lost` means: it was started, nobody stopped it, and its process is gone (and the accounts with it)."""

    state: Literal["running", "stopped", "lost"]
    emulator: Emulator | None


def up(state_dir: Path, *, accounts: Mapping[str, str], region: str) -> Started:
    """Make sure that an emulator runs for `state_dir`; safe to call at any time and from several processes at once.

    Raises:
        EmulatorError: it runs with other accounts or another region, or it can't be started.
    """
    state_dir = state_dir.absolute()
    state_dir.mkdir(parents=True, exist_ok=True)
    with _lock(state_dir):
        found = status(state_dir)
        if found.state == "running" and found.emulator:
            _check_settings(found.emulator, accounts, region)
            return Started(found.emulator, fresh=False, lost=False)
        emulator = _start(state_dir, accounts, region)
        return Started(emulator, fresh=True, lost=found.state == "lost")


def down(state_dir: Path) -> Status:
    """Stop the emulator, if any, and everything it started; return what was found. The accounts vanish with it."""
    state_dir = state_dir.absolute()
    if not state_dir.exists():
        return Status("stopped", None)
    with _lock(state_dir):
        found = _found_even_if_mute(state_dir)
        if found.state == "running" and found.emulator:
            _stop(found.emulator)
        (state_dir / endpoint.RECORD).unlink(missing_ok=True)
        return found


def status(state_dir: Path) -> Status:
    """Tell whether the emulator of `state_dir` runs."""
    emulator = endpoint.read(state_dir.absolute())
    if emulator is None:
        return Status("stopped", None)
    return Status("running" if endpoint.answers(emulator) else "lost", emulator)


def running(state_dir: Path) -> Emulator:
    """Return the running emulator of `state_dir`.

    Raises:
        EmulatorError: there is none, with the command that starts one.
    """
    found = status(state_dir)
    if found.state == "running" and found.emulator:
        return found.emulator
    if found.state == "lost" and found.emulator:
        raise EmulatorError(
            f"The emulator (process {found.emulator.pid}) is gone, and with it everything in the emulated accounts.",
            f"Start a new one and deploy again: gluepipe apply dev. Its last words: {found.emulator.log_path}",
        )
    raise EmulatorError("The emulator is not running.", "Start it: gluepipe emulator up")


@contextlib.contextmanager
def _lock(state_dir: Path) -> Iterator[None]:
    with open(state_dir / "lock", "w") as file:
        deadline = time.monotonic() + START_SECONDS + STOP_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise EmulatorError(
                        f"Another command has been starting or stopping the emulator of {state_dir} for too long.",
                        "Find and end that command, then try again.",
                    ) from None
                time.sleep(0.05)
        yield


def _check_settings(emulator: Emulator, accounts: Mapping[str, str], region: str) -> None:
    if emulator.accounts != dict(accounts) or emulator.region != region:
        raise EmulatorError(
            "The emulator runs with other accounts or another region than the settings name now.",
            "Restart it (its accounts start empty): gluepipe emulator down; gluepipe emulator up",
        )


def _start(state_dir: Path, accounts: Mapping[str, str], region: str) -> Emulator:
    (state_dir / endpoint.RECORD).unlink(missing_ok=True)
    options = [f"--state-dir={state_dir}", f"--accounts={json.dumps(dict(accounts))}", f"--region={region}"]
    command = [sys.executable, "-m", "gluepipe.emulator", *options]
    with (
        open(state_dir / endpoint.LOG, "ab") as log,
        subprocess.Popen(
            command, cwd=state_dir, env=_own_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log
        ) as child,
    ):
        said = _says_within(child, START_SECONDS)
    emulator = endpoint.read(state_dir)
    if said == endpoint.READY and emulator:
        return emulator
    raise EmulatorError(
        f"The emulator did not start: {_last_line(state_dir / endpoint.LOG)}", f"See {state_dir / endpoint.LOG}"
    )


def _says_within(child: subprocess.Popen[bytes], seconds: float) -> bytes:
    """Read the one word the emulator says when it is ready; end of file when it died first."""
    pipe = cast(IO[bytes], child.stdout)
    ready, _, _ = select.select([pipe], [], [], seconds)
    return pipe.read() if ready else b""


def _own_environment() -> dict[str, str]:
    """Keep the caller's AWS and moto settings out of the emulator: it must neither reach AWS nor be pinned."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MOTO_", "PYTHONPATH"))}


def _found_even_if_mute(state_dir: Path) -> Status:
    try:
        return status(state_dir)
    except EmulatorError:
        with contextlib.suppress(EmulatorError):
            return Status("running", endpoint.read(state_dir))
        return Status("lost", None)


def _stop(emulator: Emulator) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):  # it may end before it has answered
        endpoint.request(emulator, "POST", endpoint.STOP_PATH, timeout=2.0)
    if not _gone_within(emulator, STOP_SECONDS):
        _kill(emulator)


def _kill(emulator: Emulator) -> None:
    """Kill the emulator's process group, but only if the pid still belongs to an emulator."""
    if "gluepipe.emulator" not in _command_line(emulator.pid):
        raise EmulatorError(
            f"The emulator at {emulator.url} does not stop, and process {emulator.pid} is not it.",
            "Find what listens on that port, or delete the state folder to forget about it.",
        )
    with contextlib.suppress(ProcessLookupError):
        os.killpg(emulator.pid, signal.SIGKILL)


def _command_line(pid: int) -> str:
    if Path("/proc/self").exists():
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        return ""
    return subprocess.run(["ps", "-ww", "-p", str(pid), "-o", "args="], capture_output=True, text=True).stdout


def _gone_within(emulator: Emulator, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(EmulatorError):
            if not endpoint.answers(emulator, timeout=1.0):
                return True
        time.sleep(0.03)
    return False


def _last_line(log_path: Path) -> str:
    lines = log_path.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing."
