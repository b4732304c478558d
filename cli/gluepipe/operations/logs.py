"""Reads the events of the input bucket and the logs of functions and job as one stream in the order of time."""

from __future__ import annotations

import heapq
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from gluepipe.operations.deployed import Deployed

POLL_SECONDS = 2.0
S3 = "s3"
GLUE = "glue"  # what Glue and Spark themselves say of a run: hundreds of lines, of which the errors are read
ERROR = "ERROR"
# A pattern has its own escapes, takes a star for anything, and has 1,024 characters at most; what it cannot ask for is
# found among all there is.
CAN_BE_ASKED_FOR = re.compile(r'[^"\\*\x00-\x1f]{1,900}')
OVERLAP = timedelta(seconds=30)  # lines arrive late, and the streams of one group not in order
LATEST = timedelta(minutes=10)  # a line later than that is not waited for
LONG_LOOKS_APART = 15  # looks of OVERLAP between two of LATEST


@dataclass(frozen=True)
class LogQuery:
    """What to read: from `since` on; of the job only the run `run_id`; only lines about one file.

    A file is named twice: `about` is its file_id, and `key` what the bucket's events call it.
    """

    since: datetime
    run_id: str | None = None
    about: str | None = None
    key: str | None = None


@dataclass(frozen=True)
class LogLine:
    """One line; `source` is s3, trigger, sweep, alert, standby, job or glue.

    `fields` is empty where the line is no JSON object.
    """

    time: datetime
    source: str
    text: str
    event_id: str
    fields: dict[str, Any]

    @property
    def message(self) -> str:
        return str(self.fields.get("message", self.text))

    @property
    def level(self) -> str:
        return str(self.fields.get("level", ""))

    def as_document(self) -> dict[str, Any]:
        return {"time": self.time.isoformat(), "source": self.source, **(self.fields or {"message": self.text})}


def read_logs(deployed: Deployed, query: LogQuery) -> Iterator[LogLine]:
    """The lines there are, oldest first."""
    streams = [_read(deployed, group, source, query) for source, group in groups_of(deployed, query)]
    return heapq.merge(*streams, key=lambda line: line.time)


def follow_logs(deployed: Deployed, query: LogQuery) -> Iterator[LogLine]:
    """The lines there are and those to come, for ever. Every half minute it looks further back for late ones."""
    shown: dict[str, datetime] = {}
    since = query.since
    for look in count(1):
        for line in read_logs(deployed, replace(query, since=since)):
            if line.event_id not in shown:
                shown[line.event_id] = line.time
                yield line
        time.sleep(POLL_SECONDS)
        now = datetime.now(UTC)
        shown = {event_id: at for event_id, at in shown.items() if at >= now - 2 * LATEST}
        since = max(query.since, now - (OVERLAP if look % LONG_LOOKS_APART else LATEST))


def groups_of(deployed: Deployed, query: LogQuery) -> list[tuple[str, str]]:
    """The log groups to read, with their short names. A run's own lines are in the job's groups only."""
    names = deployed.names
    job = [("job", f"/aws-glue/jobs/{names.job}/output")]
    if not query.about:
        job.append((GLUE, f"/aws-glue/jobs/{names.job}/error"))
    functions = [
        ("trigger", f"/aws/lambda/{names.trigger_function}"),
        ("sweep", f"/aws/lambda/{names.sweep_function}"),
        ("alert", f"/aws/lambda/{names.alert_function}"),
        ("standby", f"/aws/lambda/{names.standby_function}"),
    ]
    return job if query.run_id and not query.about else [(S3, names.arrivals_log_group), *functions, *job]


def read_arrivals(deployed: Deployed, key: str, since: datetime) -> list[LogLine]:
    """What the input bucket told of a key, oldest first, whether or not our own code has heard of it."""
    query = LogQuery(since=since, key=key)
    return list(_read(deployed, deployed.names.arrivals_log_group, S3, query))


def _read(deployed: Deployed, group: str, source: str, query: LogQuery) -> Iterator[LogLine]:
    arguments: dict[str, Any] = {"logGroupName": group, "startTime": int(query.since.timestamp() * 1000)}
    if pattern := pattern_of(source, query):
        arguments["filterPattern"] = pattern
    if query.run_id and source in ("job", GLUE):
        arguments["logStreamNamePrefix"] = query.run_id
    logs = deployed.access.logs
    try:
        for page in logs.get_paginator("filter_log_events").paginate(**arguments):
            lines = (_line(event, source) for event in page["events"])
            yield from (line for line in lines if _is_asked_for(line, query))
    except logs.exceptions.ResourceNotFoundException:
        return  # Lambda and Glue make their groups with the first line


def pattern_of(source: str, query: LogQuery) -> str:
    """What CloudWatch is asked to leave out already; empty for nothing."""
    if source == S3:
        can_ask = query.key and CAN_BE_ASKED_FOR.fullmatch(query.key)
        return f'{{ $.detail.object.key = "{query.key}" }}' if can_ask else ""
    if query.about:
        return f'"{query.about}"'
    return f'"{ERROR}"' if source == GLUE else ""


def _is_asked_for(line: LogLine, query: LogQuery) -> bool:
    if line.source == S3:
        return query.key is None or line.fields.get("key") == query.key
    if line.source == GLUE:
        return ERROR in line.text
    return query.about is None or query.about in line.text


def _line(event: Any, source: str) -> LogLine:
    text = event["message"].rstrip("\n")
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return LogLine(at, source, text, event.get("eventId", f"{event['timestamp']}{text}"), _fields(text, source))


def _fields(text: str, source: str) -> dict[str, Any]:
    try:
        content = json.loads(text) if text.startswith("{") else {}
    except ValueError:
        return {}
    if not isinstance(content, dict):
        return {}
    return _event_fields(content) if source == S3 else content


def _event_fields(event: dict[str, Any]) -> dict[str, Any]:
    """What an event of the bucket says, in the words of our own lines."""
    detail = event.get("detail", {})
    described = detail.get("object", {})
    return {
        "message": event.get("detail-type"),
        "key": described.get("key"),
        "source_file": f"s3://{detail.get('bucket', {}).get('name')}/{described.get('key')}",
        "version_id": described.get("version-id"),
        "size": described.get("size"),
        "requester": detail.get("requester"),
    }
