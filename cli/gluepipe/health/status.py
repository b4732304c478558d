"""How an environment is: what waits, what the last hour brought, what is wrong, and which command looks closer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gluepipe.delivery import releases, repair
from gluepipe.delivery.releases import ENDINGS, Standing
from gluepipe.delivery.store import open_store
from gluepipe.names import Stack
from gluepipe.operations import ledger
from gluepipe.operations.backlog import LONG_QUEUE, Backlog, look_at_queues
from gluepipe.operations.deployed import Deployed, open_environment
from gluepipe.operations.ledger import ROW_COUNTS, Filter, Item
from gluepipe.operations.stuck import HELD, ON_ITS_WAY, Stuck
from gluepipe.project import Project
from lambda_trigger.ledger_item import State

PERIOD = timedelta(hours=1)
COUNTED = ("file_id", "source_file", "state", *ROW_COUNTS)
# The reason of a new alarm's state, which is OK in the emulated accounts until they judge it.
NEVER_EVALUATED = "Unchecked"


@dataclass(frozen=True)
class LastHour:
    """The files claimed within the last hour, by state, and the sums of their rows."""

    files: dict[str, int]
    rows_read: int
    rows_written: int
    rows_quarantined: int
    rows_rescued: int


@dataclass(frozen=True)
class Alarm:
    """One alarm, by its name without the environment's prefix; `state` is OK, ALARM or INSUFFICIENT_DATA."""

    name: str
    state: str
    reason: str


@dataclass(frozen=True)
class Problem:
    """Something that is not as it should be, and the command that looks closer."""

    what: str
    command: str


@dataclass(frozen=True)
class Status:
    """An environment at one moment; `releases` says what each stack runs, as far as `gluepipe apply` recorded it."""

    environment: str
    at: datetime
    releases: dict[str, str]
    backlog: Backlog
    last_file: Item | None
    last_hour: LastHour
    stuck: list[str]
    failed: list[str]
    alarms: list[Alarm]

    @property
    def problems(self) -> list[Problem]:
        """What makes the environment unhealthy; empty when it is healthy."""
        name, waiting = self.environment, self.backlog.waiting
        without_job = self.releases and Stack.APPLICATION not in self.releases
        ringing = ", ".join(alarm.name for alarm in self.alarms if alarm.state == "ALARM")
        found = [
            (self.backlog.dead_letters, "in the dead-letter queue: {}", f"replay {name} --dead-letters --dry-run"),
            (len(self.stuck), "stuck files: {}", f"files {name} --state claimed"),
            (len(self.failed), "files failed within the last hour: {}", f"files {name} --state failed --since 1h"),
            (ringing, "alarms: {}; their runbooks: docs/operations.md", f"logs {name} --since 1h"),
            (waiting if self.backlog.paused else 0, "paused, and messages wait: {}", f"resume {name}"),
            (waiting if without_job else 0, "no job yet, and messages wait: {}", f"apply {name} --stack application"),
        ]
        return [Problem(text.format(amount), f"gluepipe {command}") for amount, text, command in found if amount]

    def as_document(self) -> dict[str, Any]:
        """Return everything for `--json`."""
        return {"healthy": not self.problems, "problems": [asdict(each) for each in self.problems], **asdict(self)}


def look(project: Project, environment: str) -> Status:
    """Look at an environment once; raises GluePipeError when it is not deployed or its account is out of reach."""
    deployed = open_environment(project, environment)
    now = datetime.now(UTC)
    backlog = look_at_queues(deployed, now)
    recent = list(ledger.list_files(deployed.ledger, Filter(since=now - PERIOD), attributes=COUNTED))
    return Status(
        environment=environment,
        at=now,
        releases=_releases(project, environment),
        backlog=backlog,
        last_file=_last_file(deployed, recent),
        last_hour=_sums(recent),
        stuck=_stuck(deployed, now) if backlog.waiting <= LONG_QUEUE else [],
        failed=_failed(recent),
        alarms=_alarms(deployed),
    )


def _releases(project: Project, environment: str) -> dict[str, str]:
    store = open_store(project, project.settings.environment(environment).account)
    found = {stack: releases.standing(releases.newest_first(store, environment, stack)) for stack in Stack}
    return {str(stack): _standing(project, standing) for stack, standing in found.items() if standing != Standing()}


def _standing(project: Project, standing: Standing) -> str:
    words = [f"{standing.live.id} ({standing.live.version})"] if standing.live else []
    if after := standing.doubtful:
        words.append(f"{after.id} {ENDINGS[after.result]}: {repair.command(project.settings, after)}")
    return ", but ".join(words)


def _last_file(deployed: Deployed, recent: Sequence[Item]) -> Item | None:
    if not recent:
        return next(ledger.list_files(deployed.ledger, Filter(), limit=1), None)
    newest = recent[0]["file_id"]
    return ledger.find(deployed.ledger, deployed.names, newest)[0]


def _sums(items: Iterable[Item]) -> LastHour:
    states: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for item in items:
        states[item["state"]] += 1
        rows.update({name: item.get(name, 0) for name in ROW_COUNTS})
    return LastHour(dict(states), **{name: rows[name] for name in ROW_COUNTS})


def _failed(latest_first: Iterable[Item]) -> list[str]:
    """The files whose latest claim failed; a version that was uploaded since, and loaded, makes good for it."""
    states: dict[str, str] = {}
    for item in latest_first:
        states.setdefault(item["source_file"], item["state"])
    return [source_file for source_file, state in states.items() if state == State.FAILED]


def _stuck(deployed: Deployed, now: datetime) -> list[str]:
    stuck = Stuck(deployed, now)
    unfinished = (
        item
        for state in sorted(ON_ITS_WAY)
        for item in ledger.list_files(deployed.ledger, Filter(state=state), attributes=("source_file", *HELD))
    )
    return [item["source_file"] for item in unfinished if stuck.holds(item)]


def _alarms(deployed: Deployed) -> list[Alarm]:
    prefix = deployed.names.component("")
    pages = deployed.access.cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    found = [alarm for page in pages for alarm in (*page["MetricAlarms"], *page["CompositeAlarms"])]
    named = (
        _alarm(alarm["AlarmName"].removeprefix(prefix), alarm["StateValue"], alarm["StateReason"]) for alarm in found
    )
    return sorted(named, key=lambda alarm: alarm.name)


def _alarm(name: str, state: str, reason: str) -> Alarm:
    return Alarm(name, "INSUFFICIENT_DATA" if reason.startswith(NEVER_EVALUATED) else state, reason)
