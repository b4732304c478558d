"""Messages that services put into queues, take from them many at a time, and give back; no request for each."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from itertools import accumulate, takewhile

from moto.sqs.models import Message, Queue, sqs_backends

from gluepipe.emulator.arns import Arn

POLL_SECONDS = 0.25
ENVELOPE_BYTES = 900  # receipt handle, attributes and names around a body


def receive(queue: Queue, count: int, wait_seconds: float, room: int) -> list[Message]:
    """Receive as an event source does: with the queue's own visibility timeout and all message attributes.

    Returns no more messages than an event has `room` for, in bytes; none at all if the next one is too large.
    """
    backend = sqs_backends[queue.account_id][queue.region]
    deadline = time.monotonic() + wait_seconds
    with queue._messages_lock:
        while not queue.messages:
            left = deadline - time.monotonic()
            if left <= 0 or backend.queues.get(queue.name) is not queue:
                return []
            queue._messages_lock.wait(min(left, POLL_SECONDS))
        count = _fitting(queue.messages[:count], room)
        messages: list[Message] = (
            backend.receive_message(queue.name, count, 0, queue.visibility_timeout, ["All"]) if count else []
        )
        return messages


def send(queue_arn: str, body: str, told: Mapping[str, str | int] | None = None, group: str | None = None) -> None:
    """Send a message as a service does; `told` become its attributes, and a number among them one of type Number."""
    _, region, account_id, name = Arn.of(queue_arn)
    attributes = {
        key: {"DataType": "Number" if isinstance(value, int) else "String", "StringValue": str(value)}
        for key, value in (told or {}).items()
    }
    sqs_backends[account_id][region].send_message(name, body, message_attributes=attributes, group_id=group)


def event_bytes(message: Message) -> int:
    """About how large a message is in the event that brings it."""
    return len(json.dumps(message.body)) + ENVELOPE_BYTES


def _fitting(messages: list[Message], room: int) -> int:
    sizes = accumulate(map(event_bytes, messages))
    return sum(1 for size in takewhile(lambda size: size <= room, sizes))


def give_back(queue: Queue, messages: list[Message]) -> None:
    """Make received messages visible again at once."""
    backend = sqs_backends[queue.account_id][queue.region]
    for message in messages:
        backend.change_message_visibility(queue.name, message.receipt_handle or "", 0)


def delete(queue: Queue, receipt_handles: list[str]) -> None:
    """Delete many messages in one pass; moto needs one pass over the whole queue for each."""
    handles = set(receipt_handles)
    with queue._messages_lock:
        kept = []
        for message in queue._messages:
            if handles.isdisjoint(message.all_receipt_handles):
                kept.append(message)
            else:
                queue.pending_messages.discard(message)
                queue.deleted_messages.update(message.all_receipt_handles)
        queue._messages = kept
