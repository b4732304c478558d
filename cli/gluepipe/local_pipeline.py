"""Runs a delivery pipeline on this machine as the build service would: its stages from the service, its own commands.

The emulated CodePipeline keeps pipelines but runs nothing, so this plays its part for the emulated accounts.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from gluepipe.access import open_account_directly
from gluepipe.errors import GluePipeError
from gluepipe.pipelines import open_pipelines
from gluepipe.project import ROOT_VARIABLE
from gluepipe.settings import PIPELINE_ACCOUNT

if TYPE_CHECKING:
    from gluepipe.project import Project

REFERENCE = re.compile(r"#\{([\w.]+)\}")
PHASES = ("install", "pre_build", "build", "post_build")
Approve = Callable[[str], None]


@dataclass
class Execution:
    """One run of a pipeline: what its actions left for later ones, by `namespace.name`."""

    project: Project
    codebuild: Any
    approve: Approve
    variables: dict[str, str] = field(default_factory=lambda: {"codepipeline.PipelineExecutionId": str(uuid.uuid4())})

    def run(self, action: Mapping[str, Any]) -> None:
        """Carry out one action; raises GluePipeError when a build fails."""
        configuration = {name: self._resolved(value) for name, value in action.get("configuration", {}).items()}
        if action["actionTypeId"]["category"] == "Approval":
            self.approve(configuration["CustomData"])
        elif action["actionTypeId"]["provider"] == "CodeBuild":
            exported = self._build(configuration)
            self.variables |= {f"{action.get('namespace')}.{name}": value for name, value in exported.items()}

    def _build(self, configuration: Mapping[str, str]) -> dict[str, str]:
        (project,) = self.codebuild.batch_get_projects(names=[configuration["ProjectName"]])["projects"]
        given = [*project["environment"]["environmentVariables"], *json.loads(configuration["EnvironmentVariables"])]
        return run_buildspec(
            yaml.safe_load(project["source"]["buildspec"]),
            self.project.root,
            {variable["name"]: variable["value"] for variable in given},
        )

    def _resolved(self, text: str) -> str:
        return REFERENCE.sub(lambda found: self.variables.get(found[1], ""), text)


def run(project: Project, stack: str, skip: set[str], say: Callable[[str], None], approve: Approve) -> None:
    """Run a stack's pipeline on this checkout, stage by stage, without the stages to `skip`.

    `approve` is given the text that approvers get. Raises GluePipeError when a stage fails.
    """
    access = open_account_directly(project, project.settings.accounts[PIPELINE_ACCOUNT])
    execution = Execution(project, access.session.client("codebuild", endpoint_url=access.endpoint), approve)
    for stage in open_pipelines(project).definition(stack)["stages"]:
        if stage["name"] in skip:
            say(f"{stack}: {stage['name']} left out")
            continue
        say(f"{stack}: {stage['name']}")
        for action in stage["actions"]:
            execution.run(action)


def run_buildspec(spec: Mapping[str, Any], folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Run the commands of a buildspec in one shell, as the build service does; return what it exports.

    Raises GluePipeError, naming the command, when one fails.
    """
    commands = [command for phase in PHASES for command in spec["phases"].get(phase, {}).get("commands", [])]
    names = spec.get("env", {}).get("exported-variables", [])
    with tempfile.TemporaryDirectory(prefix="gluepipe-") as scratch:
        exported = Path(scratch) / "exported"
        script = "\n".join([*map(_checked, commands), *(f'printf "%s\\0" "${name}" >> {exported}' for name in names)])
        finished = subprocess.run(
            ["bash", "-c", script],
            cwd=folder,
            env={**os.environ, ROOT_VARIABLE: str(folder), **environment},
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if finished.returncode != 0:
            raise GluePipeError(f"The build failed with exit code {finished.returncode}; see its output above.")
        values = exported.read_text(encoding="utf-8").split("\0") if names else []
    return dict(zip(names, values, strict=False))


def _checked(command: str) -> str:
    return f"{command} || exit"
