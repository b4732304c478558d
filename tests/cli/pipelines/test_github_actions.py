"""The exported workflows: well formed, pinned, least privileged, and the same as the CodePipelines."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from gluepipe.commands import cli
from gluepipe.pipelines import github_actions
from gluepipe.project import Project
from tests.places import REPOSITORY
from tests.terraform.configuration import named_blocks

STACKS = ["infrastructure", "application"]
NEEDED = re.compile(r"needs\.([\w-]+)\.outputs\.(\w+)")


def read(stack: str) -> dict[str, Any]:
    text = github_actions.render(github_actions.workflow(stack, "eu-central-1", "dev", "prod", "main"))
    document: dict[Any, Any] = yaml.safe_load(text)
    # YAML 1.1 reads the word `on` as true.
    return {("on" if key is True else key): value for key, value in document.items()}


def steps(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in document["jobs"].values() for step in job["steps"]]


def test_the_jobs_follow_each_other_as_the_stages_do() -> None:
    assert list(read("infrastructure")["jobs"]) == ["build", "deploy-dev", "deploy-prod"]
    jobs = read("application")["jobs"]
    assert list(jobs) == ["build", "assets", "deploy-dev", "deploy-prod"]
    assert [job.get("needs") for job in jobs.values()] == [None, "build", "assets", "deploy-dev"]


@pytest.mark.parametrize("stack", STACKS)
def test_the_paths_are_those_of_the_pipeline(stack: str) -> None:
    paths = named_blocks(REPOSITORY / "terraform" / "pipeline", "module")[stack]["paths"]
    expected = [*paths["includes"], *(f"!{path}" for path in paths.get("excludes", []))]
    assert read(stack)["on"]["push"]["paths"] == expected


@pytest.mark.parametrize("stack", STACKS)
def test_every_action_is_pinned_to_a_commit(stack: str) -> None:
    used = [step["uses"] for step in steps(read(stack)) if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action) for action in used)


@pytest.mark.parametrize("stack", STACKS)
def test_only_jobs_that_deploy_get_a_token_and_prod_waits_for_its_environment(stack: str) -> None:
    document = read(stack)
    assert document["permissions"] == {"contents": "read"}
    assert "id-token" not in document["jobs"]["build"]["permissions"]
    assert document["jobs"]["deploy-prod"]["environment"] == "prod"
    assert document["jobs"]["deploy-prod"]["permissions"]["id-token"] == "write"


@pytest.mark.parametrize("stack", STACKS)
def test_what_a_job_refers_to_is_there(stack: str) -> None:
    jobs = read(stack)["jobs"]
    for job in jobs.values():
        for other, output in NEEDED.findall(str(job)):
            assert other == job["needs"]
            assert output in jobs[other]["outputs"]


@pytest.mark.parametrize("stack", STACKS)
def test_every_make_target_exists(stack: str) -> None:
    known = set(re.findall(r"^([a-z-]+(?: [a-z-]+)*):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    targets = {target for line in known for target in line.split()}
    scripts = "\n".join(step.get("run", "") for step in steps(read(stack)))
    used = set(re.findall(r"make (?:--silent )?([a-z-]+)", scripts))
    assert used - {"setup", "setup-dev"}
    assert used <= targets


def test_the_command_writes_both(project: Project) -> None:
    result = CliRunner().invoke(cli, ["pipeline", "export", "github"])
    assert result.exit_code == 0, result.output
    files = sorted((project.root / ".github" / "workflows").iterdir())
    assert [file.name for file in files] == ["application.yml", "infrastructure.yml"]
    assert all("\non:\n" in file.read_text() for file in files)


def test_it_needs_to_know_where_releases_go(project: Project) -> None:
    settings = Path("gluepipe.toml")
    settings.write_text(settings.read_text().replace('order = ["dev", "prod"]', "order = []"))
    result = CliRunner().invoke(cli, ["pipeline", "export", "github"])
    assert result.exit_code == 2
    assert "promotion.order" in result.stderr
