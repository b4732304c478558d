"""Reads the metrics that an account recorded, many at a time; moto goes through all of them for each that is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend, MetricAggregatedDatum, MetricDatumBase


@dataclass(frozen=True)
class Metric:
    """A metric's identity; dimensions by name."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Datum:
    """What one data point adds: its sum, extremes and number of values, at a moment in UTC."""

    at: datetime
    total: float
    low: float
    high: float
    count: float


STATISTICS: dict[str, Callable[[list[Datum]], float]] = {
    "Sum": lambda data: sum(each.total for each in data),
    "Maximum": lambda data: max(each.high for each in data),
    "Minimum": lambda data: min(each.low for each in data),
    "SampleCount": lambda data: sum(each.count for each in data),
    "Average": lambda data: sum(each.total for each in data) / sum(each.count for each in data),
}


class RecordedMetrics:
    """What one account recorded, by metric; reads only what was added since it last looked."""

    def __init__(self, backend: CloudWatchBackend) -> None:
        self._backend = backend
        self._read = 0
        self._data: dict[Metric, list[Datum]] = defaultdict(list)

    def catch_up(self) -> None:
        """Read what was recorded meanwhile."""
        added = self._backend.metric_data[self._read :]
        self._read += len(added)
        for datum in added:
            dimensions = frozenset((each.name or "", each.value or "") for each in datum.dimensions)
            self._data[Metric(datum.namespace, datum.name, dimensions)].append(_datum(datum))

    def statistic(self, metric: Metric, statistic: str, begin: datetime, end: datetime) -> float | None:
        """The statistic of what was recorded after `begin`, up to `end`; None if nothing was."""
        data = [each for each in self._data.get(metric, ()) if begin < each.at <= end]
        return STATISTICS[statistic](data) if data else None


def _datum(datum: MetricDatumBase) -> Datum:
    moment: Any = datum.timestamp
    at = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    if isinstance(datum, MetricAggregatedDatum):
        return Datum(at, datum.sum, datum.min, datum.max, datum.sample_count)
    value: float = datum.value
    return Datum(at, value, value, value, 1.0)
