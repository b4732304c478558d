"""Lambda without containers: every function's deployed zip runs in sandboxes of its own."""

from __future__ import annotations

import importlib.util
import io
import json
import logging
import shutil
import threading
import time
import zipfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from moto.awslambda.models import LambdaFunction, lambda_backends

from gluepipe.emulator import queue_messages
from gluepipe.emulator.arns import Arn
from gluepipe.emulator.faults import Faults
from gluepipe.emulator.iam import enforcement
from gluepipe.emulator.retries import Patience
from gluepipe.emulator.role_credentials import RoleRefusedError
from gluepipe.emulator.sandbox import FunctionSettings, Outcome, Sandbox
from gluepipe.emulator.telemetry import record_metrics

# What the Python runtime of Lambda has on board; everything else has to be in the zip.
RUNTIME_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")
WARM_SANDBOXES = 4
UNITS = {"Duration": "Milliseconds"}
THROTTLED = Outcome('{"errorType": "TooManyRequestsException", "errorMessage": "Rate Exceeded."}', is_error=True)

log = logging.getLogger(__name__)


class Functions:
    """Invokes deployed functions; keeps their sandboxes warm until code or configuration change."""

    def __init__(self, url: str, work_dir: Path, faults: Faults) -> None:
        self._url = url
        self._work_dir = work_dir
        self._faults = faults
        self._lock = threading.Lock()
        self._idle: dict[str, list[Sandbox]] = defaultdict(list)
        self._at_work: Counter[str] = Counter()
        self._closed = threading.Event()
        self._runtime_dir = _runtime_dir(work_dir / "runtime")

    def invoke(self, function: LambdaFunction, event: Any) -> Outcome:
        """Run `event` through the function and wait for the outcome; `THROTTLED` where its concurrency is used up."""
        settings = _settings(function)
        if not self._enter(function):
            _count(settings, Throttles=1)
            return THROTTLED
        began = time.monotonic()
        try:
            outcome = self._run(function, settings, event)
        finally:
            self._leave(function)
        _count(
            settings, Invocations=1, Errors=outcome.is_error, Throttles=0, Duration=1000 * (time.monotonic() - began)
        )
        return outcome

    def invoke_async(self, function_arn: str, event: Any) -> None:
        """Queue `event`, which is tried again with Lambda's `Patience` and then set aside."""
        threading.Thread(target=self._run_with_retries, args=(function_arn, event), daemon=True).start()

    def close(self) -> None:
        """End every idle sandbox; busy ones end when they find their input closed."""
        self._closed.set()
        with self._lock:
            for sandboxes in self._idle.values():
                for sandbox in sandboxes:
                    sandbox.close()
            self._idle.clear()

    def _run_with_retries(self, function_arn: str, event: Any) -> None:
        patience = Patience()
        while function := deployed(function_arn):
            outcome = self.invoke(function, event)
            if not outcome.is_error:
                return
            is_throttled = outcome is THROTTLED
            pause = patience.after_throttle(function.reserved_concurrency) if is_throttled else patience.after_failure()
            if pause is None:
                _set_aside(function, event, outcome)
                return
            if self._closed.wait(pause):
                return

    def _run(self, function: LambdaFunction, settings: FunctionSettings, event: Any) -> Outcome:
        try:
            sandbox = self._take(function, settings)
        except RoleRefusedError as error:
            return Outcome(json.dumps({"errorType": "AccessDeniedException", "errorMessage": str(error)}), True)
        try:
            moment = self._faults.moment(settings.name)
            return sandbox.run(event) if moment is None else sandbox.run_and_die(event, moment)
        finally:
            self._give_back(sandbox)

    def _enter(self, function: LambdaFunction) -> bool:
        """Count one more invocation at work; False where that is more than the function has reserved."""
        reserved = function.reserved_concurrency
        with self._lock:
            if reserved is not None and self._at_work[function.function_arn] >= int(reserved):
                return False
            self._at_work[function.function_arn] += 1
            return True

    def _leave(self, function: LambdaFunction) -> None:
        with self._lock:
            self._at_work[function.function_arn] -= 1

    def _take(self, function: LambdaFunction, settings: FunctionSettings) -> Sandbox:
        with self._lock:
            idle = self._idle[settings.arn]
            stale = [sandbox for sandbox in idle if sandbox.settings != settings]
            current = [sandbox for sandbox in idle if sandbox.settings == settings]
            taken = current.pop() if current else None
            self._idle[settings.arn] = current
            task_dir = self._unpacked(function)
        for sandbox in stale:
            sandbox.close()
        return taken or Sandbox(settings, task_dir, self._runtime_dir, self._url)

    def _give_back(self, sandbox: Sandbox) -> None:
        with self._lock:
            idle = self._idle[sandbox.settings.arn]
            if sandbox.usable and len(idle) < WARM_SANDBOXES and not self._closed.is_set():
                idle.append(sandbox)
                return
        sandbox.close()

    def _unpacked(self, function: LambdaFunction) -> Path:
        target = self._work_dir / str(function.code_digest).removeprefix("sha256:")
        if not target.exists():
            draft = target.with_suffix(".part")
            shutil.rmtree(draft, ignore_errors=True)
            with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as archive:
                archive.extractall(draft)
            draft.rename(target)
        return target


def deployed(function_arn: str) -> LambdaFunction | None:
    """Return the function with this ARN (with or without a qualifier), None if there is none."""
    _, region, account_id, function = Arn.of(function_arn)
    _, name, *qualifier = function.split(":")
    storage = lambda_backends[account_id][region]
    try:
        return storage.get_function(name, qualifier[0] if qualifier else None)
    except Exception as error:  # moto's own exception types are HTTP errors
        log.warning("Not invoked: %s: %s", function_arn, error)
        return None


def dead_letter_queue(function: LambdaFunction) -> str | None:
    """The ARN of the queue for the events that a function failed on, if it has one."""
    return (getattr(function, "dead_letter_config", None) or {}).get("TargetArn") or None


def _set_aside(function: LambdaFunction, event: Any, outcome: Outcome) -> None:
    """Put an event that a function failed on where Lambda does, with the function's last error."""
    queue = dead_letter_queue(function)
    if queue and enforcement.role_may(function.role, function.function_name, "sqs:SendMessage", queue):
        queue_messages.send(queue, json.dumps(event), {"ErrorCode": 200, "ErrorMessage": _error_message(outcome)})


def _error_message(outcome: Outcome) -> str:
    return str(json.loads(outcome.payload).get("errorMessage") or "unknown")[:1024]


def _settings(function: LambdaFunction) -> FunctionSettings:
    return FunctionSettings(
        account_id=function.account_id,
        region=function.region,
        name=function.function_name,
        arn=function.function_arn,
        version=str(function.version),
        handler=str(function.handler),
        role_arn=function.role,
        timeout=float(function.timeout),
        memory_mb=int(function.memory_size),
        code_sha256=function.code_sha_256,
        variables=tuple(sorted(function.environment_vars.items())),
    )


def _count(settings: FunctionSettings, **figures: float) -> None:
    dimensions = {"FunctionName": settings.name}
    record_metrics(settings.account_id, settings.region, "AWS/Lambda", figures, dimensions, UNITS)


def _runtime_dir(folder: Path) -> Path:
    """Make a folder from which exactly the runtime's own packages can be imported."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in RUNTIME_PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec and spec.origin:
            source = Path(spec.origin)
            source = source.parent if spec.submodule_search_locations else source
            (folder / source.name).symlink_to(source)
    return folder
