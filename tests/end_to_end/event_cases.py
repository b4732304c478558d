"""Sends the cases of S3 events through the queue of a deployed environment, each under a folder of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from gluepipe.operations import event_source
from gluepipe.operations.deployed import Deployed
from tests.event_cases import Described, EventCase, rewritten

ROW = b"id,v\n1,right\n"
OUTDATED = b"id,v\n1,outdated\n"
POLLER_STOPS_SECONDS = 2
PER_CALL = 10

Versions = dict[tuple[str, tuple[str, str]], dict[str, Any]]
"""What S3 answered when an object was put, by its key and its version in the case."""


@dataclass(frozen=True)
class Sending:
    """A case to be sent; its name is the folder, and so the dataset, that stands before every key of it."""

    case: EventCase

    @property
    def name(self) -> str:
        return self.case.name

    @property
    def keys_to_start(self) -> set[str]:
        """What a busy job refuses starts later."""
        keys = {found.key for found in self.case.described} if self.case.is_busy else self.case.keys_to_start
        return {self.key(key) for key in keys}

    @property
    def missing(self) -> set[str]:
        return {self.key(key) for key in self.case.missing}

    @property
    def objects(self) -> list[tuple[str, tuple[str, str], bytes]]:
        """What the input bucket holds, older versions of a key first: key, version in the case, content."""
        given = {
            self.key(f"incoming/{file.name.removeprefix('bucket_')}"): file.read_bytes()
            for file in self.case.folder.glob("bucket_*")
        }
        versions = {(self.key(found.key), found.version) for found in self.case.described}
        newest = dict(sorted(versions))
        wanted = [(key, version) for key, version in sorted(versions) if key in self.keys_to_start - self.missing]
        told = [(key, version, ROW if version == newest[key] else OUTDATED) for key, version in wanted]
        untold = [(key, ("", ""), body) for key, body in given.items() if key not in self.keys_to_start]
        return [(key, version, given.get(key, body)) for key, version, body in told] + untold

    @property
    def output_prefixes(self) -> list[str]:
        return [self.key(prefix) for prefix in self.case.expected["config"].get("output_prefixes", ())]

    def key(self, key: str) -> str:
        return f"{self.name}/{key}"

    def messages(self, deployed: Deployed, put: Versions) -> list[str]:
        """The bodies, about this environment's buckets and the objects `put` into them."""
        config = self.case.expected["config"]
        buckets = {
            config["input_bucket"]: deployed.names.input_bucket,
            config.get("output_bucket"): deployed.names.output_bucket,
        }

        def move(found: Described) -> None:
            key, version = self.key(found.key), found.version
            found.bucket["name"] = buckets.get(found.bucket["name"], found.bucket["name"])
            found.detail["key"] = quote_plus(key, safe="/") if found.is_encoded else key
            if answer := put.get((key, version)):
                found.detail[found.version_id] = answer["VersionId"]
                found.detail[found.etag] = answer["ETag"].strip('"')

        return [rewritten(record["body"], move) for record in self.case.event["Records"]]


def put_unnoticed(deployed: Deployed, sendings: list[Sending]) -> Versions:
    """Put the cases' objects while the trigger is held back, and take the bucket's own events off the queue."""
    s3, bucket = deployed.access.s3, deployed.names.input_bucket
    objects = [each for sending in sendings for each in sending.objects]
    put: Versions = {
        (key, version): dict(s3.put_object(Bucket=bucket, Key=key, Body=body)) for key, version, body in objects
    }
    taken, url = 0, deployed.requeue.queue_url
    while taken < len(objects):
        messages = deployed.access.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5)
        for message in messages["Messages"]:
            deployed.access.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            taken += 1
    return put


def send(deployed: Deployed, bodies: list[str]) -> None:
    for at in range(0, len(bodies), PER_CALL):
        entries: Any = [
            {"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies[at : at + PER_CALL])
        ]
        deployed.access.sqs.send_message_batch(QueueUrl=deployed.requeue.queue_url, Entries=entries)


@contextmanager
def paused(deployed: Deployed) -> Iterator[None]:
    event_source.set_enabled(deployed, False)
    time.sleep(POLLER_STOPS_SECONDS)
    try:
        yield
    finally:
        event_source.set_enabled(deployed, True)


@contextmanager
def variables(deployed: Deployed, **changed: str) -> Iterator[None]:
    """The trigger with other settings."""
    functions, name = deployed.access.functions, deployed.names.trigger_function
    before = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": {**before, **changed}})
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": before})


@contextmanager
def no_slot(deployed: Deployed) -> Iterator[None]:
    """The job as if others had taken all its slots."""
    glue, name = deployed.access.glue, deployed.names.job
    job: Any = glue.get_job(JobName=name)["Job"]
    update: Any = {key: value for key, value in job.items() if key not in ("Name", "CreatedOn", "LastModifiedOn")}
    full: Any = {**update, "ExecutionProperty": {"MaxConcurrentRuns": 0}}
    glue.update_job(JobName=name, JobUpdate=full)
    try:
        yield
    finally:
        glue.update_job(JobName=name, JobUpdate=update)
