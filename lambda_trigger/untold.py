"""Looks into the queue where EventBridge and Lambda set aside the events that reached nobody."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambda_trigger.affected import FINAL, Files, age_told
from lambda_trigger.ledger_item import Item

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

AT_MOST = 10  # as many as SQS gives at a time; a message shows fewer files than that
# Where EventBridge and Lambda write why an event was set aside.
REASONS = ("ERROR_MESSAGE", "ErrorMessage")


@dataclass(frozen=True)
class SetAside:
    """One event of the queue; `detail` is empty where it is no event of EventBridge."""

    body: str
    detail: Mapping[str, Any]
    reason: str


def set_aside(sqs: SQSClient, queue_url: str) -> list[SetAside]:
    """Some of the events that are in the queue; they stay there, visible to everybody else."""
    answer = sqs.receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=AT_MOST,
        MessageAttributeNames=["All"],
        VisibilityTimeout=0,
        WaitTimeSeconds=1,
    )
    found = []
    for message in answer.get("Messages", []):
        said = message.get("MessageAttributes", {})
        reason = next((said[name].get("StringValue", "") for name in REASONS if name in said), "")
        found.append(SetAside(message["Body"], _detail(message["Body"]), reason or "no reason is known"))
    return found


@dataclass(frozen=True)
class Untold:
    """Finds the files of such events: of the run that ended, of the alarm that rang, or the file that arrived."""

    files: Files
    files_of_run: Callable[[str], Iterable[Item]]
    prefix: str

    def of(self, events: Iterable[SetAside]) -> Iterator[tuple[Item, str]]:
        for event in events:
            detail = event.detail
            if run_id := detail.get("jobRunId"):
                items = sorted(self.files_of_run(run_id), key=lambda item: item["state"] in FINAL)
                what = f"that its run {run_id} ended ({detail.get('state')})"
                yield from ((item, f"{what} reached nobody: {event.reason}") for item in items)
            elif alarm := detail.get("alarmName"):
                yield from self.files.of(alarm.removeprefix(self.prefix), age_told(detail))
            else:
                yield from (
                    (item, f"its event was not logged: {event.reason}") for item in self.files.of_message(event.body)
                )


def _detail(body: str) -> Mapping[str, Any]:
    try:
        event = json.loads(body)
    except ValueError:
        return {}
    detail = event.get("detail") if isinstance(event, dict) else None
    return detail if isinstance(detail, dict) else {}
