"""What a burst uploads and repeats: small files, some keys twice, some events sent twice. The seed decides which."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gluepipe.operations.deployed import Deployed
from lambda_trigger.file_version import file_id
from tests.waiting import eventually

ROWS = 3
UPLOADERS = 8
REPLACED_AFTER = (20, 400)  # so many uploads lie between the two versions of a key
LONGEST_DELAY = 20  # seconds between an event and its repetition
EVENT_SECONDS = 180


@dataclass(frozen=True)
class Put:
    """One upload: version 1 or 2 of the key with this number."""

    number: int
    version: int

    @property
    def body(self) -> str:
        return "id,version,line\n" + "".join(f"{self.number},{self.version},{line}\n" for line in range(ROWS))


@dataclass(frozen=True)
class Load:
    """A burst: `replaced` of its keys are uploaded twice, `repeated` of its events are sent twice."""

    dataset: str
    files: int
    seed: int
    replaced: float = 0.05
    repeated: float = 0.10

    @cached_property
    def puts(self) -> list[Put]:
        """The uploads in their order."""
        dice = random.Random(self.seed)  # noqa: S311 # nosec B311 # repeatable on purpose
        places = [(float(number), Put(number, 1)) for number in range(self.files)]
        for number in dice.sample(range(self.files), round(self.replaced * self.files)):
            places.append((number + dice.uniform(*REPLACED_AFTER), Put(number, 2)))
        return [put for _, put in sorted(places, key=lambda place: place[0])]

    @property
    def newest(self) -> dict[int, int]:
        """The newest version of each key's number."""
        return {put.number: put.version for put in sorted(self.puts, key=lambda put: put.version)}

    @property
    def repetitions(self) -> int:
        return round(self.repeated * len(self.puts))

    def key(self, put: Put) -> str:
        return f"{self.dataset}/{put.number:05d}.csv"


def upload(deployed: Deployed, load: Load) -> dict[str, Put]:
    """Upload everything as fast as it goes; returns the uploads by their file ids."""
    bucket = deployed.names.input_bucket
    first: dict[int, Future[str]] = {}

    def put_one(put: Put) -> str:
        if put.version == 2:
            first[put.number].result()
        key = load.key(put)
        return file_id(bucket, key, deployed.access.s3.put_object(Bucket=bucket, Key=key, Body=put.body)["VersionId"])

    with ThreadPoolExecutor(UPLOADERS) as pool:
        futures = []
        for put in load.puts:
            futures.append(pool.submit(put_one, put))
            first.setdefault(put.number, futures[-1])
        return {future.result(): put for future, put in zip(futures, load.puts, strict=True)}


@contextmanager
def copied_events(deployed: Deployed) -> Iterator[str]:
    """The URL of a queue that the input bucket's events go to as well.

    S3 itself sends an event to one destination only; the emulated one does not mind.
    """
    s3, sqs, bucket = deployed.access.s3, deployed.access.sqs, deployed.names.input_bucket
    url = sqs.create_queue(QueueName=deployed.names.component("copies"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(_open_to(bucket, arn))})
    configured = s3.get_bucket_notification_configuration(Bucket=bucket)
    before: Any = {name: value for name, value in configured.items() if name != "ResponseMetadata"}
    copies = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}
    both: Any = {**before, "QueueConfigurations": [*before["QueueConfigurations"], copies]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=both)
    try:
        yield url
    finally:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=before)
        sqs.delete_queue(QueueUrl=url)


def _open_to(bucket: str, queue_arn: str) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def repeat_events(deployed: Deployed, load: Load, copies: str) -> int:
    """Send some events once more, word for word and some seconds later; returns how many. The seed decides which."""
    dice = random.Random(load.seed)  # noqa: S311 # nosec B311 # repeatable on purpose
    chosen = dice.sample(range(len(load.puts)), load.repetitions)
    for place, body in enumerate(_events(deployed, load, copies)):
        if place in chosen:
            delay = dice.randrange(LONGEST_DELAY)
            deployed.access.sqs.send_message(QueueUrl=deployed.requeue.queue_url, MessageBody=body, DelaySeconds=delay)
    return len(chosen)


def _events(deployed: Deployed, load: Load, copies: str) -> Iterator[str]:
    """The event of every upload, each once."""
    sqs, seen = deployed.access.sqs, 0

    def receive() -> list[Any]:
        return list(sqs.receive_message(QueueUrl=copies, MaxNumberOfMessages=10, WaitTimeSeconds=5).get("Messages", []))

    while seen < len(load.puts):
        for message in eventually(receive, EVENT_SECONDS, "the event of every upload"):
            sqs.delete_message(QueueUrl=copies, ReceiptHandle=message["ReceiptHandle"])
            if f"{load.dataset}/" in message["Body"]:
                seen += 1
                yield message["Body"]
