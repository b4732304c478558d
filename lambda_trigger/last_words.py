"""The last line of an error that a run or a function wrote."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient

LINES = 50
LOOK_BACK = timedelta(minutes=30)
SIGNS_OF_TROUBLE = ("ERROR", "WARNING", "Task timed out", "Runtime exited")
PATTERN = " ".join(f'?"{sign}"' for sign in SIGNS_OF_TROUBLE)
LONGEST = 500


@dataclass(frozen=True)
class LastWords:
    """Reads log groups; a group or stream that is not there has said nothing."""

    logs: CloudWatchLogsClient

    def of_run(self, group: str, run_id: str) -> str:
        """The last line of a run's errors, which have a stream of their own."""
        try:
            events = self.logs.get_log_events(
                logGroupName=group, logStreamName=run_id, limit=LINES, startFromHead=False
            )["events"]
        except ClientError as error:
            return _nothing(error)
        return _last([event["message"] for event in events])

    def of_function(self, group: str, now: datetime) -> str:
        """The last line of trouble within the last half hour."""
        pages = self.logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=int((now - LOOK_BACK).timestamp() * 1000), filterPattern=PATTERN
        )
        try:
            lines = [event["message"] for page in pages for event in page["events"]]
        except ClientError as error:
            return _nothing(error)
        return _last([line for line in lines if any(sign in line for sign in SIGNS_OF_TROUBLE)])


def _nothing(error: ClientError) -> str:
    if error.response["Error"]["Code"] != "ResourceNotFoundException":
        raise error
    return ""


def _last(lines: list[str]) -> str:
    written = [line.strip() for line in lines if line.strip()]
    return _words(written[-1])[:LONGEST] if written else ""


def _words(line: str) -> str:
    """What a line says to a person; ours are JSON objects."""
    try:
        fields: Any = json.loads(line)
    except ValueError:
        return line.splitlines()[0]
    if not isinstance(fields, dict):
        return line
    said = [fields.get("message"), fields.get("reason"), (fields.get("error") or {}).get("message")]
    return ": ".join(str(part) for part in said if part)
