"""Lambda without containers: every function's deployed zip runs in sandboxes of its own."""

from __future__ import annotations

import importlib.util
import io
import logging
import shutil
import threading
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from moto.awslambda.models import LambdaFunction, lambda_backends

from gluepipe.emulator.faults import Faults
from gluepipe.emulator.sandbox import FunctionSettings, Outcome, Sandbox
from gluepipe.emulator.telemetry import record_metric

# What the Python runtime of Lambda has on board; everything else has to be in the zip.
RUNTIME_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")
WARM_SANDBOXES = 4
ASYNC_RETRY_SECONDS = (60.0, 120.0)

log = logging.getLogger(__name__)


class Functions:
    """Invokes deployed functions; keeps their sandboxes warm until code or configuration change."""

    def __init__(self, url: str, work_dir: Path, faults: Faults) -> None:
        self._url = url
        self._work_dir = work_dir
        self._faults = faults
        self._lock = threading.Lock()
        self._idle: dict[str, list[Sandbox]] = defaultdict(list)
        self._closed = threading.Event()
        self._runtime_dir = _runtime_dir(work_dir / "runtime")

    def invoke(self, function: LambdaFunction, event: Any) -> Outcome:
        """Run `event` through the function and wait for the outcome."""
        settings = _settings(function)
        sandbox = self._take(function, settings)
        try:
            moment = self._faults.moment(settings.name)
            outcome = sandbox.run(event) if moment is None else sandbox.run_and_die(event, moment)
        finally:
            self._give_back(sandbox)
        _count(settings, outcome)
        return outcome

    def invoke_async(self, function_arn: str, event: Any) -> None:
        """Queue `event`; a failed event is tried twice more, as Lambda does."""
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
        for pause in (*ASYNC_RETRY_SECONDS, None):
            function = deployed(function_arn)
            if function is None or not self.invoke(function, event).is_error:
                return
            if pause is None or self._closed.wait(pause):
                return

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
    _, _, _, region, account_id, _, name, *qualifier = function_arn.split(":")
    storage = lambda_backends[account_id][region]
    try:
        return storage.get_function(name, qualifier[0] if qualifier else None)
    except Exception as error:  # moto's own exception types are HTTP errors
        log.warning("Not invoked: %s: %s", function_arn, error)
        return None


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


def _count(settings: FunctionSettings, outcome: Outcome) -> None:
    for name, value in (("Invocations", 1.0), ("Errors", float(outcome.is_error))):
        record_metric(settings.account_id, settings.region, "AWS/Lambda", name, value, "Count",
                      {"FunctionName": settings.name})  # fmt: skip


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
