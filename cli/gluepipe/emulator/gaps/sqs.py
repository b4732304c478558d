"""SQS: queues that several threads use at once, and attributes that survive an update."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable
from itertools import accumulate, takewhile
from typing import Any

from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

POLL_SECONDS = 0.25
ENVELOPE_BYTES = 900  # receipt handle, attributes and names around a body


def make_queues_thread_safe() -> None:
    """moto's queues lose a message that is sent while another is deleted, and hand one message to two receivers."""
    unlocked_receive = SQSBackend.receive_message

    def receive_message(
        self: SQSBackend, queue_name: str, count: int, wait_seconds_timeout: int, visibility_timeout: int,
        message_attribute_names: list[str] | None = None,
    ) -> list[Message]:  # fmt: skip
        lock = self.get_queue(queue_name)._messages_lock
        deadline = time.monotonic() + float(wait_seconds_timeout or 0)
        while True:
            with lock:
                found: list[Message] = unlocked_receive(
                    self, queue_name, count, 0, visibility_timeout, message_attribute_names
                )
                left = deadline - time.monotonic()
                if found or left <= 0:
                    return found
                lock.wait(min(left, POLL_SECONDS))

    SQSBackend.receive_message = receive_message
    Queue.delete_message = _holding_lock(Queue.delete_message)
    SQSBackend.change_message_visibility = _holding_queue_lock(SQSBackend.change_message_visibility)
    SQSBackend.purge_queue = _holding_queue_lock(SQSBackend.purge_queue)


def keep_policy_when_not_set() -> None:
    """moto's SetQueueAttributes wipes the policy whenever the request does not repeat it."""
    wiping = Queue._set_attributes

    def set_attributes(self: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
        policy = self.policy if hasattr(self, "_policy_json") else None
        wiping(self, {"Policy": policy, **attributes}, now)

    Queue._set_attributes = set_attributes


def count_messages_quickly() -> None:
    """moto asks the time anew for every message, and counts all messages for every one that is sent or received."""

    def messages(self: Queue) -> list[Message]:
        now = time.time() * 1000
        return [message for message in self._messages if message.visible_at < now and message.delayed_until <= now]

    def delayed(self: Queue) -> int:
        now = time.time() * 1000
        return sum(message.delayed_until > now for message in self._messages)

    def not_visible(self: Queue) -> int:
        now = time.time() * 1000
        return sum(message.visible_at >= now for message in self._messages)

    def is_retained(self: SQSBackend, queue_name: str, message: Message) -> bool:
        return bool(message.sent_timestamp / 1000 + self.get_queue(queue_name).message_retention_period > time.time())

    Queue.messages = property(messages)
    Queue.approximate_number_of_messages = property(lambda self: len(self.messages))
    Queue.approximate_number_of_messages_delayed = property(delayed)
    Queue.approximate_number_of_messages_not_visible = property(not_visible)
    SQSBackend.is_message_valid_based_on_retention_period = is_retained


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


def _holding_lock(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def locked(self: Queue, *args: Any, **kwargs: Any) -> Any:
        with self._messages_lock:
            return method(self, *args, **kwargs)

    return locked


def _holding_queue_lock(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def locked(self: SQSBackend, queue_name: str, *args: Any, **kwargs: Any) -> Any:
        with self.get_queue(queue_name)._messages_lock:
            return method(self, queue_name, *args, **kwargs)

    return locked
