"""Evaluates alarms on recorded metrics, as CloudWatch would and the emulated accounts do not."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from gluepipe.deployed import Deployed

COMPARISONS = {"GreaterThanThreshold": operator.gt}


@dataclass(frozen=True)
class Alarms:
    """The alarms of a deployed environment, by their names without its prefix."""

    deployed: Deployed

    def all(self) -> dict[str, dict[str, Any]]:
        prefix = self.deployed.names.component("")
        found = self.deployed.access.cloudwatch.describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"]
        return {alarm["AlarmName"].removeprefix(prefix): dict(alarm) for alarm in found}

    def rings(self, name: str) -> bool:
        """Whether the alarm would ring, judged by the data recorded within its last period."""
        alarm = self.all()[name]
        assert alarm["EvaluationPeriods"] == 1
        value = self._expression(alarm["Metrics"]) if alarm.get("Metrics") else self._statistic(alarm)
        if value is None:
            return bool(alarm["TreatMissingData"] == "breaching")
        return bool(COMPARISONS[alarm["ComparisonOperator"]](value, alarm["Threshold"]))

    def report_queue(self, queue: str) -> None:
        """Record how many messages a queue holds, as SQS does every minute and the emulated one does not."""
        answer = self.deployed.access.sqs.get_queue_attributes(
            QueueUrl=self.deployed.queue_url(queue), AttributeNames=["ApproximateNumberOfMessages"]
        )
        self.deployed.access.cloudwatch.put_metric_data(
            Namespace="AWS/SQS",
            MetricData=[
                {
                    "MetricName": "ApproximateNumberOfMessagesVisible",
                    "Dimensions": [{"Name": "QueueName", "Value": queue}],
                    "Value": float(answer["Attributes"]["ApproximateNumberOfMessages"]),
                }
            ],
        )

    def _statistic(self, metric: dict[str, Any]) -> float | None:
        """One metric's statistic over its last period; None where there are no data."""
        now = datetime.now(UTC)
        points = self.deployed.access.cloudwatch.get_metric_statistics(
            Namespace=metric["Namespace"],
            MetricName=metric["MetricName"],
            Dimensions=metric["Dimensions"],
            StartTime=now - timedelta(seconds=metric["Period"]),
            EndTime=now + timedelta(seconds=1),
            Period=metric["Period"] + 1,
            Statistics=[metric["Statistic"]],
        )["Datapoints"]
        return float(points[0][metric["Statistic"]]) if points else None  # type: ignore[literal-required]

    def _expression(self, queries: list[dict[str, Any]]) -> float | None:
        """The expression of a metric math alarm; None where one of its metrics has no data."""
        [expression] = [query["Expression"] for query in queries if query.get("Expression")]
        values: dict[str, Any] = {}
        for query in queries:
            if stat := query.get("MetricStat"):
                value = self._statistic({**stat["Metric"], "Period": stat["Period"], "Statistic": stat["Stat"]})
                if value is None:
                    return None
                values[query["Id"]] = np.float64(value)
        with np.errstate(divide="ignore", invalid="ignore"):
            # The alarm's own text, in a language of which Python knows all but IF.
            return float(eval(expression, {"__builtins__": {}, "IF": np.where}, values))  # noqa: S307 - our text
