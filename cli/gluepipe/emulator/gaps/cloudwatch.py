"""CloudWatch: composite alarms."""

from __future__ import annotations

from moto.cloudwatch.responses import CloudWatchResponse


def accept_composite_alarms() -> None:
    """moto's alarms know a rule, but no operation puts one."""
    CloudWatchResponse.put_composite_alarm = CloudWatchResponse.put_metric_alarm
