"""Who acts in the emulated accounts: people through the account's roles, a build as what its service gave it."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
import pytest

from gluepipe import access
from gluepipe.emulator import control
from gluepipe.emulator.endpoint import EmulatorError
from gluepipe.errors import GluePipeError
from gluepipe.project import Project
from tests.cli.emulator.account import ACCOUNTS, Account

DEV, PIPELINE = ACCOUNTS["dev"], ACCOUNTS["pipeline"]
BUILDS = f"arn:aws:iam::{PIPELINE}:role/gluepipe-pipeline"
BUILDER = "codebuild.amazonaws.com"
BUILD = f"arn:aws:codebuild:eu-central-1:{PIPELINE}:project/deploy"


def trust(**principal: str | list[str]) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def emulated(project: Project, state_dir: Path) -> Project:
    """A project whose emulated accounts are those of all tests here."""
    project.emulator_folder.parent.mkdir(exist_ok=True)
    project.emulator_folder.symlink_to(state_dir, target_is_directory=True)
    return project


@pytest.fixture(scope="module")
def roles(account: Account, state_dir: Path) -> None:
    """A deploy role in dev, and the role of builds, which may take it, in the pipeline account."""
    trusted = trust(AWS=[f"arn:aws:iam::{owner}:root" for owner in (DEV, PIPELINE)])
    account.client("iam").create_role(RoleName="gluepipe-deploy", AssumeRolePolicyDocument=trusted)
    other = Account(boto3.Session(**control.administrator(state_dir, PIPELINE)), account.url).client("iam")
    other.create_role(RoleName="gluepipe-pipeline", AssumeRolePolicyDocument=trust(Service=BUILDER))
    may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{DEV}:role/gluepipe-deploy"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    other.put_role_policy(RoleName="gluepipe-pipeline", PolicyName="may", PolicyDocument=document)


@pytest.fixture
def as_build(state_dir: Path, roles: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process as a build of the pipeline."""
    for name, value in control.service_environment(state_dir, BUILDER, BUILDS, BUILD).items():
        monkeypatch.setenv(name, value)


def who(opened: access.Access) -> str:
    return opened.sts.get_caller_identity()["Arn"].rpartition("/")[0]


def test_people_act_as_the_deploy_role_and_administer_only_what_has_none(emulated: Project, roles: None) -> None:
    dev = emulated.settings.account("dev")
    assert who(access.open_account(emulated, dev)) == f"arn:aws:sts::{DEV}:assumed-role/gluepipe-deploy"
    assert who(access.open_account_directly(emulated, dev)) == f"arn:aws:iam::{DEV}:user"


def test_where_there_is_no_role_yet_people_act_as_themselves(emulated: Project, roles: None) -> None:
    prod = emulated.settings.account("prod")
    assert who(access.open_account(emulated, prod)) == f"arn:aws:iam::{prod.id}:user"
    with pytest.raises(GluePipeError, match="may not take arn:aws:iam::333333333333:role/gluepipe-deploy") as caught:
        access.take_role(emulated, prod)
    assert caught.value.fix == "Ask an administrator for sts:AssumeRole on it, or make it: gluepipe bootstrap prod"


def test_a_build_takes_the_deploy_role_as_the_role_that_it_was_given(emulated: Project, as_build: None) -> None:
    pipeline, dev = (emulated.settings.account(name) for name in ("pipeline", "dev"))
    assert who(access.open_account(emulated, pipeline)) == f"arn:aws:sts::{PIPELINE}:assumed-role/gluepipe-pipeline"
    assert who(access.open_account(emulated, dev)) == f"arn:aws:sts::{DEV}:assumed-role/gluepipe-deploy"
    with pytest.raises(GluePipeError, match="Wrong account"):
        access.open_account_directly(emulated, dev)
    with pytest.raises(GluePipeError, match="Wrong account"):
        access.open_account(emulated, emulated.settings.account("prod"))


def test_terraform_gets_the_same_identity(emulated: Project, as_build: None, monkeypatch: pytest.MonkeyPatch) -> None:
    dev = emulated.settings.account("dev")
    assert "AWS_SESSION_TOKEN" in access.aws_variables(emulated, dev)
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    person = access.aws_variables(emulated, dev)
    assert "AWS_SESSION_TOKEN" not in person
    assert person["AWS_ACCESS_KEY_ID"] == control.administrator(emulated.emulator_folder, DEV)["aws_access_key_id"]


def test_a_service_is_given_no_role_that_does_not_trust_it(state_dir: Path, roles: None) -> None:
    with pytest.raises(EmulatorError, match=r"cannot be assumed by glue\.amazonaws\.com"):
        control.service_environment(state_dir, "glue.amazonaws.com", BUILDS, BUILD)
