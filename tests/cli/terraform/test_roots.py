"""The files of each root, and when `terraform init` runs."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gluepipe.deployment import bootstrap
from gluepipe.deployment.package import Bundle, Bundles
from gluepipe.deployment.stacks import Deployment
from gluepipe.errors import UsageProblem
from gluepipe.names import Role, Stack
from gluepipe.project import Project
from gluepipe.settings import Target, load
from gluepipe.terraform import roots
from gluepipe.terraform.binary import TerraformBinary
from gluepipe.terraform.toolchain import Toolchain
from tests.places import REPOSITORY

BUNDLES = Bundles(Bundle("0" * 16, "dist/trigger-0.zip"), Bundle("1" * 16, "dist/job-1"))


@pytest.fixture
def on_aws(project: Project) -> Project:
    shutil.copytree(
        REPOSITORY / "terraform", project.root / "terraform", ignore=shutil.ignore_patterns(".terraform*", "*.json")
    )
    return Project(project.root, replace(project.settings, target=Target.AWS))


def deployment(project: Project, name: str = "dev", command: tuple[str, ...] = ("terraform",)) -> Deployment:
    config = project.root / "terraform.rc"
    config.touch()
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": str(config)}
    tools = Toolchain(TerraformBinary(command, "1.11.4", "test"), environment)
    return Deployment(project, project.settings.environment(name), BUNDLES, tools)


def written(project: Project, root: roots.Root) -> tuple[str, dict[str, object]]:
    folder = roots.write_files(project, root)
    return (folder / "backend.hcl").read_text(), json.loads((folder / "gluepipe.auto.tfvars.json").read_text())


def test_each_root_gets_what_it_declares_and_nothing_else(on_aws: Project) -> None:
    backend, values = written(on_aws, deployment(on_aws).root(Stack.INFRASTRUCTURE))
    assert values == {
        "account_id": "222222222222",
        "deploy_role_arn": "arn:aws:iam::222222222222:role/gluepipe-deploy",
        "emulated": False,
        "environment": "dev",
        "external_id": "gluepipe",
        "project": "gluepipe",
        "region": "eu-central-1",
        "trigger_bundle": "dist/trigger-0.zip",
    }
    assert 'bucket       = "gluepipe-dev-state-222222222222-eu-central-1"' in backend
    assert 'key          = "dev/infrastructure.tfstate"' in backend
    assert "use_lockfile = true" in backend
    assert 'role_arn = "arn:aws:iam::222222222222:role/gluepipe-deploy"' in backend
    _, values = written(on_aws, deployment(on_aws).root(Stack.APPLICATION))
    assert values["job_bundle"] == "dist/job-1"
    assert values["state_bucket"] == "gluepipe-dev-state-222222222222-eu-central-1"
    assert "trigger_bundle" not in values


def test_a_plan_acts_as_the_plan_role(on_aws: Project) -> None:
    looking = replace(deployment(on_aws), role=Role.PLAN)
    for stack in Stack:
        backend, values = written(on_aws, looking.root(stack))
        assert values["deploy_role_arn"] == "arn:aws:iam::222222222222:role/gluepipe-plan"
        assert 'role_arn = "arn:aws:iam::222222222222:role/gluepipe-plan"' in backend


def test_the_bootstrap_of_an_account_gets_what_the_settings_say(on_aws: Project, settings_text: str) -> None:
    path = on_aws.root / "gluepipe.toml"
    path.write_text(settings_text + '\n[github]\nrepository = "owner/name"\n')
    project = Project(on_aws.root, replace(load(path), target=Target.AWS))
    roles = [f"arn:aws:iam::{digit * 12}:role/gluepipe-{role}" for digit in "23" for role in ("deploy", "plan")]
    for name, people in {"dev": True, "prod": False}.items():
        backend, values = written(project, bootstrap.root(project, project.settings.account(name)))
        assert values["people_may_deploy"] is people
        assert values["holds_environments"] is True
        assert values["delivery_role_arns"] == roles
        assert values["github"] == {"repository": "owner/name", "branch": "main", "environments": ["dev", "prod"]}
        assert "assume_role" not in backend
    _, values = written(on_aws, bootstrap.root(on_aws, on_aws.settings.account("dev")))
    assert "github" not in values
    _, values = written(on_aws, bootstrap.root(on_aws, on_aws.settings.account("pipeline")))
    assert values["holds_environments"] is False


def test_the_variables_are_readable_by_their_owner_only(on_aws: Project) -> None:
    folder = roots.write_files(on_aws, deployment(on_aws).root(Stack.APPLICATION))
    assert (folder / "gluepipe.auto.tfvars.json").stat().st_mode & 0o777 == 0o600


def test_another_environment_needs_settings_and_a_thin_folder_only(on_aws: Project, settings_text: str) -> None:
    path = on_aws.root / "gluepipe.toml"
    path.write_text(settings_text.replace("[promotion]", '[environments.staging]\naccount = "dev"\n\n[promotion]'))
    project = Project(on_aws.root, replace(load(path), target=Target.AWS))
    root = deployment(project, "staging").root(Stack.INFRASTRUCTURE)
    with pytest.raises(UsageProblem, match=r"no Terraform configuration in terraform/staging/infrastructure"):
        roots.write_files(project, root)
    shutil.copytree(project.root / "terraform/dev", project.root / "terraform/staging")
    backend, values = written(project, root)
    assert "staging/infrastructure.tfstate" in backend
    assert values["environment"] == "staging"


def test_init_runs_only_where_something_changed(on_aws: Project, program: Callable[[str], Path]) -> None:
    fake = program("open('commands', 'a').write(sys.argv[1] + '\\n'); os.makedirs('.terraform', exist_ok=True)")
    opened = deployment(on_aws, command=(str(fake),))
    commands = on_aws.root / "terraform/dev/infrastructure/commands"

    def inits() -> int:
        opened.terraform(Stack.INFRASTRUCTURE)
        return commands.read_text().split().count("init")

    assert [inits(), inits()] == [1, 1]
    with (on_aws.root / "terraform/dev/infrastructure/main.tf").open("a") as file:
        file.write("\n# changed\n")
    assert inits() == 2
    shutil.rmtree(on_aws.root / "terraform/dev/infrastructure/.terraform")
    assert inits() == 3
