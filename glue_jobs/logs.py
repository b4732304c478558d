"""The job's log: one JSON object a line, to standard output, which Glue keeps apart from its own and Spark's words."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from glue_jobs.manifest import FileVersion

_LOGGER = logging.getLogger("glue_jobs")


class JsonFormatter(logging.Formatter):
    """Renders a record as JSON: the run's own fields, then those given as `extra={"fields": {...}}`."""

    def __init__(self, run_fields: dict[str, str]) -> None:
        super().__init__()
        self._run_fields = run_fields

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "level": record.levelname,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "message": record.getMessage(),
            **self._run_fields,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(**run_fields: str) -> None:
    """Send this package's log lines, with the run's fields, to the job's output."""
    output = logging.StreamHandler(sys.stdout)
    output.setFormatter(JsonFormatter(run_fields))
    _LOGGER.handlers = [output]
    _LOGGER.setLevel(logging.INFO)
    _LOGGER.propagate = False


def of_file(version: FileVersion, **more: Any) -> dict[str, Any]:
    """The `extra` of a log line about one file."""
    about = {"file_id": version.file_id, "dataset": version.dataset, "source_file": version.source_file}
    return {"fields": about | more}
