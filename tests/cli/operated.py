"""A deployed environment in moto: ledger, buckets, queues, job and trigger, and files in the ledger."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from click.testing import CliRunner, Result

from gluepipe.access import Access
from gluepipe.commands import cli
from gluepipe.names import EnvironmentNames
from gluepipe.operations.deployed import Deployed
from lambda_trigger.file_version import FileVersion, order_of
from lambda_trigger.ledger_item import State, new_item, timestamp
from tests.lambda_trigger.account import create_ledger

NAMES = EnvironmentNames("gluepipe", "dev", "222222222222", "eu-central-1")
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dataclass
class Account:
    """The environment, and shorthand for what tests put into it."""

    deployed: Deployed

    @property
    def access(self) -> Access:
        return self.deployed.access

    def upload(self, key: str, body: str = "id,v\n1,a\n") -> FileVersion:
        answer = self.access.s3.put_object(Bucket=NAMES.input_bucket, Key=key, Body=body.encode())
        order = order_of("", NOON)
        return FileVersion(
            NAMES.input_bucket, key, answer["VersionId"], answer["ETag"].strip('"'), "", len(body), order
        )

    def record(self, file: FileVersion, state: State, minutes_ago: int = 0, **attributes: Any) -> dict[str, Any]:
        item = new_item(file, state, NOON) | {"batch_id": "b1", "manifest": "m1"} | attributes
        item["claimed_at"] = timestamp(NOON - timedelta(minutes=minutes_ago))
        self.deployed.ledger.client.put_item(TableName=NAMES.ledger, Item=item)
        return item

    def item(self, file_id: str) -> dict[str, Any]:
        return dict(self.deployed.ledger.get_many([file_id])[file_id])

    def messages(self, queue: str) -> list[str]:
        url = self.deployed.queue_url(queue)
        answer = self.access.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [message["Body"] for message in answer.get("Messages", [])]


def create_bucket(access: Access, name: str, *, versioned: bool = False) -> None:
    access.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    if versioned:
        access.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def create(access: Access) -> Account:
    create_ledger(NAMES.ledger)
    for bucket in NAMES.buckets:
        create_bucket(access, bucket, versioned=bucket == NAMES.input_bucket)
    for queue in (NAMES.queue, NAMES.dead_letter_queue):
        access.sqs.create_queue(QueueName=queue)
    access.glue.create_job(
        Name=NAMES.job,
        Role="glue",
        Command={"Name": "glueetl", "ScriptLocation": "s3://assets/job.py"},
        ExecutionProperty={"MaxConcurrentRuns": 3},
    )
    return Account(Deployed(access, NAMES))


def create_trigger(account: Account) -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("handler.py", "")
    assume = json.dumps({"Version": "2012-10-17", "Statement": []})
    iam = account.access.iam
    role = iam.create_role(RoleName="trigger", AssumeRolePolicyDocument=assume)["Role"]["Arn"]
    account.access.functions.create_function(
        FunctionName=NAMES.trigger_function,
        Runtime="python3.13",
        Role=role,
        Handler="handler.handler",
        Code={"ZipFile": code.getvalue()},
    )
    sqs = account.access.sqs
    arn = sqs.get_queue_attributes(QueueUrl=account.deployed.queue_url(NAMES.queue), AttributeNames=["QueueArn"])[
        "Attributes"
    ]["QueueArn"]
    account.access.functions.create_event_source_mapping(EventSourceArn=arn, FunctionName=NAMES.trigger_function)


def log(access: Access, group: str, stream: str, *lines: str) -> None:
    access.logs.create_log_group(logGroupName=group)
    access.logs.create_log_stream(logGroupName=group, logStreamName=stream)
    at = int(NOON.timestamp() * 1000)
    events = [{"timestamp": at + number, "message": line} for number, line in enumerate(lines)]
    access.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)  # type: ignore[arg-type]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def documents(*arguments: str) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)
