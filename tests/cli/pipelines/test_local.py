"""A pipeline run here: its stages in order, its builds with their environment, what one hands to the next."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from gluepipe.emulator import control
from gluepipe.emulator.buildspec import PHASES, run_buildspec
from gluepipe.errors import GluePipeError
from gluepipe.pipelines.local import Execution
from gluepipe.project import Project
from tests.places import REPOSITORY

BUILDSPECS = sorted((REPOSITORY / "modules" / "delivery_pipeline" / "buildspecs").glob("*.yml"))


class Builds:
    """CodeBuild as far as it is asked: projects by name."""

    def __init__(self, **buildspecs: str) -> None:
        self.buildspecs = buildspecs

    def batch_get_projects(self, names: list[str]) -> dict[str, Any]:
        variables = [{"name": "STACK", "value": "application", "type": "PLAINTEXT"}]
        source = {"buildspec": self.buildspecs[names[0]]}
        project = {"environment": {"environmentVariables": variables}, "source": source}
        return {"projects": [{**project, "arn": f"arn:project/{names[0]}", "serviceRole": "arn:role/builds"}]}


def spec(*commands: str, exports: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"env": {"exported-variables": list(exports)}, "phases": {"build": {"commands": list(commands)}}}


def build(name: str, namespace: str | None = None, **variables: str) -> dict[str, Any]:
    given = [{"name": key, "value": value, "type": "PLAINTEXT"} for key, value in variables.items()]
    return {
        "actionTypeId": {"category": "Build", "provider": "CodeBuild"},
        "configuration": {"ProjectName": name, "EnvironmentVariables": json.dumps(given)},
        "namespace": namespace,
    }


def test_commands_share_one_shell_in_the_given_folder(tmp_path: Path) -> None:
    commands = ("WORD=hello", 'echo "$WORD $STACK" > "$OUT"', "pwd >> out.txt", "export WORD")
    exported = run_buildspec(spec(*commands, exports=("WORD",)), tmp_path, {"STACK": "s", "OUT": "out.txt"})
    assert exported == {"WORD": "hello"}
    assert (tmp_path / "out.txt").read_text() == f"hello s\n{tmp_path}\n"


def test_exported_text_may_have_lines(tmp_path: Path) -> None:
    commands = ("TEXT=$(printf 'one\\ntwo')", "EMPTY=")
    exported = run_buildspec(spec(*commands, exports=("TEXT", "EMPTY")), tmp_path, {})
    assert exported == {"TEXT": "one\ntwo", "EMPTY": ""}


def test_the_first_failing_command_ends_the_build(tmp_path: Path) -> None:
    with pytest.raises(GluePipeError, match="exit code 3"):
        run_buildspec(spec("(exit 3)", "touch later"), tmp_path, {})
    with pytest.raises(GluePipeError, match="exit code 4"):
        run_buildspec(spec('PLAN="$(exit 4)"', "touch later"), tmp_path, {})
    assert not (tmp_path / "later").exists()


def test_what_one_stage_exports_reaches_approver_and_later_stages(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[tuple[str, ...]] = []

    def environment(_folder: Path, *asked: str) -> dict[str, str]:
        taken.append(asked)
        return {"AWS_ACCESS_KEY_ID": asked[1]}

    monkeypatch.setattr(control, "service_environment", environment)
    approved: list[str] = []
    first = yaml.safe_dump(spec("PLAN_ID=plan-1", "export PLAN_ID", exports=("PLAN_ID",)))
    second = yaml.safe_dump(spec('echo "$PLAN_ID $STACK $RUN $AWS_ACCESS_KEY_ID" > applied'))
    execution = Execution(project, Builds(first=first, second=second), approved.append)
    approval = {
        "actionTypeId": {"category": "Approval", "provider": "Manual"},
        "configuration": {"CustomData": "Plan #{DeployDev.PLAN_ID}#{DeployDev.NOTHING}"},
    }
    execution.run(build("first", namespace="DeployDev"))
    execution.run(approval)
    execution.run(build("second", PLAN_ID="#{DeployDev.PLAN_ID}", RUN="#{codepipeline.PipelineExecutionId}"))
    assert approved == ["Plan plan-1"]
    plan, stack, run, key = (project.root / "applied").read_text().split()
    assert (plan, stack, key) == ("plan-1", "application", "arn:role/builds")
    assert taken[0] == ("codebuild.amazonaws.com", "arn:role/builds", "arn:project/first")
    assert run == execution.variables["codepipeline.PipelineExecutionId"]


@pytest.mark.parametrize("file", BUILDSPECS, ids=lambda file: file.stem)
def test_buildspecs_run_make_targets_and_nothing_else(file: Path) -> None:
    document = yaml.safe_load(file.read_text())
    commands = [command for phase in document["phases"].values() for command in phase["commands"]]
    shell_only = {'export PLAN_ID="${PLAN_ID:-none}" SUMMARY'}
    assert all("make " in command or command in shell_only for command in commands)
    assert set(document["phases"]) <= set(PHASES)
