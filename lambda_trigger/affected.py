"""Finds the files that an alarm is about: in the ledger, or, where it knows nothing yet, among the bucket's events."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lambda_trigger.decide import Rules, reason_to_ignore
from lambda_trigger.events import FileEvent, parse_message
from lambda_trigger.ledger import Ledger
from lambda_trigger.ledger_item import Item, State, timestamp
from lambda_trigger.recovery import ATTEMPTS
from lambda_trigger.requeue import Why

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient

RECENT = timedelta(minutes=30)  # longer than any alarm's period, so that what made it ring is among it
CLAIMED_WITHIN = timedelta(days=1)
PER_SHARD = 50
ARRIVALS = 100
SHARDS = "0123456789abcdef"
FINAL = (State.SUCCEEDED, State.IGNORED)
NOT_THE_FILES = ("run_died", "service_error", "internal_error")


@dataclass(frozen=True)
class Files:
    """What is known of files, at `now`. Every finder gives items with the reason, the most telling first."""

    ledger: Ledger
    logs: CloudWatchLogsClient
    arrivals_group: str
    rules: Rules
    now: datetime

    def of(self, alarm: str, age: timedelta) -> list[tuple[Item, str]]:
        """The files that an alarm is about; `age` is that of the oldest file that may wait."""
        match alarm:
            case "failed-files":
                return [(item, error_of(item)) for item in self._ended(State.FAILED) if not _gave_up(item)]
            case "dead-letters":
                return [(item, error_of(item)) for item in self._ended(State.FAILED) if _gave_up(item)]
            case "quarantine-rate":
                return self._quarantined()
            case "row-counts":
                return [(item, item["unusual"]) for item in self._ended(State.SUCCEEDED) if item.get("unusual")]
            case "stuck-files":
                return list(self._requeued(Why.STUCK, Why.MISSED))
            case "budget":
                return self._slowest()
            case "sweep-errors":
                return [(item, "its run ended, and the sweep did not look after it") for item in self._latest(RECENT)]
            case "freshness":
                latest = [item for item in self._latest(timedelta(days=30)) if item["state"] == State.SUCCEEDED]
                return [(item, f"the last file that was loaded, {item['finished_at']}") for item in latest[:1]]
            case _:
                return list(self._waiting(age))

    def _recent(self, state: State, within: timedelta) -> list[Item]:
        """The latest claims in a state, the newest first, as many as a message can be about."""
        shards = [self._shard(f"{state}#{digit}", timestamp(self.now - within)) for digit in SHARDS]
        return list(heapq.merge(*shards, key=lambda item: str(item["claimed_at"]), reverse=True))

    def _shard(self, shard: str, since: str) -> list[Item]:
        return list(
            self.ledger.client.query(
                TableName=self.ledger.table,
                IndexName="by_state",
                KeyConditionExpression="state_shard = :shard AND claimed_at >= :since",
                ExpressionAttributeValues={":shard": shard, ":since": since},
                ScanIndexForward=False,
                Limit=PER_SHARD,
            )["Items"]
        )

    def _ended(self, state: State) -> Iterator[Item]:
        since = timestamp(self.now - RECENT)
        return (item for item in self._recent(state, CLAIMED_WITHIN) if item.get("finished_at", "") >= since)

    def _quarantined(self) -> list[tuple[Item, str]]:
        bad = [item for item in self._ended(State.SUCCEEDED) if item.get("rows_quarantined")]
        bad.sort(key=lambda item: int(item["rows_quarantined"]), reverse=True)
        return [(item, f"{item['rows_quarantined']} of {item['rows_read']} rows were set aside") for item in bad]

    def _requeued(self, *reasons: Why) -> Iterator[tuple[Item, str]]:
        since = timestamp(self.now - RECENT)
        for state in State:
            for item in self._recent(state, RECENT):
                again = item.get("requeued") or {}
                if again.get("at", "") >= since and again.get("why") in reasons:
                    yield item, STUCK_REASONS.get(again["why"]) or error_of(item)

    def worth_telling(self) -> Iterator[tuple[Item, str]]:
        """All that somebody should have been told of lately."""
        yield from ((item, error_of(item)) for item in self._ended(State.FAILED))
        yield from self._requeued(Why.FAILED, Why.STUCK, Why.MISSED)
        yield from self._quarantined()
        yield from self.of("row-counts", RECENT)

    def _latest(self, within: timedelta) -> list[Item]:
        items = [item for state in (State.SUCCEEDED, State.FAILED) for item in self._recent(state, within)]
        return sorted(items, key=lambda item: str(item["finished_at"]), reverse=True)

    def _slowest(self) -> list[tuple[Item, str]]:
        items = sorted(self._latest(CLAIMED_WITHIN), key=_seconds, reverse=True)
        return [(item, f"took {_seconds(item):g} s of its run") for item in items]

    def _waiting(self, age: timedelta) -> Iterator[tuple[Item, str]]:
        """Files whose event came and that no run has yet, the oldest first."""
        for item, event in self._items_of(self._arrivals(self.now - age)):
            if item.get("state", State.CLAIMED) == State.CLAIMED:
                since = event.time.astimezone(UTC) if event.time else self.now
                yield item, f"waits since {since:%Y-%m-%d %H:%M:%S} UTC"

    def of_message(self, body: str) -> list[Item]:
        """The files that an event of the bucket is about."""
        return [item for item, _ in self._items_of(self._events(body))]

    def _items_of(self, found: Iterable[FileEvent]) -> Iterator[tuple[Item, FileEvent]]:
        """What is known of the files of events: their ledger items, or the little that the event says."""
        events = {event.file.file_id: event for event in found}
        known = self.ledger.get_many(list(events)) if events else {}
        for file_id, event in events.items():
            unknown = {"file_id": file_id, "key": event.file.key, "source_file": event.file.source_file}
            yield known.get(file_id, unknown), event

    def _arrivals(self, since: datetime) -> Iterator[FileEvent]:
        pages = self.logs.get_paginator("filter_log_events").paginate(
            logGroupName=self.arrivals_group,
            startTime=int(since.timestamp() * 1000),
            PaginationConfig={"MaxItems": ARRIVALS},
        )
        for line in (line for page in pages for line in page["events"]):
            yield from self._events(line["message"])

    def _events(self, body: str) -> Iterator[FileEvent]:
        for event in parse_message({"messageId": "", "body": body}).events:
            if reason_to_ignore(event, self.rules) is None:
                yield event


STUCK_REASONS = {
    Why.STUCK: "its run or its claim ended without a word, and the sweep found it",
    Why.MISSED: "no message told the trigger of it, and the sweep found it",
}


def age_told(changed: Mapping[str, Any]) -> timedelta:
    """How old the oldest file may be that a ringing alarm is about: what it measured, if an age, and some time more."""
    values = json.loads(changed["state"].get("reasonData") or "{}").get("recentDatapoints") or [0]
    return RECENT + timedelta(seconds=float(values[0] or 0))


def error_of(item: Mapping[str, Any]) -> str:
    """Why a file failed, now or the last time."""
    error = item.get("error") or (item.get("requeued") or {}).get("error")
    if not error:
        return "not known"
    return f"{error['code']}: {error['message']}" + (f" (line {error['line']})" if error.get("line") else "")


def _gave_up(item: Item) -> bool:
    """Whether a file failed as often as it may, for reasons that are not its own."""
    return int(item.get("attempts", 0)) >= ATTEMPTS and (item.get("error") or {}).get("code") in NOT_THE_FILES


def _seconds(item: Item) -> float:
    return float((item.get("seconds") or {}).get("total", 0))
