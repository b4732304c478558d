"""What a run did, as CloudWatch metrics: namespace `GluePipe`, by `environment` and by `environment` and `dataset`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from glue_jobs.process import Outcome

NAMESPACE = "GluePipe"
_BATCH = 1000
_STATES = {"succeeded": "FilesSucceeded", "failed": "FilesFailed", "ignored": "FilesIgnored"}
_FIGURES = {
    "rows_read": "RowsRead",
    "rows_written": "RowsWritten",
    "rows_quarantined": "RowsQuarantined",
    "rows_rescued": "RowsRescued",
    "bytes_in": "BytesIn",
    "bytes_out": "BytesOut",
}


def put_metrics(cloudwatch: Any, environment: str, outcomes: Iterable[Outcome]) -> None:
    """Send the sums of a run, one data point per dataset and metric."""
    data = [
        {
            "MetricName": name,
            "Value": value,
            "Unit": "Bytes" if name.startswith("Bytes") else "Count",
            "Dimensions": [{"Name": "environment", "Value": environment}, {"Name": "dataset", "Value": dataset}][
                :depth
            ],
        }
        for dataset, sums in _sums(outcomes).items()
        for depth in (1, 2)  # alarms cannot add datasets up, so the environment has the same figures to itself
        for name, value in sums.items()
    ]
    for start in range(0, len(data), _BATCH):
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data[start : start + _BATCH])


def _sums(outcomes: Iterable[Outcome]) -> dict[str, Counter[str]]:
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        if outcome.state in _STATES:
            of_dataset = sums[outcome.version.dataset]
            of_dataset.update(dict.fromkeys(_STATES.values(), 0))
            of_dataset[_STATES[outcome.state]] += 1
            of_dataset.update({name: int(outcome.figures.get(key, 0)) for key, name in _FIGURES.items()})
    return sums
