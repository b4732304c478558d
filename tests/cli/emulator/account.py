"""The dev account of the emulator under test, and small deployments to it."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

import boto3

from tests.waiting import eventually

ACCOUNTS = {"pipeline": "111111111111", "dev": "222222222222", "prod": "333333333333"}
REGION = "eu-central-1"
ASSUMABLE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": ["lambda.amazonaws.com", "glue.amazonaws.com"]},
        }
    ],
}
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
OPEN_TO_SERVICES = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["sqs:SendMessage", "sns:Publish"],
            "Principal": {"Service": [f"{name}.amazonaws.com" for name in ("cloudwatch", "events", "s3")]},
            "Resource": "*",
        }
    ],
}
ROLE = f"arn:aws:iam::{ACCOUNTS['dev']}:role/worker"


@dataclass
class Account:
    """The dev account, with what the tests deploy to it."""

    session: boto3.Session
    url: str

    def client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.url)

    def create_role(self) -> None:
        """Create `ROLE`, which functions and jobs run as, and which may do everything."""
        iam = self.client("iam")
        iam.create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(ASSUMABLE))
        iam.put_role_policy(RoleName="worker", PolicyName="all", PolicyDocument=json.dumps(EVERYTHING))

    def bucket(self, name: str, versioned: bool = False) -> str:
        self.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        if versioned:
            self.client("s3").put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def queue(self, name: str, **attributes: str) -> str:
        """Create a queue that takes messages of every service."""
        attributes.setdefault("Policy", json.dumps(OPEN_TO_SERVICES))
        url: str = self.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url

    def queue_arn(self, queue_url: str) -> str:
        answer = self.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
        arn: str = answer["Attributes"]["QueueArn"]
        return arn

    def function(self, name: str, source: str, timeout: int = 20, **variables: str) -> str:
        """Create a function that event rules may invoke."""
        answer = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=ROLE,
            Handler="app.handler",
            Timeout=timeout,
            Code={"ZipFile": zipped({"app.py": source})},
            Environment={"Variables": variables},
        )
        arn: str = answer["FunctionArn"]
        self.client("lambda").add_permission(
            FunctionName=name, StatementId="events", Action="lambda:InvokeFunction", Principal="events.amazonaws.com"
        )
        return arn

    def mapping(self, function: str, queue_url: str, **options: Any) -> str:
        answer = self.client("lambda").create_event_source_mapping(
            FunctionName=function, EventSourceArn=self.queue_arn(queue_url), **options
        )
        uuid: str = answer["UUID"]
        return uuid

    def job(self, name: str, script: str, **options: Any) -> str:
        bucket = self.bucket(f"{name}-assets")
        self.client("s3").put_object(Bucket=bucket, Key="script.py", Body=script)
        self.client("glue").create_job(
            Name=name,
            Role=ROLE,
            GlueVersion="5.1",
            WorkerType="G.1X",
            NumberOfWorkers=2,
            Command={"Name": "glueetl", "ScriptLocation": f"s3://{bucket}/script.py"},
            **options,
        )
        return name

    def run(self, job: str, **arguments: str) -> dict[str, Any]:
        """Start a run and wait for its end."""
        run_id = self.client("glue").start_job_run(JobName=job, Arguments=arguments)["JobRunId"]
        return self.ended(job, run_id)

    def ended(self, job: str, run_id: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            run: dict[str, Any] = self.client("glue").get_job_run(JobName=job, RunId=run_id)["JobRun"]
            return run if "CompletedOn" in run else None

        return eventually(look)

    def log_lines(self, group: str, stream: str | None = None) -> list[str]:
        names = {"logStreamNamePrefix": stream} if stream else {}
        events = self.client("logs").filter_log_events(logGroupName=group, **names)["events"]
        return [event["message"] for event in events]

    def queue_counts(self, queue_url: str) -> tuple[int, int]:
        """Return how many messages are visible, and how many in flight."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
        return int(found[names[0]]), int(found[names[1]])


def zipped(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def invoke(account: Account, function: str, event: object) -> Any:
    answer = account.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    return json.loads(answer["Payload"].read())
