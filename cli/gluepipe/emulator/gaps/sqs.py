"""SQS: queues that several threads use at once, and attributes that survive an update."""

from __future__ import annotations

import time
from typing import Any

from moto.sqs.models import Message, Queue, SQSBackend

from gluepipe.emulator.gaps.patching import replaces, take_turns

POLL_SECONDS = 0.25


def make_queues_thread_safe() -> None:
    """moto's queues lose a message that is sent while another is deleted, and hand one message to two receivers."""
    unlocked_receive = SQSBackend.receive_message

    @replaces(SQSBackend)
    def receive_message(
        self: SQSBackend,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        visibility_timeout: int,
        message_attribute_names: list[str] | None = None,
    ) -> list[Message]:
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

    take_turns(lambda queue, *_, **__: queue._messages_lock, Queue, "delete_message")
    take_turns(_lock_of, SQSBackend, "change_message_visibility", "purge_queue")


def keep_policy_when_not_set() -> None:
    """moto's SetQueueAttributes wipes the policy whenever the request does not repeat it."""
    wiping = Queue._set_attributes

    @replaces(Queue, "_set_attributes")
    def set_attributes(self: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
        policy = self.policy if hasattr(self, "_policy_json") else None
        wiping(self, {"Policy": policy, **attributes}, now)


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

    @replaces(SQSBackend, "is_message_valid_based_on_retention_period")
    def is_retained(self: SQSBackend, queue_name: str, message: Message) -> bool:
        return bool(message.sent_timestamp / 1000 + self.get_queue(queue_name).message_retention_period > time.time())

    replaces(Queue)(property(messages))
    replaces(Queue, "approximate_number_of_messages")(property(lambda self: len(self.messages)))
    replaces(Queue, "approximate_number_of_messages_delayed")(property(delayed))
    replaces(Queue, "approximate_number_of_messages_not_visible")(property(not_visible))


def _lock_of(backend: SQSBackend, queue_name: str, *_: Any, **__: Any) -> Any:
    return backend.get_queue(queue_name)._messages_lock
