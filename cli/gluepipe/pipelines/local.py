"""Runs a delivery pipeline in the foreground on this checkout: its stages from the service, its own commands.

For the emulated accounts: stages may be left out, and the checkout is used as it is. `gluepipe pipeline start` lets the
emulated service run the newest commit instead.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from gluepipe.access import open_account_directly
from gluepipe.console import Say
from gluepipe.emulator import control
from gluepipe.emulator.buildspec import resolved, run_buildspec
from gluepipe.pipelines.codepipeline import open_pipelines
from gluepipe.settings import PIPELINE_ACCOUNT

if TYPE_CHECKING:
    from gluepipe.project import Project

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
        given = action.get("configuration", {}).items()
        configuration = {name: resolved(value, self.variables) for name, value in given}
        if action["actionTypeId"]["category"] == "Approval":
            self.approve(configuration["CustomData"])
        elif action["actionTypeId"]["provider"] == "CodeBuild":
            exported = self._build(configuration)
            self.variables |= {f"{action.get('namespace')}.{name}": value for name, value in exported.items()}

    def _build(self, configuration: Mapping[str, str]) -> dict[str, str]:
        (project,) = self.codebuild.batch_get_projects(names=[configuration["ProjectName"]])["projects"]
        given = [*project["environment"]["environmentVariables"], *json.loads(configuration["EnvironmentVariables"])]
        credentials = control.service_environment(
            self.project.emulator_folder, "codebuild.amazonaws.com", project["serviceRole"], project["arn"]
        )
        return run_buildspec(
            yaml.safe_load(project["source"]["buildspec"]),
            self.project.root,
            credentials | {variable["name"]: variable["value"] for variable in given},
        )


def run(project: Project, stack: str, skip: set[str], say: Say, approve: Approve) -> None:
    """Run a stack's pipeline on this checkout, stage by stage, without the stages to `skip`.

    `approve` is given the text that approvers get. Raises GluePipeError when a stage fails.
    """
    access = open_account_directly(project, project.settings.accounts[PIPELINE_ACCOUNT])
    execution = Execution(project, access.client("codebuild"), approve)
    for stage in open_pipelines(project).definition(stack)["stages"]:
        if stage["name"] in skip:
            say(f"{stack}: {stage['name']} left out")
            continue
        say(f"{stack}: {stage['name']}")
        for action in stage["actions"]:
            execution.run(action)
