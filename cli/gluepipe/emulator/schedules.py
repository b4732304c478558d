"""Fire scheduled EventBridge rules. `rate(...)` only: `cron(...)` is named in the log and left out."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Iterator

from moto.events.models import Rule, events_backends

from gluepipe.emulator.backends import everywhere
from gluepipe.emulator.targets import Event, Targets, new_event

TICK_SECONDS = 1.0
UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}

log = logging.getLogger(__name__)


class Schedules(threading.Thread):
    """Looks at the rules of every account each second and fires those that are due."""

    def __init__(self, targets: Targets, stopping: threading.Event) -> None:
        super().__init__(name="schedules", daemon=True)
        self._targets = targets
        self._stopping = stopping
        self._due: dict[tuple[str, str], float] = {}

    def run(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            self.fire_due(time.monotonic())

    def fire_due(self, now: float) -> None:
        """Fire what is due at `now` (seconds, monotonic). A rule first fires one period after it was seen."""
        seen = {}
        for rule in _scheduled_rules():
            key = (rule.arn, rule.scheduled_expression or "")
            period = rate_seconds(key[1])
            if period is None:
                if key not in self._due:
                    log.warning("Rule %s: %s is not emulated, only rate(...) is", rule.name, key[1])
                period = float("inf")
            due = self._due.get(key, now + period)
            if due <= now:
                self._targets.deliver(rule, _scheduled_event(rule))
                due = now + period
            seen[key] = due
        self._due = seen


def rate_seconds(expression: str) -> float | None:
    """Return the period of `rate(5 minutes)` in seconds, None for any other kind of expression."""
    match = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression.strip())
    return float(match[1]) * UNIT_SECONDS[match[2]] if match else None


def _scheduled_rules() -> Iterator[Rule]:
    for backend in everywhere(events_backends):
        for rule in list(backend.event_buses["default"].rules.values()):
            if rule.scheduled_expression and rule.state == "ENABLED":
                yield rule


def _scheduled_event(rule: Rule) -> Event:
    return new_event(rule.account_id, rule.region_name, "aws.events", "Scheduled Event", {}, rule.arn)
