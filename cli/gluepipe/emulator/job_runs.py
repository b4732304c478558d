"""Glue without a cluster: every run executes the deployed script on this machine's Python (and Spark, if it asks)."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from typing import IO, cast

from moto.core.utils import utcnow
from moto.glue.models import FakeJob, FakeJobRun

from gluepipe import java
from gluepipe.emulator.job_scripts import ScriptNotFoundError, download, role_arn
from gluepipe.emulator.role_credentials import RoleRefusedError, role_environment
from gluepipe.emulator.targets import Targets
from gluepipe.emulator.telemetry import LogStream

DRIVER = Path(__file__).with_name("job_driver.py")
SECONDS_PER_MINUTE = 60
DEFAULT_TIMEOUT_MINUTES = 480
DEFAULT_LOG_GROUP_PREFIX = "/aws-glue/jobs"
SLOT_POLL_SECONDS = 0.2
OCCUPYING = ("STARTING", "RUNNING", "STOPPING")
TERMINAL = ("SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED")
SEVERITY = {"SUCCEEDED": "INFO", "FAILED": "ERROR", "TIMEOUT": "WARN", "STOPPED": "INFO"}
DPU_PER_WORKER = {"G.025X": 0.25, "G.1X": 1.0, "G.2X": 2.0, "G.4X": 4.0, "G.8X": 8.0}
SPARK_DEFAULTS = """\
spark.master local[*]
spark.ui.enabled false
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
"""

log = logging.getLogger(__name__)


class JobRuns:
    """Runs and stops job runs, and tells the world how they ended."""

    def __init__(self, url: str, work_dir: Path, targets: Targets) -> None:
        self._url = url
        self._work_dir = work_dir
        self._targets = targets
        self._lock = threading.Lock()
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._stopped: set[str] = set()
        shutil.rmtree(work_dir, ignore_errors=True)
        (work_dir / "spark").mkdir(parents=True)
        (work_dir / "spark/spark-defaults.conf").write_text(SPARK_DEFAULTS)

    def start(self, job: FakeJob, run: FakeJobRun) -> None:
        """Carry out `run` in the background; a waiting one as soon as the job has a free slot."""
        threading.Thread(target=self._carry_out, args=(job, run), daemon=True).start()

    def stop(self, run: FakeJobRun) -> bool:
        """Stop `run`; False if it has ended already."""
        with self._lock:
            if run.status in TERMINAL:
                return False
            self._stopped.add(run.job_run_id)
            run.status = "STOPPING"
            _kill(self._processes.get(run.job_run_id))
            return True

    def close(self) -> None:
        """Kill every running script."""
        with self._lock:
            for process in self._processes.values():
                _kill(process)

    def _carry_out(self, job: FakeJob, run: FakeJobRun) -> None:
        folder = self._work_dir / run.job_run_id
        self._wait_for_slot(job, run)
        run.started_on = utcnow()
        started = time.monotonic()
        try:
            state, message = self._execute(job, run, folder)
        except (RoleRefusedError, ScriptNotFoundError) as error:
            state, message = "FAILED", f"LAUNCH ERROR | {error}"
        except Exception as error:
            log.exception("Run %s could not be carried out", run.job_run_id)
            state, message = "FAILED", f"INTERNAL ERROR | {error}"
        shutil.rmtree(folder, ignore_errors=True)
        self._end(job, run, state, message, time.monotonic() - started)

    def _wait_for_slot(self, job: FakeJob, run: FakeJobRun) -> None:
        while run.status == "WAITING":
            with self._lock:
                first = next(waiting for waiting in job.job_runs if waiting.status == "WAITING")
                if first is run and not is_full(job):
                    run.status = "STARTING"
                    return
            time.sleep(SLOT_POLL_SECONDS)

    def _execute(self, job: FakeJob, run: FakeJobRun, folder: Path) -> tuple[str, str]:
        if run.job_run_id in self._stopped:
            return "STOPPED", ""
        folder.mkdir(parents=True)
        process = self._spawn(job, run, folder)
        minutes = run.timeout or DEFAULT_TIMEOUT_MINUTES
        prefix = run.arguments.get("--custom-logGroup-prefix", DEFAULT_LOG_GROUP_PREFIX)
        run.facts = {"LogGroupName": prefix}
        pump = _pump_log(process, _log_stream(job, run, f"{prefix}/output"))
        try:
            exit_code = process.wait(minutes * SECONDS_PER_MINUTE)
        except subprocess.TimeoutExpired:
            _kill(process)
            process.wait()
            exit_code = None
        pump.join()
        with self._lock:
            del self._processes[run.job_run_id]
            _close_pipes(process)
            if run.job_run_id in self._stopped:
                return "STOPPED", ""
        state, message = _verdict(exit_code, folder / "error", minutes)
        if state == "FAILED":
            _log_stream(job, run, f"{prefix}/error").write([f"ERROR [main] glue.ProcessLauncher: {message}"])
        return state, message

    def _spawn(self, job: FakeJob, run: FakeJobRun, folder: Path) -> subprocess.Popen[str]:
        script = download(job, job.command["ScriptLocation"], folder)
        libraries = [download(job, uri, folder / "libraries") for uri in _listed(run, "--extra-py-files")]
        arguments = [part for pair in run.arguments.items() for part in pair]
        arguments += ["--JOB_NAME", job.name, "--JOB_RUN_ID", run.job_run_id, "--JOB_ID", f"j_{job.name}"]
        environment = self._environment(job, run, folder, libraries)
        with self._lock:
            process = subprocess.Popen(
                [sys.executable, "-u", str(DRIVER), str(folder / "error"), str(script), *arguments],
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            self._processes[run.job_run_id] = process
            if run.job_run_id in self._stopped:
                _kill(process)
            else:
                run.status = "RUNNING"
        return process

    def _environment(self, job: FakeJob, run: FakeJobRun, folder: Path, libraries: list[Path]) -> dict[str, str]:
        backend, session = job.backend, f"GlueJobRunnerSession-{run.job_run_id[-8:]}"
        source = f"arn:aws:glue:{backend.region_name}:{backend.account_id}:job/{job.name}"
        role = role_environment(role_arn(job), session, backend.region_name, self._url, "glue.amazonaws.com", source)
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
            "LANG": "en_US.UTF-8",
            "PYTHONPATH": os.pathsep.join(_import_path(library) for library in libraries),
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_CONF_DIR": str(self._work_dir / "spark"),
            "SPARK_LOCAL_IP": "127.0.0.1",
            **_java(),
            **{name: value for name, value in role.items() if not name.endswith("REGION")},  # Glue promises none
        }

    def _end(self, job: FakeJob, run: FakeJobRun, state: str, message: str, seconds: float) -> None:
        dpu = DPU_PER_WORKER.get(run.worker_type or "", 1.0) * float(run.number_of_workers or 1)
        run.facts = {"ExecutionTime": round(seconds), "DPUSeconds": round(seconds * dpu, 1)}
        if message:
            run.facts["ErrorMessage"] = message
        run.completed_on = run.modified_on = utcnow()
        run.status = state
        log.info("Run %s of %s: %s in %.1f s %s", run.job_run_id, job.name, state, seconds, message)
        detail = {
            "jobName": job.name,
            "severity": SEVERITY[state],
            "state": state,
            "jobRunId": run.job_run_id,
            "message": message or f"Job run {state.lower()}",
        }
        backend = job.backend
        self._targets.put(backend.account_id, backend.region_name, "aws.glue", "Glue Job State Change", detail)


def is_full(job: FakeJob) -> bool:
    """Tell whether as many runs as the job allows occupy a slot."""
    occupied = sum(run.status in OCCUPYING for run in job.job_runs)
    return occupied >= int(job.execution_property.get("MaxConcurrentRuns", 1))


def _verdict(exit_code: int | None, error_file: Path, minutes: float) -> tuple[str, str]:
    if exit_code is None:
        return "TIMEOUT", f"Job run exceeded its timeout of {minutes:g} minutes"
    if exit_code == 0:
        return "SUCCEEDED", ""
    message = error_file.read_text() if error_file.exists() else f"Command failed with exit code {exit_code}"
    return "FAILED", message


def _pump_log(process: subprocess.Popen[str], stream: LogStream) -> threading.Thread:
    """Keep both outputs of the script in one stream, as Glue does since 5.0; another is for Spark's words."""
    thread = threading.Thread(target=_pump, args=(cast(IO[str], process.stdout), stream), daemon=True)
    thread.start()
    return thread


def _log_stream(job: FakeJob, run: FakeJobRun, group: str) -> LogStream:
    backend = job.backend
    return LogStream(backend.account_id, backend.region_name, group, f"{run.job_run_id}-driver", role_arn(job))


def _pump(pipe: IO[str], stream: LogStream) -> None:
    for line in pipe:
        stream.write([line.rstrip("\n")])


def _listed(run: FakeJobRun, argument: str) -> list[str]:
    return [uri for uri in run.arguments.get(argument, "").split(",") if uri]


def _import_path(library: Path) -> str:
    return str(library.parent if library.suffix == ".py" else library)


@cache
def _java() -> dict[str, str]:
    """The Java 17 that Spark runs on, looked for once."""
    return {"JAVA_HOME": str(java.find().home)}


def _kill(process: subprocess.Popen[str] | None) -> None:
    if process is not None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _close_pipes(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()
