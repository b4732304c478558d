"""Puts files on the queue once more: missed, stuck, failed or asked for by an operator.

The claim is written first, and the message names it (`after`); so of any number of messages about a file only the last
one requeued can start it, and two requeues at once make one message.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus
from uuid import uuid4

from lambda_trigger.file_version import FileVersion
from lambda_trigger.ledger import Ledger
from lambda_trigger.ledger_item import Item, State, new_item, state_of, timestamp

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

# How long a requeued file may wait for its message before the sweep sends another one.
REQUEUE_LEASE = timedelta(hours=1)
MESSAGES_PER_CALL = 10


class Why(StrEnum):
    """Why a file was queued once more."""

    MISSED = "missed"  # no event had told of it
    STUCK = "stuck"  # nobody worked on it any more, and nobody had told of that
    FAILED = "failed"  # its run died or it failed for a reason that may pass
    REPLAY = "replay"  # an operator asked for it


@dataclass(frozen=True)
class Requeue:
    """Reserves files in the ledger and sends their messages."""

    ledger: Ledger
    sqs: SQSClient
    queue_url: str

    def add(self, files: Iterable[FileVersion], now: datetime, why: Why) -> list[Item]:
        """Queue files the ledger does not know; returns the items of those it did not."""
        candidates = (new_item(file, State.CLAIMED, now) | _hold(now) | _requeued(now, why) for file in files)
        return self._send(item for item in candidates if self.ledger.reserve(item))

    def again(self, items: Iterable[Item], now: datetime, why: Why, *, forget_attempts: bool = False) -> list[Item]:
        """Queue files of the ledger for a new attempt; returns the items that nobody else moved meanwhile."""
        return self._send(self._move_all(items, now, why, {"attempts": 0} if forget_attempts else {}))

    def remind(self, items: Iterable[Item]) -> list[Item]:
        """Send the messages of claims once more, in case they never were; of several, the first takes the claim."""
        return self._send(item for item in items if is_held_by_no_run(item))

    def _move_all(self, items: Iterable[Item], now: datetime, why: Why, also: dict[str, Any]) -> Iterator[Item]:
        for item in items:
            changes = _hold(now) | _requeued(now, why, item) | state_of(item["file_id"], State.CLAIMED) | also
            if self.ledger.move(item, changes, remove=("run_id", "error", "finished_at")):
                yield {**item, **changes}

    def _send(self, items: Iterable[Item]) -> list[Item]:
        sent: list[Item] = []
        call: list[Item] = []
        for item in items:
            call.append(item)
            if len(call) == MESSAGES_PER_CALL:
                sent += send(self.sqs, self.queue_url, call)
                call = []
        return sent + send(self.sqs, self.queue_url, call)


def _hold(now: datetime) -> dict[str, Any]:
    """A claim held by no run: a manifest that is None is no run's manifest."""
    return {
        "batch_id": uuid4().hex[:16],
        "manifest": None,
        "claimed_at": timestamp(now),
        "lease_until": timestamp(now + REQUEUE_LEASE),
    }


def is_held_by_no_run(item: Item) -> bool:
    """Whether a claim still waits for its message."""
    return item["state"] == State.CLAIMED and item.get("manifest", "") is None


def _requeued(now: datetime, why: Why, before: Item | None = None) -> dict[str, Any]:
    """What the ledger keeps of the attempt before, which the new one wipes out."""
    kept = {name: before[name] for name in ("run_id", "error") if before and name in before}
    return {"requeued": {"at": timestamp(now), "why": why, **kept}}


def send(sqs: SQSClient, queue_url: str, items: list[Item]) -> list[Item]:
    """Send one message for each item, ten at most; returns the items whose message was taken."""
    if not items:
        return []
    entries: list[SendMessageBatchRequestEntryTypeDef] = [
        {"Id": item["file_id"], "MessageBody": message_body(item)} for item in items
    ]
    taken = {entry["Id"] for entry in sqs.send_message_batch(QueueUrl=queue_url, Entries=entries).get("Successful", [])}
    return [item for item in items if item["file_id"] in taken]


def message_body(item: Item) -> str:
    """The message about an item: an S3 notification, and which claim it continues."""
    record = {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "eventTime": item["claimed_at"],
        "s3": {
            "bucket": {"name": item["bucket"]},
            "object": {
                "key": quote_plus(item["key"]),
                "size": int(item["size"]),
                "eTag": item.get("etag"),
                "versionId": item.get("version_id"),
                "sequencer": item.get("sequencer"),
            },
        },
        "gluepipe": {"after": item.get("batch_id"), "order": item["order"]},
    }
    return json.dumps({"Records": [record]})
