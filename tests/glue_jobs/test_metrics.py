"""The figures that a run sends to CloudWatch."""

from __future__ import annotations

from collections import Counter
from typing import Any

from glue_jobs.manifest import FileVersion
from glue_jobs.metrics import put_metrics
from glue_jobs.process import Outcome


class CloudWatch:
    """Adds up what it is sent, as CloudWatch's statistic Sum does."""

    def __init__(self) -> None:
        self.sums: Counter[tuple[str, ...]] = Counter()
        self.calls: list[list[dict[str, Any]]] = []

    def put_metric_data(self, Namespace: str, MetricData: list[dict[str, Any]]) -> None:  # noqa: N803 - boto3's names
        self.calls.append(MetricData)
        for datum in MetricData:
            assert len(datum.get("Values", [])) <= 150
            dimensions = (f"{each['Name']}={each['Value']}" for each in datum["Dimensions"])
            pairs = zip(datum.get("Values", [datum.get("Value")]), datum.get("Counts", [1]), strict=True)
            total = sum(value * count for value, count in pairs)
            self.sums[(Namespace, datum["MetricName"], *dimensions)] += total


def version(dataset: str) -> FileVersion:
    return FileVersion("f", "b", f"{dataset}/a.csv", None, "e", "1", 1, dataset, "1")


def test_the_environment_has_the_sums_of_its_datasets() -> None:
    cloudwatch = CloudWatch()
    outcomes = [
        Outcome(version("orders"), "succeeded", {"rows_read": 10, "rows_quarantined": 1, "unusual": "10 rows"}),
        Outcome(version("orders"), "succeeded", {"rows_read": 5, "rows_quarantined": 0}),
        Outcome(version("prices"), "failed", {"rows_read": 2, "rows_quarantined": 2}),
        Outcome(version("prices"), "failed", {"error": {"retryable": True}}),
        Outcome(version("prices"), "skipped"),
    ]
    put_metrics(cloudwatch, "dev", outcomes)
    sums = cloudwatch.sums
    assert sums["GluePipe", "RowsQuarantined", "environment=dev", "dataset=orders"] == 1
    assert sums["GluePipe", "RowsQuarantined", "environment=dev", "dataset=prices"] == 2
    assert sums["GluePipe", "RowsRead", "environment=dev"] == 17
    assert sums["GluePipe", "RowsQuarantined", "environment=dev"] == 3
    assert sums["GluePipe", "FilesSucceeded", "environment=dev"] == 2
    assert sums["GluePipe", "FilesFailed", "environment=dev"] == 1
    assert sums["GluePipe", "FilesToRetry", "environment=dev"] == 1
    assert sums["GluePipe", "FilesWithUnusualRows", "environment=dev"] == 1


def test_few_figures_are_billed_for_each_dataset() -> None:
    cloudwatch = CloudWatch()
    figures = {"rows_read": 1, "latency": 1.0, "seconds": {"total": 1.0}}
    put_metrics(cloudwatch, "dev", [Outcome(version("orders"), "succeeded", figures)])
    by_dataset = {name for _, name, *dimensions in cloudwatch.sums if "dataset=orders" in dimensions}
    assert by_dataset == {"FilesSucceeded", "FilesFailed", "RowsWritten", "RowsQuarantined"}


def test_seconds_are_added_up_by_step_and_latencies_kept_apart() -> None:
    cloudwatch = CloudWatch()
    outcomes = [
        Outcome(version("orders"), "succeeded", {"latency": 12.34, "seconds": {"parse": 0.5, "total": 1.0}}),
        Outcome(version("orders"), "succeeded", {"latency": 12.41, "seconds": {"parse": 0.25, "total": 2.0}}),
        Outcome(version("orders"), "succeeded", {"latency": 345.0}),
    ]
    put_metrics(cloudwatch, "dev", outcomes)
    assert cloudwatch.sums["GluePipe", "SecondsParse", "environment=dev"] == 0.75
    assert cloudwatch.sums["GluePipe", "SecondsTotal", "environment=dev"] == 3
    [latencies] = [each for each in cloudwatch.calls[0] if each["MetricName"] == "EventToTable"]
    assert (latencies["Values"], latencies["Counts"]) == ([12.0, 340.0], [2, 1])


def test_ten_thousand_files_of_one_dataset_are_one_call() -> None:
    cloudwatch = CloudWatch()
    put_metrics(
        cloudwatch,
        "dev",
        [
            Outcome(version("orders"), "succeeded", {"latency": number / 7, "seconds": {"total": 1}})
            for number in range(10_000)
        ],
    )
    assert len(cloudwatch.calls) == 1
