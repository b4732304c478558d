"""Event source mappings: poll queues and feed their messages to functions in batches, as Lambda's pollers do."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

from moto.awslambda.models import EventSourceMapping, lambda_backends
from moto.sqs.models import Message, Queue, sqs_backends

from gluepipe.emulator import queue_messages
from gluepipe.emulator.arns import Arn
from gluepipe.emulator.backends import everywhere
from gluepipe.emulator.functions import Functions, deployed
from gluepipe.emulator.iam import enforcement
from gluepipe.emulator.sandbox import Outcome

SCAN_SECONDS = 0.25
WAIT_SECONDS = 1.0
DEFAULT_CONCURRENCY = 5  # what Lambda starts with for a queue
PAYLOAD_BYTES = 6_000_000
POLLING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")

log = logging.getLogger(__name__)


class EventSources(threading.Thread):
    """Keeps one poller per enabled mapping, in whatever account and region it appears."""

    def __init__(self, functions: Functions, stopping: threading.Event) -> None:
        super().__init__(name="event-sources", daemon=True)
        self._functions = functions
        self._stopping = stopping
        self._pollers: dict[str, Poller] = {}

    def run(self) -> None:
        while not self._stopping.wait(SCAN_SECONDS):
            self._pollers = {uuid: poller for uuid, poller in self._pollers.items() if poller.is_alive()}
            for mapping in _enabled_mappings():
                if mapping.uuid not in self._pollers:
                    self._pollers[mapping.uuid] = Poller(mapping, self._functions, self._stopping)
                    self._pollers[mapping.uuid].start()


class Poller(threading.Thread):
    """Polls one queue for one mapping, and ends when the mapping is disabled, gone, or given another concurrency."""

    def __init__(self, mapping: EventSourceMapping, functions: Functions, stopping: threading.Event) -> None:
        super().__init__(name=f"poller-{mapping.uuid}", daemon=True)
        self._mapping = mapping
        self._functions = functions
        self._stopping = stopping
        self._concurrency = _concurrency(mapping)
        self._slots = threading.Semaphore(self._concurrency)

    def run(self) -> None:
        while self._is_wanted():
            queue = _queue(self._mapping.event_source_arn)
            function = deployed(self._mapping.function_arn)
            if queue is None or function is None or not _may_poll(function.role, queue):
                self._stopping.wait(WAIT_SECONDS)
            elif self._slots.acquire(timeout=WAIT_SECONDS):
                self._feed(queue)

    def _is_wanted(self) -> bool:
        mapping = self._mapping
        known = lambda_backends[mapping.account_id][mapping.region].get_event_source_mapping(mapping.uuid)
        is_current = known is mapping and mapping.enabled and _concurrency(mapping) == self._concurrency
        return bool(is_current) and not self._stopping.is_set()

    def _feed(self, queue: Queue) -> None:
        messages = self._gather(queue)
        if not self._is_wanted():
            queue_messages.give_back(queue, messages)
            messages = []
        if messages:
            threading.Thread(target=self._process, args=(queue, messages), daemon=True).start()
        else:
            self._slots.release()

    def _gather(self, queue: Queue) -> list[Message]:
        """Collect up to a batch: until it is full, its window is over, or its payload is at Lambda's limit."""
        window = float(self._mapping.max_batch_window or 0)
        most = self._batch_size() if window else min(self._batch_size(), 10)
        messages = queue_messages.receive(queue, most, WAIT_SECONDS, PAYLOAD_BYTES)
        deadline = time.monotonic() + window
        while messages and len(messages) < self._batch_size() and self._is_wanted():
            room = PAYLOAD_BYTES - sum(map(queue_messages.event_bytes, messages))
            more = queue_messages.receive(queue, self._batch_size() - len(messages), deadline - time.monotonic(), room)
            if not more:
                break
            messages += more
        return messages

    def _batch_size(self) -> int:
        """The size as it is now: it may be changed while messages are waited for."""
        return int(self._mapping.batch_size)

    def _process(self, queue: Queue, messages: list[Message]) -> None:
        try:
            function = deployed(self._mapping.function_arn)
            if function is None:
                return
            outcome = self._functions.invoke(function, _event(queue, messages))
            done = _succeeded(messages, outcome, bool(self._mapping.function_response_types))
            queue_messages.delete(queue, [message.receipt_handle or "" for message in done])
        except Exception:
            log.exception("A batch of %s was lost on its way; its messages come back", queue.name)
        finally:
            self._slots.release()


def _enabled_mappings() -> Iterator[EventSourceMapping]:
    for backend in everywhere(lambda_backends):
        for mapping in list(backend._event_source_mappings.values()):
            if mapping.enabled and Arn.of(mapping.event_source_arn).service == "sqs":
                yield mapping


def _concurrency(mapping: EventSourceMapping) -> int:
    return int((mapping.scaling_config or {}).get("MaximumConcurrency", DEFAULT_CONCURRENCY))


def _may_poll(role_arn: str, queue: Queue) -> bool:
    """Tell whether the function's role, as which Lambda polls, may do so."""
    return all(enforcement.role_may(role_arn, "awslambda", action, queue.queue_arn) for action in POLLING)


def _queue(arn: str) -> Queue | None:
    _, region, account_id, name = Arn.of(arn)
    queue: Queue | None = sqs_backends[account_id][region].queues.get(name)
    return queue


def _event(queue: Queue, messages: list[Message]) -> dict[str, Any]:
    return {"Records": [_record(queue, message) for message in messages]}


def _record(queue: Queue, message: Message) -> dict[str, Any]:
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.approximate_receive_count),
            "SentTimestamp": str(message.sent_timestamp),
            "SenderId": message.sender_id,
            "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
        },
        "messageAttributes": {
            name: {**{key[0].lower() + key[1:]: value for key, value in attribute.items()}}
            for name, attribute in message.message_attributes.items()
        },
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.queue_arn,
        "awsRegion": queue.region,
    }


def _succeeded(messages: list[Message], outcome: Outcome, reports_failures: bool) -> list[Message]:
    """Return the messages that are done. An answer that Lambda would not understand fails the whole batch."""
    if outcome.is_error:
        return []
    if not reports_failures:
        return messages
    try:
        answer = json.loads(outcome.payload) or {}
        failed = {item["itemIdentifier"] for item in answer.get("batchItemFailures") or []}
    except (AttributeError, KeyError, TypeError, ValueError):
        return []
    if failed - {message.id for message in messages}:
        return []
    return [message for message in messages if message.id not in failed]
