"""CloudWatch: composite alarms."""

from __future__ import annotations

from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from gluepipe.emulator.gaps.patching import adds


def accept_composite_alarms() -> None:
    """moto's alarms know a rule, but no operation puts one."""
    putting = CloudWatchResponse.put_metric_alarm

    @adds(CloudWatchResponse)
    def put_composite_alarm(self: CloudWatchResponse) -> ActionResult:
        return putting(self)
