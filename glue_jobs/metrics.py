"""What a run did, as CloudWatch metrics: namespace `GluePipe`, by `environment`, a few also by `dataset`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from glue_jobs.process import Outcome

NAMESPACE = "GluePipe"
_BATCH = 1000
_VALUES = 150  # CloudWatch takes no more different values in one data point
_STATES = {"succeeded": "FilesSucceeded", "failed": "FilesFailed", "ignored": "FilesIgnored"}
_TO_RETRY = "FilesToRetry"
_UNUSUAL = "FilesWithUnusualRows"
_LATENCY = "EventToTable"
_FIGURES = {
    "rows_read": "RowsRead",
    "rows_written": "RowsWritten",
    "rows_quarantined": "RowsQuarantined",
    "rows_rescued": "RowsRescued",
    "bytes_in": "BytesIn",
    "bytes_out": "BytesOut",
}
# By dataset as well: each is billed for each dataset, and the ledger tells the rest.
_BY_DATASET = frozenset({"FilesSucceeded", "FilesFailed", "RowsWritten", "RowsQuarantined"})
_COUNTS = (*_STATES.values(), _TO_RETRY, _UNUSUAL)


def put_metrics(cloudwatch: Any, environment: str, outcomes: Iterable[Outcome]) -> None:
    """Send the figures of a run: one data point per dataset and metric, however many files there were."""
    data = [
        {**datum, "Dimensions": dimensions[:depth]}
        for dataset, those in _by_dataset(outcomes).items()
        for dimensions in [[{"Name": "environment", "Value": environment}, {"Name": "dataset", "Value": dataset}]]
        for datum in (*_sums(those), *_latencies(those))
        # Alarms cannot add datasets up, so the environment has the same figures to itself.
        for depth in ((1, 2) if datum["MetricName"] in _BY_DATASET else (1,))
    ]
    for start in range(0, len(data), _BATCH):
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data[start : start + _BATCH])


def _by_dataset(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.state in _STATES:
            found[outcome.version.dataset].append(outcome)
    return found


def _sums(outcomes: Iterable[Outcome]) -> Iterator[dict[str, Any]]:
    sums: Counter[str] = Counter(dict.fromkeys(_COUNTS, 0))
    seconds: Counter[str] = Counter()
    for outcome in outcomes:
        # What will be tried again has not failed yet; that its run failed is told by the run.
        sums[_TO_RETRY if outcome.needs_retry else _STATES[outcome.state]] += 1
        sums[_UNUSUAL] += "unusual" in outcome.figures
        sums.update({name: int(outcome.figures.get(key, 0)) for key, name in _FIGURES.items()})
        seconds.update({f"Seconds{step.title()}": taken for step, taken in outcome.figures.get("seconds", {}).items()})
    for name, value in sums.items():
        yield {"MetricName": name, "Value": value, "Unit": "Bytes" if name.startswith("Bytes") else "Count"}
    for name, value in seconds.items():
        yield {"MetricName": name, "Value": value, "Unit": "Seconds"}


def _latencies(outcomes: Iterable[Outcome]) -> Iterator[dict[str, Any]]:
    """The seconds from each file's event to its rows in the table, as values with their counts."""
    counts = sorted(
        Counter(_rounded(each.figures["latency"]) for each in outcomes if "latency" in each.figures).items()
    )
    for start in range(0, len(counts), _VALUES):
        values, times = zip(*counts[start : start + _VALUES], strict=True)
        yield {"MetricName": _LATENCY, "Values": list(values), "Counts": list(times), "Unit": "Seconds"}


def _rounded(seconds: float) -> float:
    """Two digits are enough, and keep the number of different values small."""
    return float(f"{max(seconds, 0):.2g}")
