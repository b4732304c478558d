"""The cases of S3 events: what a batch of messages holds, and what is to become of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

TESTS = Path(__file__).parent


@dataclass(frozen=True)
class Described:
    """An object as one record of an event describes it; changing `bucket` or `detail` changes the record."""

    bucket: dict[str, Any]
    detail: dict[str, Any]
    version_id: str
    etag: str
    is_encoded: bool

    @property
    def key(self) -> str:
        text: str = self.detail["key"]
        return unquote_plus(text) if self.is_encoded else text

    @property
    def version(self) -> tuple[str, str]:
        """What tells the versions of a key apart, in their order."""
        sequencer = str(self.detail.get("sequencer", "")).upper().ljust(32, "0")
        return sequencer, self.detail.get(self.version_id) or self.detail.get(self.etag, "")


@dataclass(frozen=True)
class EventCase:
    """One folder of `cases` or `cases_extra`. In `input.json` a body may stand as JSON instead of its text."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def expected(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.folder / "expected.json").read_text())
        return document

    @property
    def event(self) -> dict[str, Any]:
        """The event as the trigger receives it from its queue."""
        event: dict[str, Any] = json.loads((self.folder / "input.json").read_text())
        for record in event["Records"]:
            record["body"] = _as_text(record["body"])
        return event

    @property
    def missing(self) -> set[str]:
        """Keys without an object: the trigger does not look, so each starts, and its run says object_missing."""
        return set(self.expected.get("given", {}).get("s3_missing_keys", ()))

    @property
    def keys_to_start(self) -> set[str]:
        return {start["key"] for start in self.expected["start"]} | self.missing

    @property
    def is_busy(self) -> bool:
        """Whether the case is about a job that refuses runs."""
        return "glue_start_job_run" in self.expected.get("given", {})

    @property
    def described(self) -> list[Described]:
        """Every object that a readable record of the event is about."""
        found: list[Described] = []
        for record in self.event["Records"]:
            rewritten(record["body"], found.append)
        return found


def event_cases() -> list[EventCase]:
    """Every case with an event, the reference cases first."""
    inputs = [path for root in ("cases", "cases_extra") for path in sorted((TESTS / root).glob("*/input.json"))]
    return [EventCase(path.parent) for path in inputs]


def rewritten(body: str, change: Callable[[Described], object]) -> str:
    """The text of a message with each object it describes changed, whatever wraps it; what is no JSON stays."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return body
    if not isinstance(content, dict):
        return body
    if content.get("Type") == "Notification":
        content["Message"] = rewritten(content["Message"], change)
    elif "detail" in content:
        change(Described(content["detail"]["bucket"], content["detail"]["object"], "version-id", "etag", False))
    for record in content.get("Records") or ():
        if "s3" in record:
            change(Described(record["s3"]["bucket"], record["s3"]["object"], "versionId", "eTag", True))
    return json.dumps(content)


def _as_text(body: Any) -> str:
    if isinstance(body, str):
        return body
    if isinstance(body.get("Message"), dict):
        body = {**body, "Message": _as_text(body["Message"])}
    return json.dumps(body)
