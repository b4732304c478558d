"""Least privilege, by evidence: what each role really asked for is allowed, and no statement is there for nothing.

The emulated accounts check no permissions. So every request of an apply, a smoke test and a sweep is recorded, and the
roles' own policies, as Terraform made them, are held against it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gluepipe.names import EnvironmentNames
from tests.end_to_end.conftest import Checkout
from tests.permissions.policies import Statement, refused, statements
from tests.permissions.recorded_calls import Call
from tests.permissions.recording import calls_by_role, recording

ROLES = ["gluepipe-deploy", "gluepipe-dev-alert", "gluepipe-dev-glue", "gluepipe-dev-trigger"]
CONTEXT = {"aws:ResourceTag/project": "gluepipe", "aws:SourceAccount": "222222222222"}

# What services do in a role's name never passes the emulator's door: encryption by S3, polling and logging by Lambda
# and Glue. And what only a mishap needs, which no smoke test has.
BEHIND_THE_DOOR = {
    "UseKey": "S3, SQS and DynamoDB use the key of what is read and written",
    "UseStateKey": "S3 uses the key of the state bucket",
    "WriteLogs": "Lambda and Glue write the log lines",
    "TakeMessages": "Lambda polls the queue",
    "SetAsideMessages": "a file that failed three times",
    "ListBuckets": "without it, S3 answers 403 for an object that is not there",
    "SeeMetrics": "people look at metrics",
    "SetAsideEvents": "Lambda sets aside the event that the function failed on",
}


@pytest.fixture(scope="module")
def used(deployed: Checkout) -> dict[str, set[Call]]:
    """The calls of each role."""
    folder = deployed.project.emulator_folder
    with recording(folder):
        deployed.succeed("smoke", "dev")
        invoke(deployed, deployed.names.sweep_function, {"source": "test"})
        newest = deployed.dev.glue.get_job_runs(JobName=deployed.names.job)["JobRuns"][0]
        invoke(deployed, deployed.names.alert_function, failed(newest["JobName"], newest["Id"]))
        invoke(deployed, deployed.names.alert_function, rings(deployed.names.component("queue-age")))
    return calls_by_role(folder, deployed.names.account_id)


def invoke(deployed: Checkout, function: str, event: dict[str, Any]) -> None:
    answer = deployed.dev.functions.invoke(FunctionName=function, Payload=json.dumps(event))
    assert "FunctionError" not in answer, answer["Payload"].read()


def failed(job: str, run_id: str) -> dict[str, Any]:
    """The event of a run that failed."""
    detail = {"jobName": job, "jobRunId": run_id, "state": "FAILED"}
    return {"detail-type": "Glue Job State Change", "detail": detail}


def rings(alarm: str) -> dict[str, Any]:
    """The event of an alarm that rings."""
    detail = {"alarmName": alarm, "state": {"value": "ALARM"}, "configuration": {"description": "a test"}}
    return {"detail-type": "CloudWatch Alarm State Change", "detail": detail}


@pytest.fixture(scope="module")
def granted(deployed: Checkout) -> dict[str, list[Statement]]:
    """The statements of each role's policies."""
    return {role: statements(dict(documents(deployed, role))) for role in ROLES}


def documents(deployed: Checkout, role: str) -> Iterator[tuple[str, str]]:
    iam = deployed.dev.session.client("iam", endpoint_url=deployed.dev.endpoint)
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        yield name, json.dumps(document)
    for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        policy = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]
        version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        yield policy["PolicyName"], json.dumps(version["PolicyVersion"]["Document"])


def context(names: EnvironmentNames, call: Call) -> dict[str, str]:
    """What a request is asked under; changing a role is asked under the boundary that the role has."""
    boundary = f"arn:aws:iam::{names.account_id}:policy/{names.project}-boundary"
    return CONTEXT | ({} if call.action == "iam:CreateRole" else {"iam:PermissionsBoundary": boundary})


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_all_that_it_does(
    deployed: Checkout, used: dict[str, set[Call]], granted: dict[str, list[Statement]], role: str
) -> None:
    missing = {
        (call.action, resource)
        for call in used[role]
        for resource in refused(call, granted[role], context(deployed.names, call))
    }
    assert not missing


@pytest.mark.parametrize("role", ROLES)
def test_without_any_one_statement_something_would_be_refused(
    deployed: Checkout, used: dict[str, set[Call]], granted: dict[str, list[Statement]], role: str
) -> None:
    spare = {
        taken.sid
        for taken in granted[role]
        if not any(
            refused(call, [each for each in granted[role] if each is not taken], context(deployed.names, call))
            for call in used[role]
        )
    }
    assert spare <= BEHIND_THE_DOOR.keys()


def test_the_job_and_the_trigger_reach_no_state_and_no_role(used: dict[str, set[Call]]) -> None:
    for role in ROLES[1:]:
        reached = {resource for call in used[role] for resource in call.resources}
        assert not [resource for resource in reached if "-state-" in resource or ":role/" in resource]
