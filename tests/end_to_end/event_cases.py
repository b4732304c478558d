"""Sends the shared event cases through the queue of a deployed environment, each under a folder of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from gluepipe import event_source
from gluepipe.deployed import Deployed

CASES = Path(__file__).parents[1] / "cases"
ROW = b"id,v\n1,right\n"
POLLER_STOPS_SECONDS = 2
PER_CALL = 10


@dataclass(frozen=True)
class Case:
    """A case; its name is the folder, and so the dataset, that stands before every key of it."""

    name: str

    @cached_property
    def expected(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((CASES / self.name / "expected.json").read_text())
        return document

    @cached_property
    def bodies(self) -> list[str]:
        records = json.loads((CASES / self.name / "input.json").read_text())["Records"]
        return [record["body"] for record in records]

    @property
    def is_busy(self) -> bool:
        """Whether the case is about a job that refuses runs."""
        return "glue_start_job_run" in self.expected.get("given", {})

    @property
    def keys_to_start(self) -> set[str]:
        """Keys under the case's folder. What a busy job refuses starts later; what is missing starts to say so."""
        keys = {start["key"] for start in self.expected["start"]} | self.missing
        if self.is_busy:
            keys |= {unquote_plus(record["s3"]["object"]["key"]) for _, record in _records(self.bodies)}
        return {self.key(key) for key in keys}

    @property
    def missing(self) -> set[str]:
        return set(self.expected.get("given", {}).get("s3_missing_keys", ()))

    @property
    def objects(self) -> dict[str, bytes]:
        """What the input bucket holds: files that come with the case, and one row for each other key to start."""
        given = {
            self.key(f"incoming/{file.name.removeprefix('bucket_')}"): file.read_bytes()
            for file in (CASES / self.name).glob("bucket_*")
        }
        return dict.fromkeys(self.keys_to_start - {self.key(key) for key in self.missing}, ROW) | given

    @property
    def output_prefixes(self) -> list[str]:
        return [self.key(prefix) for prefix in self.expected["config"].get("output_prefixes", ())]

    def key(self, key: str) -> str:
        return f"{self.name}/{key}"

    def messages(self, deployed: Deployed, put: dict[str, dict[str, Any]]) -> list[str]:
        """The bodies, about this environment's buckets and the objects `put` into them."""
        config = self.expected["config"]
        buckets = {
            config["input_bucket"]: deployed.names.input_bucket,
            config["output_bucket"]: deployed.names.output_bucket,
        }
        bodies = list(self.bodies)
        documents: dict[int, Any] = {}
        for place, record in _records(self.bodies, documents):
            s3 = record["s3"]
            s3["bucket"]["name"] = buckets[s3["bucket"]["name"]]
            s3["object"]["key"] = self.key(s3["object"]["key"])
            s3["object"] |= put.get(unquote_plus(s3["object"]["key"]), {})
            bodies[place] = json.dumps(documents[place])
        return bodies


def _records(bodies: list[str], documents: dict[int, Any] | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
    """The S3 records in the bodies that can be read, with their body's place; the whole bodies go to `documents`."""
    for place, body in enumerate(bodies):
        try:
            document = json.loads(body)
        except ValueError:
            continue
        if documents is not None:
            documents[place] = document
        for record in document.get("Records", []):
            yield place, record


def put_unnoticed(deployed: Deployed, cases: list[Case]) -> dict[str, dict[str, Any]]:
    """Put the cases' objects while the trigger is held back, and take the bucket's own events off the queue."""
    bucket, put = deployed.names.input_bucket, {}
    for case in cases:
        for key, body in case.objects.items():
            answer = deployed.access.s3.put_object(Bucket=bucket, Key=key, Body=body)
            put[key] = {"eTag": answer["ETag"].strip('"'), "versionId": answer["VersionId"], "size": len(body)}
    taken, url = 0, deployed.requeue.queue_url
    while taken < len(put):
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
    yield
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
