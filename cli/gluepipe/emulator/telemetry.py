"""Log lines and metrics of what runs in the emulated accounts, put where AWS would put them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.logs.models import logs_backends

from gluepipe.emulator.iam import enforcement

_streams = threading.Lock()


@dataclass(frozen=True)
class LogStream:
    """One stream of a log group; both come into being with the first line, as they do for Lambda and Glue.

    What these write as a role, `role_arn`, is lost where that role may not write it.
    """

    account_id: str
    region: str
    group: str
    name: str
    role_arn: str = ""

    def write(self, lines: Sequence[str]) -> None:
        """Append lines, and record the metrics of those that are in embedded metric format."""
        events = [{"timestamp": int(time.time() * 1000), "message": line} for line in lines if line]
        if not events or not self._is_allowed():
            return
        backend = logs_backends[self.account_id][self.region]
        with _streams:
            backend.ensure_log_group(self.group)
            if self.name not in backend.groups[self.group].streams:
                backend.create_log_stream(self.group, self.name)
            backend.put_log_events(self.group, self.name, events)
        for line in lines:
            if '"_aws"' in line:
                _record_embedded_metrics(self.account_id, self.region, line)

    def _is_allowed(self) -> bool:
        streams = f"arn:aws:logs:{self.region}:{self.account_id}:log-group:{self.group}:log-stream:"
        backend = logs_backends[self.account_id][self.region]
        asked = {"logs:PutLogEvents": streams + self.name}
        if self.group not in backend.groups:
            asked |= {"logs:CreateLogGroup": streams, "logs:CreateLogStream": streams + self.name}
        elif self.name not in backend.groups[self.group].streams:
            asked |= {"logs:CreateLogStream": streams + self.name}
        return not self.role_arn or all(
            enforcement.role_may(self.role_arn, self.group.rpartition("/")[2], action, resource)
            for action, resource in asked.items()
        )


def record_metrics(
    account_id: str,
    region: str,
    namespace: str,
    figures: Mapping[str, float],
    dimensions: Mapping[str, str],
    units: Mapping[str, str],
) -> None:
    """Put one datum for each figure, as `PutMetricData` would; figures without a unit are counts."""
    data = [_datum(name, [value], units.get(name, "Count"), dimensions) for name, value in figures.items()]
    cloudwatch_backends[account_id][region].put_metric_data(namespace, data)


def _record_embedded_metrics(account_id: str, region: str, line: str) -> None:
    """Turn a log line in embedded metric format into data; any other line is just a log line."""
    try:
        entry = json.loads(line)
        data = [
            (directive["Namespace"], _embedded(entry, metric, dimensions))
            for directive in entry["_aws"]["CloudWatchMetrics"]
            for metric in directive["Metrics"]
            for dimensions in directive["Dimensions"] or [[]]
        ]
    except (ValueError, KeyError, TypeError):
        return
    for namespace, datum in data:
        cloudwatch_backends[account_id][region].put_metric_data(namespace, [datum])


def _embedded(entry: Mapping[str, Any], metric: Mapping[str, str], dimensions: Sequence[str]) -> dict[str, Any]:
    """The datum of a metric by some of the fields of its log line."""
    named = {name: str(entry[name]) for name in dimensions}
    return _datum(metric["Name"], _values(entry[metric["Name"]]), metric.get("Unit", "None"), named)


def _values(value: Any) -> list[float]:
    return [float(item) for item in (value if isinstance(value, list) else [value])]


def _datum(name: str, values: list[float], unit: str, dimensions: Mapping[str, str]) -> dict[str, Any]:
    return {
        "MetricName": name,
        "Values": values,
        "Unit": unit,
        "Timestamp": datetime.now(UTC).replace(tzinfo=None),
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
    }
