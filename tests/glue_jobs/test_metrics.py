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

    def put_metric_data(self, Namespace: str, MetricData: list[dict[str, Any]]) -> None:  # noqa: N803 - boto3's names
        for datum in MetricData:
            dimensions = (f"{each['Name']}={each['Value']}" for each in datum["Dimensions"])
            self.sums[(Namespace, datum["MetricName"], *dimensions)] += datum["Value"]


def version(dataset: str) -> FileVersion:
    return FileVersion("f", "b", f"{dataset}/a.csv", None, "e", "1", 1, dataset, "1")


def test_the_environment_has_the_sums_of_its_datasets() -> None:
    cloudwatch = CloudWatch()
    outcomes = [
        Outcome(version("orders"), "succeeded", {"rows_read": 10, "rows_quarantined": 1}),
        Outcome(version("orders"), "succeeded", {"rows_read": 5, "rows_quarantined": 0}),
        Outcome(version("prices"), "failed", {"rows_read": 2, "rows_quarantined": 2}),
        Outcome(version("prices"), "skipped"),
    ]
    put_metrics(cloudwatch, "dev", outcomes)
    sums = cloudwatch.sums
    assert sums["GluePipe", "RowsRead", "environment=dev", "dataset=orders"] == 15
    assert sums["GluePipe", "RowsRead", "environment=dev", "dataset=prices"] == 2
    assert sums["GluePipe", "RowsRead", "environment=dev"] == 17
    assert sums["GluePipe", "RowsQuarantined", "environment=dev"] == 3
    assert sums["GluePipe", "FilesSucceeded", "environment=dev"] == 2
    assert sums["GluePipe", "FilesFailed", "environment=dev"] == 1
