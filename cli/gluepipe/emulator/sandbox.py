"""One process that runs a Lambda function's unpacked zip, kept warm between events."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from gluepipe.emulator.role_credentials import role_environment
from gluepipe.emulator.telemetry import LogStream

WORKER = Path(__file__).with_name("function_worker.py")
INIT_SECONDS = 60.0
LOG_SECONDS = 2.0
TAIL_LINES = 100


@dataclass(frozen=True)
class FunctionSettings:
    """What a running sandbox depends on; when any of it changes, the next event gets a new sandbox."""

    account_id: str
    region: str
    name: str
    arn: str
    version: str
    handler: str
    role_arn: str
    timeout: float
    memory_mb: int
    code_sha256: str
    variables: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Outcome:
    """`payload` is JSON text: the handler's result, or Lambda's error document when `is_error`."""

    payload: str
    is_error: bool
    log_tail: str = ""


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"error": {"errorType": kind, "errorMessage": message}}


KILLED = _error("Runtime.ExitError", "Runtime exited with error: signal: killed")


class Sandbox:
    """Runs one event at a time. A sandbox that has timed out or died is not `usable` any more."""

    def __init__(self, settings: FunctionSettings, task_dir: Path, runtime_dir: Path, url: str) -> None:
        self.settings = settings
        stream = f"{datetime.now(UTC):%Y/%m/%d}/[{settings.version}]{uuid.uuid4().hex}"
        self._stream = LogStream(
            settings.account_id, settings.region, f"/aws/lambda/{settings.name}", stream, settings.role_arn
        )
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._ended = threading.Event()
        self._results, descriptor = os.pipe()
        self._buffer = b""
        self.usable = True
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-u", str(WORKER), str(task_dir), str(runtime_dir), str(descriptor)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=[descriptor],
            env=_environment(settings, self._stream, task_dir, url),
        )
        self._input, self._output = cast(IO[str], self._process.stdin), cast(IO[str], self._process.stdout)
        os.close(descriptor)
        self._log_pump = threading.Thread(target=self._pump_log, daemon=True)
        self._log_pump.start()
        self._init = self._receive(INIT_SECONDS)
        self.usable = "error" not in self._init

    def run(self, event: Any) -> Outcome:
        """Give `event` to the handler and wait for its answer, its death or its timeout."""
        request_id = str(uuid.uuid4())
        if "error" in self._init:
            return self._finish(self._init, 0.0, request_id)
        self._tail.clear()
        self._ended.clear()
        started = time.monotonic()
        about = {"function_arn": self.settings.arn, "timeout": self.settings.timeout}
        self._send({"request_id": request_id, "event": event, **about})
        answer = self._receive(self.settings.timeout)
        seconds = time.monotonic() - started
        # Lambda kills it in the middle; here it is only known afterwards, and its work is done.
        if self.usable and _peak_memory_mb(self._process.pid) > self.settings.memory_mb:
            self.usable = False
            answer = KILLED
        return self._finish(answer, seconds, request_id)

    def run_and_die(self, event: Any, seconds: float) -> Outcome:
        """Give `event` to the handler and kill it after `seconds`. An answer it gave by then is lost with it."""
        killer = threading.Timer(seconds, self._process.kill)
        killer.start()
        outcome = self.run(event)
        killer.cancel()
        self.usable = False
        return Outcome(json.dumps(KILLED["error"]), True, outcome.log_tail)

    def close(self) -> None:
        """Kill the process and release what belongs to it."""
        self.usable = False
        self._process.kill()
        self._process.wait()
        self._log_pump.join(LOG_SECONDS)
        _close_quietly(self._input)
        self._output.close()
        if self._results >= 0:
            os.close(self._results)
            self._results = -1

    def _send(self, request: dict[str, Any]) -> None:
        try:
            self._input.write(json.dumps(request) + "\n")
            self._input.flush()
        except BrokenPipeError:
            self.usable = False

    def _receive(self, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([self._results], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                self.usable = False
                return _error("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds")
            chunk = os.read(self._results, 1 << 16)
            if not chunk:
                self.usable = False
                status = self._process.wait()
                return _error("Runtime.ExitError", f"Runtime exited with error: exit status {status}")
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _finish(self, answer: dict[str, Any], seconds: float, request_id: str) -> Outcome:
        error = answer.get("error")
        if self.usable:
            self._ended.wait(LOG_SECONDS)
        elif error:
            error = {**error, "errorMessage": f"RequestId: {request_id} {error['errorMessage']}"}
            self._log(f"{datetime.now(UTC).isoformat()} {error['errorMessage']}")
        self._log(
            f"REPORT RequestId: {request_id} Duration: {seconds * 1000:.2f} ms "
            f"Memory Size: {self.settings.memory_mb} MB Max Memory Used: {_peak_memory_mb(self._process.pid)} MB"
        )
        payload = json.dumps(error) if error else str(answer["result"])
        return Outcome(payload, error is not None, "\n".join(self._tail))

    def _pump_log(self) -> None:
        for line in self._output:
            self._log(line.rstrip("\n"))
            if line.startswith("END RequestId:"):
                self._ended.set()

    def _log(self, line: str) -> None:
        self._tail.append(line)
        self._stream.write([line])


def _environment(settings: FunctionSettings, stream: LogStream, task_dir: Path, url: str) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "LAMBDA_TASK_ROOT": str(task_dir),
        "_HANDLER": settings.handler,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python",
        "AWS_LAMBDA_FUNCTION_NAME": settings.name,
        "AWS_LAMBDA_FUNCTION_VERSION": settings.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings.memory_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": stream.group,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream.name,
        **role_environment(
            settings.role_arn, settings.name, settings.region, url, "lambda.amazonaws.com", settings.arn
        ),
        **dict(settings.variables),
    }


def _peak_memory_mb(pid: int) -> int:
    """The most memory that a process has held at a time; 0 for one that has ended, or where nothing tells."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    peak = re.search(r"VmHWM:\s*(\d+) kB", status)
    return int(peak[1]) // 1024 if peak else 0


def _close_quietly(pipe: IO[str]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return  # text that the dead process never read
