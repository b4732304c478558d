"""CloudWatch alarms: judged every few seconds by what was recorded; a change goes to EventBridge and to topics."""

from __future__ import annotations

import json
import logging
import operator
import re
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend, cloudwatch_backends
from moto.sns.models import sns_backends

from gluepipe.emulator import metric_math
from gluepipe.emulator.arns import Arn
from gluepipe.emulator.backends import everywhere
from gluepipe.emulator.iam import enforcement
from gluepipe.emulator.queue_metrics import QueueMetrics
from gluepipe.emulator.recorded_metrics import Metric, RecordedMetrics
from gluepipe.emulator.targets import Targets

TICK_SECONDS = 2.0
# How many periods more than an alarm judges are looked through for data: those count first, and missing data only then.
PERIODS_BEYOND = 2
STATE_CHANGE = "CloudWatch Alarm State Change"
ACTIONS = {"ALARM": "alarm_actions", "OK": "ok_actions", "INSUFFICIENT_DATA": "insufficient_data_actions"}
COMPARISONS = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}

log = logging.getLogger(__name__)


class Alarms(threading.Thread):
    """Keeps the state of every alarm of every account."""

    def __init__(self, targets: Targets, stopping: threading.Event) -> None:
        super().__init__(name="alarms", daemon=True)
        self._targets = targets
        self._stopping = stopping
        self._queues = QueueMetrics()
        self._not_emulated: set[str] = set()
        self._recorded: dict[CloudWatchBackend, RecordedMetrics] = {}

    def run(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            try:
                self._queues.record(time.time())
                for backend in everywhere(cloudwatch_backends):
                    self._judge_all(backend, datetime.now(UTC))
            except Exception:
                log.exception("Alarms were not judged this time")

    def _judge_all(self, backend: CloudWatchBackend, now: datetime) -> None:
        alarms = list(backend.alarms.values())
        plain = [alarm for alarm in alarms if alarm.rule is None]
        recorded = self._recorded.setdefault(backend, RecordedMetrics(backend))
        recorded.catch_up()
        for alarm in plain:
            try:
                self._settle(backend, alarm, *verdict(alarm, recorded, now), now)
            except (KeyError, ValueError) as error:
                self._say_once(alarm, error)
        ringing = {alarm.name for alarm in plain if alarm.state_value == "ALARM"}
        for alarm in alarms:
            if alarm.rule is not None:
                named = ringing & set(re.findall(r'ALARM\("?([^")]+)"?\)', alarm.rule))
                self._settle(
                    backend, alarm, "ALARM" if named else "OK", f"ringing: {', '.join(sorted(named))}", [], now
                )

    def _say_once(self, alarm: Alarm, error: Exception) -> None:
        if alarm.name not in self._not_emulated:
            log.warning("Alarm %s is not judged: %s", alarm.name, error)
        self._not_emulated.add(alarm.name)

    def _settle(
        self, backend: CloudWatchBackend, alarm: Alarm, state: str, reason: str, values: list[Any], now: datetime
    ) -> None:
        before = alarm.state_value
        if state == before and not alarm.state_reason.startswith("Unchecked"):
            return
        alarm.update_state(reason, json.dumps({"version": "1.0", "recentDatapoints": values}), state)
        if state == before:
            return
        log.info("Alarm %s: %s, %s", alarm.name, state, reason)
        detail = _detail(alarm, before, now)
        self._targets.put(backend.account_id, backend.region_name, "aws.cloudwatch", STATE_CHANGE, detail)
        for arn in getattr(alarm, ACTIONS[state]) if alarm.actions_enabled else []:
            if Arn.of(arn).service == "sns":
                _publish(arn, alarm, before, now)


def verdict(alarm: Alarm, recorded: RecordedMetrics, now: datetime) -> tuple[str, str, list[float | None]]:
    """An alarm's state at `now`, the reason, and the values that it was judged by, the newest first."""
    metrics = _metrics(alarm)
    period = timedelta(seconds=max(length for _, _, length in metrics.values()))
    wanted = int(alarm.evaluation_periods)
    found = (_value(alarm, recorded, now - number * period) for number in range(wanted + PERIODS_BEYOND))
    known = [value for value in found if value is not None][:wanted]
    values = [*known, *[None] * (wanted - len(known))]
    missing = alarm.treat_missing_data or "missing"
    if not known and missing in ("missing", "ignore"):
        return (alarm.state_value if missing == "ignore" else "INSUFFICIENT_DATA"), "no data", values
    holds, threshold = COMPARISONS[alarm.comparison_operator], float(alarm.threshold)
    breaching = sum(missing == "breaching" if value is None else holds(value, threshold) for value in values)
    needed = int(alarm.datapoints_to_alarm or wanted)
    reason = f"{breaching} of the last {len(values)} datapoints {known} crossed the threshold ({threshold:g})"
    return ("ALARM" if breaching >= needed else "OK"), reason, values


def _value(alarm: Alarm, recorded: RecordedMetrics, end: datetime) -> float | None:
    values = {
        name: recorded.statistic(metric, statistic, end - timedelta(seconds=length), end)
        for name, (metric, statistic, length) in _metrics(alarm).items()
    }
    expressions = [query.expression for query in alarm.metric_data_queries if query.expression]
    return metric_math.evaluate(expressions[0], values) if expressions else next(iter(values.values()))


def _metrics(alarm: Alarm) -> dict[str, tuple[Metric, str, int]]:
    """The metrics that an alarm looks at, each with its statistic and the seconds of its period, by its id."""
    if not alarm.metric_data_queries:
        metric = Metric(alarm.namespace, alarm.metric_name, _dimensions(alarm))
        return {"": (metric, alarm.statistic, int(alarm.period))}
    asked = {query.id: query.metric_stat for query in alarm.metric_data_queries if query.metric_stat}
    return {
        name: (
            Metric(stat.metric.namespace, stat.metric.metric_name, _dimensions(stat.metric)),
            stat.stat,
            int(stat.period),
        )
        for name, stat in asked.items()
    }


def _dimensions(owner: Any) -> frozenset[tuple[str, str]]:
    return frozenset((each.name or "", each.value or "") for each in owner.dimensions)


def _detail(alarm: Alarm, before: str, now: datetime) -> dict[str, Any]:
    """What CloudWatch says of a change on the event bus."""
    return {
        "alarmName": alarm.name,
        "state": {
            "value": alarm.state_value,
            "reason": alarm.state_reason,
            "reasonData": alarm.state_reason_data,
            "timestamp": now.isoformat(),
        },
        "previousState": {"value": before},
        "configuration": {"description": alarm.description},
    }


def _publish(arn: str, alarm: Alarm, before: str, now: datetime) -> None:
    """Send what CloudWatch itself tells a topic, if the policies of topic and key let it."""
    if not enforcement.service_may_publish("cloudwatch.amazonaws.com", arn, alarm.alarm_arn):
        return
    topic = Arn.of(arn)
    message = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": topic.account_id,
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "OldStateValue": before,
        "StateChangeTime": now.isoformat(),
        "AlarmArn": alarm.alarm_arn,
    }
    subject = f'{alarm.state_value}: "{alarm.name}" in {topic.region}'
    sns_backends[topic.account_id][topic.region].publish(json.dumps(message), arn=arn, subject=subject)
