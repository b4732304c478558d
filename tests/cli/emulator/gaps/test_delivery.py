"""CodePipeline and CodeBuild."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.cli.emulator.account import ACCOUNTS, Account

ROLE_NAME = "delivery"
ROLE_ARN = f"arn:aws:iam::{ACCOUNTS['dev']}:role/{ROLE_NAME}"
ENVIRONMENT = {
    "type": "ARM_CONTAINER",
    "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
    "computeType": "BUILD_GENERAL1_SMALL",
}


def project(account: Account, name: str, **options: Any) -> Any:
    given = {"source": {"type": "CODEPIPELINE"}, "artifacts": {"type": "CODEPIPELINE"}, **options}
    return account.client("codebuild").create_project(name=name, environment=ENVIRONMENT, serviceRole=ROLE_ARN, **given)


def read(account: Account, name: str) -> Any:
    (found,) = account.client("codebuild").batch_get_projects(names=[name])["projects"]
    return found


def test_project_of_a_pipeline_needs_no_locations(account: Account) -> None:
    project(account, "piped")
    assert read(account, "piped")["source"] == {"type": "CODEPIPELINE"}
    assert read(account, "piped")["artifacts"] == {"type": "CODEPIPELINE"}


def test_other_projects_still_need_locations(account: Account) -> None:
    client = account.client("codebuild")
    with pytest.raises(client.exceptions.InvalidInputException):
        project(account, "placeless", source={"type": "GITHUB"})


def test_project_keeps_everything_given(account: Account) -> None:
    project(account, "complete", concurrentBuildLimit=1, encryptionKey="arn:aws:kms:x", timeoutInMinutes=30)
    found = read(account, "complete")
    assert (found["concurrentBuildLimit"], found["encryptionKey"]) == (1, "arn:aws:kms:x")


def test_a_project_is_deleted_by_its_arn(account: Account) -> None:
    client = account.client("codebuild")
    client.delete_project(name=project(account, "passing")["project"]["arn"])
    assert client.batch_get_projects(names=["passing"])["projects"] == []


def test_update_changes_only_what_it_names(account: Account) -> None:
    project(account, "changing", description="before", timeoutInMinutes=30)
    client = account.client("codebuild")
    client.update_project(name="changing", timeoutInMinutes=45)
    found = read(account, "changing")
    assert (found["description"], found["timeoutInMinutes"]) == ("before", 45)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.update_project(name="unknown", timeoutInMinutes=45)


def test_pipeline_dates_are_numbers_on_the_wire(account: Account) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "codepipeline.amazonaws.com"}}
        ],
    }
    account.client("iam").create_role(RoleName=ROLE_NAME, AssumeRolePolicyDocument=json.dumps(trust))
    client = account.client("codepipeline")
    action = {
        "name": "a",
        "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"},
    }
    stages = [{"name": name, "actions": [action]} for name in ("First", "Second")]
    store = {"type": "S3", "location": "artifacts"}
    client.create_pipeline(
        pipeline={
            "name": "delivery",
            "roleArn": ROLE_ARN,
            "artifactStore": store,
            "stages": stages,
            "pipelineType": "V2",
        }
    )
    client.start_pipeline_execution(name="delivery")
    (execution,) = client.list_pipeline_executions(pipelineName="delivery")["pipelineExecutionSummaries"]
    metadata = client.get_pipeline(name="delivery")["metadata"]
    for moment in (metadata["created"], metadata["updated"], execution["startTime"], execution["lastUpdateTime"]):
        assert abs((datetime.now(UTC) - moment).total_seconds()) < 60
    assert isinstance(raw_metadata(account, client)["created"], float)


def raw_metadata(account: Account, client: Any) -> Any:
    """Ask again without an SDK that would also read text."""
    signed: dict[str, str] = {}
    client.meta.events.register("before-send.codepipeline.*", lambda request, **_: signed.update(request.headers))
    client.get_pipeline(name="delivery")
    headers = {name: value.decode() if isinstance(value, bytes) else value for name, value in signed.items()}
    request = urllib.request.Request(account.url, data=b'{"name": "delivery"}', headers=headers)  # noqa: S310 - the loopback
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - the loopback
        return json.load(answer)["metadata"]
