"""Reads SQS messages into typed file events, whatever wrapped them on the way.

Known forms of a body: an S3 notification, the same inside an SNS notification, an EventBridge event, and the test event
S3 sends when a notification is created. A message of our own (a replay, a sweep) is an S3 notification with one more
member `gluepipe`, see `requeue`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from lambda_trigger.errors import MalformedMessageError
from lambda_trigger.file_version import FileVersion, order_of, version_id_of

TEST_EVENT = "s3:TestEvent"
EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class FileEvent:
    """Something happened to a file version at a `time`; `after` names the claim that this event continues, if any."""

    name: str
    file: FileVersion
    after: str | None = None
    time: datetime | None = None


@dataclass(frozen=True)
class Message:
    """One SQS message; `problem` says what could not be understood, beside the `events` that could."""

    message_id: str
    receipt_handle: str
    body: str
    receive_count: int
    sent_at: datetime
    events: tuple[FileEvent, ...] = ()
    is_test: bool = False
    problem: str | None = field(default=None)


def parse_batch(event: Mapping[str, Any]) -> list[Message]:
    """The messages of a Lambda event from SQS, each parsed on its own."""
    return [parse_message(record) for record in event.get("Records", [])]


def parse_message(record: Mapping[str, Any]) -> Message:
    """Parse one SQS record; never raises for what its body holds."""
    attributes = record.get("attributes") or {}
    body = str(record.get("body", ""))
    events, is_test, problem = _parse_body(body)
    return Message(
        message_id=record["messageId"],
        receipt_handle=record.get("receiptHandle", ""),
        body=body,
        receive_count=int(attributes.get("ApproximateReceiveCount", 1)),
        sent_at=_sent_at(attributes),
        events=events,
        is_test=is_test,
        problem=problem,
    )


def _sent_at(attributes: Mapping[str, Any]) -> datetime:
    if "SentTimestamp" not in attributes:
        return datetime.now(UTC)
    return datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC)


def _parse_body(body: str) -> tuple[tuple[FileEvent, ...], bool, str | None]:
    try:
        content = _unwrap(json.loads(body))
        if content.get("Event") == TEST_EVENT:
            return (), True, None
        entries = _entries(content)
    except (MalformedMessageError, ValueError, RecursionError) as error:
        return (), False, str(error)
    events, problem = [], None
    for entry in entries:
        try:
            events.append(_file_event(entry, content))
        except (MalformedMessageError, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            problem = f"a record is incomplete: {error!r}"
    return tuple(events), False, problem


def _unwrap(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise MalformedMessageError("the body is not a JSON object")
    if content.get("Type") == "Notification" and isinstance(content.get("Message"), str):
        return _unwrap(json.loads(content["Message"]))
    return content


def _entries(content: Mapping[str, Any]) -> list[Any]:
    if content.get("source") == "aws.s3" and "detail" in content:
        return [content]
    if isinstance(content.get("Records"), list):
        return list(content["Records"])
    raise MalformedMessageError("the body is neither an S3 notification nor an EventBridge event of S3")


def _file_event(entry: Mapping[str, Any], content: Mapping[str, Any]) -> FileEvent:
    if entry is content:
        return _from_eventbridge(content)
    if entry.get("eventSource") != "aws:s3":
        raise MalformedMessageError(f"event source {entry.get('eventSource')!r} is not aws:s3")
    return _from_notification(entry)


def _from_notification(entry: Mapping[str, Any]) -> FileEvent:
    s3, ours = entry["s3"], entry.get("gluepipe") or {}
    detail = s3["object"]
    file = _file_version(
        bucket=s3["bucket"]["name"],
        key=unquote_plus(_text(detail["key"])),
        version_id=detail.get("versionId"),
        etag=detail.get("eTag"),
        detail=detail,
        time=entry.get("eventTime"),
        order=ours.get("order"),
    )
    after = _optional_text(ours.get("after")) or None
    return FileEvent(_text(entry["eventName"]), file, after, _time(entry.get("eventTime")))


def _from_eventbridge(content: Mapping[str, Any]) -> FileEvent:
    """EventBridge does not encode the key; its version id and ETag have other names."""
    detail = content["detail"]["object"]
    file = _file_version(
        bucket=content["detail"]["bucket"]["name"],
        key=_text(detail["key"]),
        version_id=detail.get("version-id"),
        etag=detail.get("etag"),
        detail=detail,
        time=content.get("time"),
    )
    return FileEvent(_text(content["detail-type"]), file, time=_time(content.get("time")))


def _file_version(
    *, bucket: Any, key: str, version_id: Any, etag: Any, detail: Mapping[str, Any], time: Any, order: Any = None
) -> FileVersion:
    """Check every part: one wrong type would fail a call about the whole batch later on."""
    sequencer = _optional_text(detail.get("sequencer"))
    return FileVersion(
        bucket=_text(bucket),
        key=_text(key),
        version_id=version_id_of(_optional_text(version_id)),
        etag=_optional_text(etag),
        sequencer=sequencer,
        size=int(detail.get("size") or 0),
        order=_optional_text(order) or order_of(sequencer, (None if sequencer else _time(time)) or EPOCH),
    )


def _text(value: Any) -> str:
    """Text that AWS accepts: not empty, and whole in UTF-8."""
    if not isinstance(value, str) or not value:
        raise MalformedMessageError(f"expected text, found {value!r}")
    value.encode()
    return value


def _optional_text(value: Any) -> str:
    return "" if value is None or value == "" else _text(value)


def _time(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
