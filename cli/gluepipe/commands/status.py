"""status: how an environment is, at a glance."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import environment_argument, json_option, pass_project
from gluepipe.errors import ExitCode
from gluepipe.moments import clock
from gluepipe.project import Project

if TYPE_CHECKING:
    from gluepipe.health.status import Status
    from gluepipe.operations.backlog import Backlog

WATCH_SECONDS = 5.0
NAMED = 3


@click.command()
@environment_argument
@click.option("--watch", is_flag=True, help="Look again every 5 seconds, until Ctrl-C; with --json one line a look.")
@json_option
@pass_project
@click.pass_context
def status(context: click.Context, project: Project, environment: str, watch: bool, as_json: bool) -> None:
    """Tell how ENV is: release, backlog, last file, the last hour's figures, stuck and failed files, alarms.

    Exit 0 when it is healthy. Exit 1 when a file failed within the last hour, is stuck or lies in the dead-letter
    queue, when an alarm rings, or when messages wait while ENV is paused or has no job yet; each problem comes with
    the command that looks closer.

    \b
    gluepipe status dev
    gluepipe status prod --json
    """
    from gluepipe.health.status import look

    while watch:
        seen = look(project, environment)
        if as_json:
            show.json_line(seen.as_document())
        else:
            click.clear()
            _print(seen)
        time.sleep(WATCH_SECONDS)
    seen = look(project, environment)
    if as_json:
        show.json_document(seen.as_document())
    else:
        _print(seen)
    if seen.problems:
        context.exit(ExitCode.FAILURE)


def _print(seen: Status) -> None:
    problems = seen.problems
    show.data(f"{seen.environment} is {'unhealthy' if problems else 'healthy'} ({clock(seen.at)} UTC)")
    hour, last = seen.last_hour, seen.last_file
    files = ", ".join(f"{count} {state}" for state, count in sorted(hour.files.items())) or "none"
    rows = f"{hour.rows_read} read, {hour.rows_written} written, {hour.rows_quarantined} quarantined"
    facts = {
        "release": "; ".join(f"{stack} {release}" for stack, release in seen.releases.items()) or "none recorded",
        "trigger": "paused" if seen.backlog.paused else "running",
        "waiting": _waiting(seen.backlog),
        "dead letters": str(seen.backlog.dead_letters),
        "last file": f"{last['source_file']} {last['state']}, claimed {last['claimed_at']}" if last else "none",
        "last hour": f"files: {files}; rows: {rows}, {hour.rows_rescued} rescued",
        "stuck": _names(seen.stuck),
        "failed": _names(seen.failed),
        "alarms": _alarms(seen),
    }
    for name, text in facts.items():
        show.data(f"{name:<13} {text}")
    for problem in problems:
        show.data(f"! {problem.what}   Look: {problem.command}")


def _waiting(backlog: Backlog) -> str:
    if not backlog.waiting:
        return "0 messages"
    oldest = "unknown" if backlog.oldest_seconds is None else f"{backlog.oldest_seconds / 60:.0f} minutes"
    return f"about {backlog.waiting} messages, age of the oldest: {oldest}"


def _names(files: list[str]) -> str:
    more = f" and {len(files) - NAMED} more" if len(files) > NAMED else ""
    return f"{len(files)}: {', '.join(files[:NAMED])}{more}" if files else "0"


def _alarms(seen: Status) -> str:
    def named(state: str) -> list[str]:
        return [alarm.name for alarm in seen.alarms if alarm.state == state]

    ringing, silent = named("ALARM"), named("INSUFFICIENT_DATA")
    parts = [f"{len(seen.alarms)}", f"ringing: {', '.join(ringing) or 'none'}"]
    return ", ".join([*parts, f"not evaluated yet: {len(silent)}"] if silent else parts)
