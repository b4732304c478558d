"""Whose account it is: refused before anything is touched."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import botocore.client
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from gluepipe import access
from gluepipe.deployment import bootstrap, package, stacks
from gluepipe.errors import GluePipeError
from gluepipe.names import Role
from gluepipe.project import Project
from gluepipe.settings import Account, Target
from gluepipe.terraform import toolchain
from tests.cli.operated import create_bucket

OURS = Account("dev", "123456789012")  # the account that the test's credentials belong to
OTHERS = Account("dev", "222222222222")


@pytest.fixture
def on_aws(project: Project, in_memory: access.Access) -> Project:
    return Project(project.root, replace(project.settings, target=Target.AWS))


def account_of(opened: access.Access) -> str:
    return opened.sts.get_caller_identity()["Account"]


def test_credentials_of_the_account_are_used_as_they_are(on_aws: Project) -> None:
    assert account_of(access.open_account(on_aws, OURS)) == OURS.id
    assert account_of(access.open_account_directly(on_aws, OURS)) == OURS.id


def test_otherwise_the_deploy_role_is_assumed(on_aws: Project) -> None:
    opened = access.open_account(on_aws, OTHERS)
    identity = opened.sts.get_caller_identity()
    assert identity["Account"] == OTHERS.id
    assert "gluepipe-deploy" in identity["Arn"]


def test_no_network_is_not_blamed_on_the_credentials(on_aws: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_arguments: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://sts")

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", unreachable)
    with pytest.raises(GluePipeError, match=r"AWS cannot be reached.*Check this machine's network"):
        access.check_identity(on_aws, OURS)


def test_plans_assume_the_plan_role(on_aws: Project) -> None:
    identity = access.open_account(on_aws, OTHERS, Role.PLAN).sts.get_caller_identity()
    assert "gluepipe-plan" in identity["Arn"]


def test_terraform_acts_as_the_role_even_in_the_accounts_own_hands(on_aws: Project) -> None:
    identity = access.take_role(on_aws, OURS).sts.get_caller_identity()
    assert identity["Account"] == OURS.id
    assert "gluepipe-deploy" in identity["Arn"]


def test_a_role_is_taken_again_before_its_hour_is_over(on_aws: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Any] = []
    real = botocore.client.BaseClient._make_api_call

    def call(client: Any, operation: str, arguments: Any) -> Any:
        answer = real(client, operation, arguments)
        if operation == "AssumeRole":
            taken.append(answer)
            answer["Credentials"]["Expiration"] = datetime.now(UTC) + timedelta(minutes=1)
        return answer

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    opened = access.take_role(on_aws, OTHERS)
    assert len(taken) == 1
    assert account_of(opened) == OTHERS.id
    assert len(taken) > 1


@pytest.fixture
def refusing(on_aws: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An account whose roles may not be taken; moto asks no trust policy."""
    refused = ClientError({"Error": {"Code": "AccessDenied", "Message": "not authorized"}}, "AssumeRole")
    real = botocore.client.BaseClient._make_api_call

    def call(client: Any, operation: str, arguments: Any) -> Any:
        if operation == "AssumeRole":
            raise refused
        return real(client, operation, arguments)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    return on_aws


def test_people_are_told_that_prod_is_not_deployed_to_by_hand(refusing: Project) -> None:
    prod = Account("prod", OURS.id)
    environments = {**refusing.settings.environments}
    environments["prod"] = replace(environments["prod"], account=prod)
    project = Project(refusing.root, replace(refusing.settings, environments=environments))
    with pytest.raises(GluePipeError, match=r"may not take .*role/gluepipe-deploy.*People do not deploy to prod"):
        access.check_role(project, prod, Role.DEPLOY)
    with pytest.raises(GluePipeError, match=r"role/gluepipe-plan.*gluepipe bootstrap prod"):
        access.check_role(project, prod, Role.PLAN)


def test_credentials_of_dev_do_not_reach_prod(refusing: Project) -> None:
    with pytest.raises(
        GluePipeError, match=r"Wrong account.*belong to 123456789012, but prod is 333333333333"
    ) as caught:
        access.check_identity(refusing, Account("prod", "333333333333"))
    assert "Use credentials of 333333333333" in caught.value.fix


def test_nothing_is_built_or_started_for_another_account(refusing: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((toolchain, "assemble"), (package, "build"), (bootstrap, "ensure")):
        monkeypatch.setattr(module, name, lambda *_arguments, **_options: pytest.fail("went on"))
    with pytest.raises(GluePipeError, match="Wrong account"):
        stacks.open_deployment(refusing, "prod", print)


def test_bootstrap_refuses_another_accounts_credentials(on_aws: Project) -> None:
    with pytest.raises(GluePipeError, match=r"Wrong account.*belong to 123456789012, but dev is 222222222222"):
        access.open_account_directly(on_aws, OTHERS)


def test_missing_credentials_say_what_to_do(on_aws: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "none")
    monkeypatch.setenv("AWS_CONFIG_FILE", "none")
    with pytest.raises(GluePipeError, match="Configure credentials"):
        access.check_identity(on_aws, OURS)


def test_an_account_without_state_bucket_is_told_to_bootstrap(on_aws: Project) -> None:
    with pytest.raises(GluePipeError, match="run: gluepipe bootstrap dev"):
        bootstrap.ensure(on_aws, OURS, None, print)  # type: ignore[arg-type]


def test_the_state_bucket_is_made_once_versioned_encrypted_private_and_tls_only(on_aws: Project) -> None:
    s3, bucket = access.open_account(on_aws, OURS).s3, "gluepipe-dev-state"
    assert bootstrap.create_state_bucket(s3, bucket, OURS, "eu-central-1")
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert "aws:SecureTransport" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
    assert not bootstrap.create_state_bucket(s3, bucket, OURS, "eu-central-1")


def test_the_lock_of_a_dead_bootstrap_does_not_pass_for_its_state(on_aws: Project) -> None:
    opened, bucket = access.open_account(on_aws, OURS), "gluepipe-dev-state"
    s3 = opened.s3
    create_bucket(opened, bucket)
    s3.put_object(Bucket=bucket, Key="bootstrap.tfstate.tflock", Body=b"{}")
    assert not bootstrap.is_bootstrapped(s3, bucket, OURS)
    s3.put_object(Bucket=bucket, Key="bootstrap.tfstate", Body=b"{}")
    assert bootstrap.is_bootstrapped(s3, bucket, OURS)


def test_a_bootstrap_that_broke_off_is_finished_by_the_next_command(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[Project] = []

    def run(ours: Project, *_others: object) -> None:
        runs.append(ours)
        if len(runs) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "open_account", lambda *_: SimpleNamespace(s3=None))
    monkeypatch.setattr(bootstrap, "is_bootstrapped", lambda *_: bool(runs))  # half of a state is one, too
    monkeypatch.setattr(bootstrap, "run", run)
    project.emulator_folder.mkdir(parents=True)
    with pytest.raises(KeyboardInterrupt):
        bootstrap.ensure(project, OTHERS, None, print)  # type: ignore[arg-type]
    for _ in range(2):
        bootstrap.ensure(project, OTHERS, None, print)  # type: ignore[arg-type]
    assert len(runs) == 2
