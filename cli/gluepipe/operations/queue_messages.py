"""The messages of a queue that wait for a person: looked at, or taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

TAKEN_SECONDS = 30
LOOKED_AT_SECONDS = 10  # as short as a look may take: so long nobody else finds the message


def each_message(sqs: SQSClient, queue_url: str, *, take: bool) -> Iterator[MessageTypeDef]:
    """Each message once. With `take`, the caller deletes it; what is only looked at comes back after a while."""
    seen: set[str] = set()
    hidden = TAKEN_SECONDS if take else LOOKED_AT_SECONDS
    wait = LOOKED_AT_SECONDS + 1  # somebody may have looked a moment ago
    while messages := _receive(sqs, queue_url, hidden, wait):
        wait = 0
        new = [message for message in messages if message["MessageId"] not in seen]
        if not new:
            return
        for message in new:
            seen.add(message["MessageId"])
            yield message


def _receive(sqs: SQSClient, queue_url: str, hidden: int, wait: int) -> list[MessageTypeDef]:
    answer = sqs.receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=10,
        VisibilityTimeout=hidden,
        WaitTimeSeconds=wait,
        MessageAttributeNames=["All"],
    )
    return answer.get("Messages", [])
