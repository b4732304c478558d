"""Least privilege, in force: each actor acts as its own role, and no statement is there for nothing.

The emulated accounts enforce IAM and remember which statements allowed what. One that alone allowed something is
needed: without it, that would have been refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from gluepipe.access import Access
from gluepipe.emulator import control
from gluepipe.operations.deployed import Deployed
from tests.end_to_end.conftest import Checkout
from tests.end_to_end.failed_runs import a_failed_run
from tests.end_to_end.permissions import needed, policy_statements, refused, statements, uses_of

SERVICES = {
    "gluepipe-dev-alert": "lambda.amazonaws.com",
    "gluepipe-dev-glue": "glue.amazonaws.com",
    "gluepipe-dev-trigger": "lambda.amazonaws.com",
}
ROLES = ["gluepipe-deploy", *SERVICES]
# Handed to the trigger for the last time.
NONSENSE = {
    "messageId": "1",
    "receiptHandle": "1",
    "body": "nobody can understand this",
    "eventSource": "aws:sqs",
    "attributes": {"ApproximateReceiveCount": "3", "SentTimestamp": "0"},
}


@pytest.fixture(scope="module")
def worked(deployed: Checkout) -> None:
    """After its apply, the environment has done whatever its roles are for."""
    dev, names = deployed.dev, deployed.names
    deployed.succeed("smoke", "dev")
    deployed.gluepipe("status", "dev")
    newest = a_failed_run(Deployed(dev, names))
    for function, event in (
        (names.sweep_function, {"source": "test"}),
        (names.trigger_function, {"Records": [NONSENSE]}),
        (names.alert_function, failed(names.job, newest)),
        (names.alert_function, rings(names.component("queue-age"))),
        (names.standby_function, rings(names.component("undelivered-events"))),
    ):
        answer = dev.functions.invoke(FunctionName=function, Payload=json.dumps(event))
        assert "FunctionError" not in answer, answer["Payload"].read()
    dead = dev.sqs.get_queue_url(QueueName=names.dead_letter_queue)["QueueUrl"]
    letters = dev.sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10, VisibilityTimeout=1)["Messages"]
    [ours] = [letter for letter in letters if letter["Body"] == NONSENSE["body"]]
    dev.sqs.delete_message(QueueUrl=dead, ReceiptHandle=ours["ReceiptHandle"])


def failed(job: str, run_id: str) -> dict[str, Any]:
    """The event of a run that failed."""
    detail = {"jobName": job, "jobRunId": run_id, "state": "FAILED"}
    return {"detail-type": "Glue Job State Change", "detail": detail}


def rings(alarm: str) -> dict[str, Any]:
    """The event of an alarm that rings."""
    detail = {"alarmName": alarm, "state": {"value": "ALARM"}, "configuration": {"description": "a test"}}
    return {"detail-type": "CloudWatch Alarm State Change", "detail": detail}


@pytest.fixture(scope="module")
def iam(deployed: Checkout) -> Any:
    return deployed.administrator.iam


@pytest.mark.parametrize("role", ROLES)
def test_without_any_one_statement_something_would_be_refused(
    deployed: Checkout, worked: None, iam: Any, role: str
) -> None:
    assert set(statements(iam, role)) - needed(uses_of(deployed, role)) == set()


def test_the_boundary_is_no_wider_than_what_it_bounds(deployed: Checkout, worked: None, iam: Any) -> None:
    arn = f"arn:aws:iam::{deployed.names.account_id}:policy/gluepipe-boundary"
    bounded = [use for role in SERVICES for use in uses_of(deployed, role)]
    assert set(policy_statements(iam, arn)) - needed(bounded, "bounded_by") == set()


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_all_that_it_does(deployed: Checkout, worked: None, role: str) -> None:
    assert refused(uses_of(deployed, role)) == set()


def test_functions_and_jobs_reach_no_state_and_no_role(deployed: Checkout, worked: None) -> None:
    for role in SERVICES:
        reached = {use["resource"] for use in uses_of(deployed, role)}
        assert not [resource for resource in reached if "-state-" in resource or ":role/" in resource]


def acting(deployed: Checkout, role: str) -> Callable[[str], Any]:
    """Clients that act as one of the roles."""
    if role not in SERVICES:
        return deployed.dev.client
    names, folder = deployed.names, deployed.project.emulator_folder
    arn, source = (
        f"arn:aws:{place}" for place in (f"iam::{names.account_id}:role/{role}", f"x::{names.account_id}:y/test")
    )
    taken = control.service_environment(folder, SERVICES[role], arn, source)
    session = boto3.Session(
        taken["AWS_ACCESS_KEY_ID"], taken["AWS_SECRET_ACCESS_KEY"], taken["AWS_SESSION_TOKEN"], taken["AWS_REGION"]
    )
    return Access(session, deployed.dev.endpoint).client


@pytest.mark.parametrize(
    ("role", "service", "operation", "action"),
    [
        ("gluepipe-dev-trigger", "s3", "get_object", "s3:GetObject"),
        ("gluepipe-dev-glue", "s3", "put_object", "s3:PutObject"),
        ("gluepipe-dev-glue", "glue", "start_job_run", "glue:StartJobRun"),
        ("gluepipe-deploy", "s3", "delete_object", "s3:DeleteObject"),
        ("gluepipe-deploy", "kms", "schedule_key_deletion", "kms:ScheduleKeyDeletion"),
        ("gluepipe-deploy", "iam", "create_role", "iam:CreateRole"),
        ("gluepipe-deploy", "iam", "attach_role_policy", "iam:AttachRolePolicy"),
        ("gluepipe-deploy", "lambda", "update_function_configuration", "iam:PassRole"),
    ],
)
def test_nobody_reaches_further_than_his_role(
    deployed: Checkout, role: str, service: str, operation: str, action: str
) -> None:
    names = deployed.names
    deploy_role = f"arn:aws:iam::{names.account_id}:role/gluepipe-deploy"
    unbounded = {"RoleName": "gluepipe-dev-glue", "AssumeRolePolicyDocument": '{"Statement": []}'}
    parameters = {
        "get_object": {"Bucket": names.output_bucket, "Key": "k"},
        "put_object": {"Bucket": names.input_bucket, "Key": "k"},
        "start_job_run": {"JobName": names.job},
        "delete_object": {"Bucket": state_bucket(deployed), "Key": "bootstrap.tfstate"},
        "schedule_key_deletion": {"KeyId": "alias/gluepipe-state"},
        "create_role": unbounded,
        "attach_role_policy": {"RoleName": "gluepipe-dev-glue", "PolicyArn": "arn:aws:iam::aws:policy/PowerUserAccess"},
        "update_function_configuration": {"FunctionName": names.trigger_function, "Role": deploy_role},
    }[operation]
    with pytest.raises(ClientError) as caught:
        getattr(acting(deployed, role)(service), operation)(**parameters)
    assert "AccessDenied" in caught.value.response["Error"]["Code"]
    assert f"assumed-role/{role}/" in str(caught.value)
    assert f"is not authorized to perform: {action} on resource: arn:" in str(caught.value)


def state_bucket(deployed: Checkout) -> str:
    settings = deployed.project.settings
    return settings.account_names(settings.environment("dev").account).state_bucket


def test_what_deploys_to_dev_is_nobody_in_prod(deployed: Checkout) -> None:
    prod = deployed.project.settings.account("prod").id
    with pytest.raises(ClientError, match="not authorized to perform: sts:AssumeRole"):
        acting(deployed, "gluepipe-deploy")("sts").assume_role(
            RoleArn=f"arn:aws:iam::{prod}:role/gluepipe-deploy", RoleSessionName="dev", ExternalId="gluepipe"
        )


def test_a_statement_that_is_taken_away_is_missed_by_name(deployed: Checkout, iam: Any, tmp_path: Any) -> None:
    """The lesson of all statements on one, for real: without it the job fails, and says what it lacks."""
    place = {"RoleName": "gluepipe-dev-glue", "PolicyName": "job"}
    document = iam.get_role_policy(**place)["PolicyDocument"]
    kept = [statement for statement in document["Statement"] if statement["Sid"] != "WriteOutput"]
    iam.put_role_policy(**place, PolicyDocument=json.dumps({**document, "Statement": kept}))
    file = tmp_path / "unwritable.csv"
    file.write_text("id\n1\n")
    try:
        finished = deployed.gluepipe("upload", "dev", file, "--wait", "--json")
    finally:
        iam.put_role_policy(**place, PolicyDocument=json.dumps(document))
    assert finished.returncode == 1
    (outcome,) = json.loads(finished.stdout)["files"]
    assert "gluepipe-dev-glue" in json.dumps(outcome)
    assert "s3:PutObject on resource: arn:aws:s3:::" in json.dumps(outcome)
