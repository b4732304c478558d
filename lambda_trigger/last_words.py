"""The last line of an error that a run or a function wrote."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient

LOOK_BACK = timedelta(minutes=30)
SIGNS_OF_TROUBLE = ("ERROR", "WARNING", "Task timed out", "Runtime exited")
PATTERN = " ".join(f'?"{sign}"' for sign in SIGNS_OF_TROUBLE)
LONGEST = 500


@dataclass(frozen=True)
class LastWords:
    """Reads log groups; a group that is not there has said nothing."""

    logs: CloudWatchLogsClient

    def of_run(self, group: str, run_id: str) -> str:
        """The last error in a run's output, whose streams' names begin with its id; else what Python said at last."""
        lines = self._lines(logGroupName=group, logStreamNamePrefix=run_id)
        told = [line for line in lines if (_fields(line) or {}).get("level") == "ERROR"]
        return _last(told or [line for line in lines if _fields(line) is None])

    def of_function(self, group: str, now: datetime) -> str:
        """The last line of trouble within the last half hour."""
        since = int((now - LOOK_BACK).timestamp() * 1000)
        lines = self._lines(logGroupName=group, startTime=since, filterPattern=PATTERN)
        return _last([line for line in lines if any(sign in line for sign in SIGNS_OF_TROUBLE)])

    def _lines(self, **asked: Any) -> list[str]:
        try:
            pages = self.logs.get_paginator("filter_log_events").paginate(**asked)
            return [event["message"] for page in pages for event in page["events"]]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return []


def _last(lines: list[str]) -> str:
    written = [line.strip() for line in lines if line.strip()]
    return _words(written[-1])[:LONGEST] if written else ""


def _words(line: str) -> str:
    """What a line says to a person."""
    fields = _fields(line)
    if fields is None:
        return line.splitlines()[0]
    said = [fields.get("message"), fields.get("reason"), (fields.get("error") or {}).get("message")]
    return ": ".join(str(part) for part in said if part)


def _fields(line: str) -> dict[str, Any] | None:
    """The fields of a line of ours, which is a JSON object; None for any other."""
    try:
        fields: Any = json.loads(line)
    except ValueError:
        return None
    return fields if isinstance(fields, dict) else None
