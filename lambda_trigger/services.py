"""What a batch needs of the world, on AWS. Calls for many files go out in parallel."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError

from lambda_trigger.config import Config
from lambda_trigger.decide import EXPLANATIONS, Ignored, Start
from lambda_trigger.errors import JobUnavailableError, TransientError
from lambda_trigger.events import Message
from lambda_trigger.ledger import Claim, Ledger
from lambda_trigger.manifest import Batch, manifest_body
from lambda_trigger.start import Job

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sqs.client import SQSClient

T = TypeVar("T")
R = TypeVar("R")

PARALLEL_CALLS = 32
SLOT_POLL_SECONDS = 3
MESSAGES_PER_CALL = 10
SHORTEST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=12)  # as SQS has it, counted from the receive; some seconds of it are gone


def wait_of(message: Message, now: datetime) -> timedelta:
    """How long a message handed back stays invisible: an eighth of its age.

    So waiting adds at most an eighth to the backlog, and the number of receives grows with the logarithm of the age.
    """
    longest = LONGEST_WAIT - timedelta(minutes=5)
    return min(max((now - message.sent_at) / 8, SHORTEST_WAIT), longest)


def in_parallel(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Call `function` for every item on a few threads; results in order, the first error raised."""
    with ThreadPoolExecutor(PARALLEL_CALLS) as pool:
        return list(pool.map(function, items))


@dataclass(frozen=True)
class AwsServices:
    """`batch.Services` over boto3 clients."""

    config: Config
    ledger: Ledger
    job: Job
    s3: S3Client
    sqs: SQSClient

    @classmethod
    def connect(cls, config: Config) -> AwsServices:
        client_config = ClientConfig(max_pool_connections=PARALLEL_CALLS, retries={"mode": "standard"})
        dynamodb = boto3.resource("dynamodb", config=client_config).meta.client
        return cls(
            config=config,
            ledger=Ledger(dynamodb, config.ledger_table),
            job=Job(boto3.client("glue"), config.job_name),
            s3=boto3.client("s3", config=client_config),
            sqs=boto3.client("sqs", config=client_config),
        )

    def new_batch(self) -> Batch:
        return Batch.new(datetime.now(UTC))

    def free_slots(self) -> int:
        """Waits a while for a slot: a message in our hands is received once, one handed back again and again."""
        deadline = time.monotonic() + self.config.slot_wait_seconds
        while (slots := self.job.free_slots()) <= 0 and time.monotonic() < deadline:
            time.sleep(SLOT_POLL_SECONDS)
        return slots

    def claim(self, starts: Sequence[Start], batch: Batch) -> list[Claim | TransientError]:
        def claim_one(start: Start) -> Claim | TransientError:
            try:
                return self.ledger.claim(start.event, batch, self._manifest_uri(batch))
            except (ClientError, BotoCoreError) as cause:
                return TransientError(f"The ledger did not take {start.event.file.source_file}: {cause}")

        return in_parallel(claim_one, starts)

    def start_run(self, starts: Sequence[Start], batch: Batch) -> str:
        body = manifest_body(start.event for start in starts)
        try:
            self.s3.put_object(Bucket=self.config.assets_bucket, Key=batch.manifest_key(), Body=body)
        except (ClientError, BotoCoreError) as cause:
            raise JobUnavailableError(f"The manifest cannot be written: {cause}") from cause
        return self.job.start(self._manifest_uri(batch))

    def record_start(self, starts: Sequence[Start], batch: Batch, run_id: str) -> None:
        in_parallel(lambda start: self.ledger.record_start(start.event.file, batch, run_id), starts)

    def release(self, starts: Sequence[Start], batch: Batch) -> None:
        in_parallel(lambda start: self.ledger.release(start.event.file, batch), starts)

    def record_ignored(self, ignored: Sequence[Ignored]) -> None:
        now = datetime.now(UTC)
        files = [(note.file, note.reason) for note in ignored if note.file and note.reason in EXPLANATIONS]
        in_parallel(lambda noted: self.ledger.record_ignored(*noted, now), files)

    def bury(self, message: Message) -> None:
        self.sqs.send_message(QueueUrl=self.config.dead_letter_queue_url, MessageBody=message.body)

    def postpone(self, messages: Sequence[Message]) -> None:
        now = datetime.now(UTC)
        calls = [messages[at : at + MESSAGES_PER_CALL] for at in range(0, len(messages), MESSAGES_PER_CALL)]
        in_parallel(lambda call: self._postpone(call, now), calls)

    def _postpone(self, messages: Sequence[Message], now: datetime) -> None:
        self.sqs.change_message_visibility_batch(
            QueueUrl=self.config.queue_url,
            Entries=[
                {
                    "Id": str(number),
                    "ReceiptHandle": message.receipt_handle,
                    "VisibilityTimeout": int(wait_of(message, now).total_seconds()),
                }
                for number, message in enumerate(messages)
            ],
        )

    def _manifest_uri(self, batch: Batch) -> str:
        return f"s3://{self.config.assets_bucket}/{batch.manifest_key()}"
