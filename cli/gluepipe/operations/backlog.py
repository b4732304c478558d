"""What waits in an environment's queues, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gluepipe.operations import event_source
from gluepipe.operations.deployed import Deployed

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef, MetricDataQueryTypeDef, MetricTypeDef

# With more waiting than this, a file that nobody has taken waits for its turn; the sweep thinks the same.
LONG_QUEUE = 1_000
LOOK_BACK = timedelta(minutes=15)  # SQS reports the age every minute, some minutes late


@dataclass(frozen=True)
class Backlog:
    """Messages in the queues. `oldest_seconds` is None where CloudWatch has no recent word about it."""

    waiting: int
    oldest_seconds: float | None
    dead_letters: int
    paused: bool


def look_at_queues(deployed: Deployed, now: datetime) -> Backlog:
    """Count what waits; raises GluePipeError where the trigger has no event source yet."""
    waiting = event_source.waiting(deployed)
    return Backlog(
        waiting=waiting,
        oldest_seconds=_oldest(deployed, now) if waiting else None,
        dead_letters=event_source.dead_letters(deployed),
        paused=event_source.is_paused(deployed),
    )


def _oldest(deployed: Deployed, now: datetime) -> float | None:
    dimension: DimensionTypeDef = {"Name": "QueueName", "Value": deployed.names.queue}
    metric: MetricTypeDef = {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateAgeOfOldestMessage",
        "Dimensions": [dimension],
    }
    query: MetricDataQueryTypeDef = {"Id": "age", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}}
    [age] = deployed.access.cloudwatch.get_metric_data(
        MetricDataQueries=[query], StartTime=now - LOOK_BACK, EndTime=now, ScanBy="TimestampDescending"
    )["MetricDataResults"]
    return next(iter(age["Values"]), None)
