"""CodeBuild without containers: a project's buildspec runs on this machine, in a fresh clone of the commit to build."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from moto.codebuild.models import codebuild_backends

from gluepipe.emulator import checkouts, source_artifact
from gluepipe.emulator.buildspec import run_buildspec
from gluepipe.emulator.checkouts import NoCheckoutError
from gluepipe.emulator.executions import ActionRun, Delivery
from gluepipe.emulator.role_credentials import require, role_environment
from gluepipe.emulator.telemetry import LogStream

ACTOR_VARIABLE = "GLUEPIPE_ACTOR"
SERVICE = "codebuild.amazonaws.com"


class Builds:
    """Carries out the builds of pipelines, and ends those under way when the emulator does."""

    def __init__(self, url: str, work_dir: Path, state_dir: Path) -> None:
        self._url = url
        self._work_dir = work_dir
        self._state_dir = state_dir
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[str]] = set()

    def run(self, delivery: Delivery, run: ActionRun, configuration: Mapping[str, str]) -> dict[str, str]:
        """Carry out the build of an action, whose `configuration` names the project; return what it exports.

        Raises:
            GluePipeError: A command of the build failed, or one of the roles may not do its part.
            RoleRefusedError: The project's role does not trust the service.
            NoCheckoutError: There is nothing to build.
        """
        projects = codebuild_backends[delivery.account_id][delivery.region].codebuild_projects
        project: dict[str, Any] = projects[configuration["ProjectName"]].project_metadata
        require(delivery.pipeline["roleArn"], delivery.name, "codebuild:StartBuild", project["arn"])
        run.external_id = f"{configuration['ProjectName']}:{uuid.uuid4()}"
        role = project["serviceRole"]
        credentials = role_environment(role, run.id, delivery.region, self._url, SERVICE, project["arn"])
        commit = source_artifact.commit_of(delivery.pipeline, delivery.artifact_key, role, run.id, credentials)
        checkout = checkouts.find(self._state_dir)
        if checkout is None:
            raise NoCheckoutError("These emulated accounts belong to no checkout, so there is nothing to build.")
        self._work_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._work_dir, ignore_cleanup_errors=True) as place:
            folder = Path(place) / "source"
            checkouts.clone(checkout, commit, folder, self._state_dir)
            stream = _log_stream(delivery, project, run.external_id)
            return run_buildspec(
                yaml.safe_load(project["source"]["buildspec"]),
                folder,
                credentials | _variables(run, project, configuration, folder),
                log=lambda line: stream.write([line]),
                watch=self._watch,
            )

    def close(self) -> None:
        """End every build."""
        with self._lock:
            for process in self._processes:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)

    def _watch(self, process: subprocess.Popen[str]) -> None:
        with self._lock:
            self._processes = {each for each in self._processes if each.poll() is None} | {process}


def _log_stream(delivery: Delivery, project: Mapping[str, Any], build: str) -> LogStream:
    logs = project.get("logsConfig", {}).get("cloudWatchLogs", {})
    name, number = build.split(":")
    stream = f"{logs['streamName']}/{number}" if "streamName" in logs else number
    group = logs.get("groupName", f"/aws/codebuild/{name}")
    return LogStream(delivery.account_id, delivery.region, group, stream, project["serviceRole"])


def _variables(
    run: ActionRun, project: Mapping[str, Any], configuration: Mapping[str, str], folder: Path
) -> dict[str, str]:
    given = [
        *project["environment"].get("environmentVariables", []),
        *json.loads(configuration.get("EnvironmentVariables", "[]")),
    ]
    return {
        ACTOR_VARIABLE: project["serviceRole"],
        "CODEBUILD_BUILD_ID": run.external_id,
        "PYTHONPATH": os.pathsep.join([str(folder / "cli"), str(folder)]),  # the commit's code, not the checkout's
        **{variable["name"]: variable["value"] for variable in given},
    }
