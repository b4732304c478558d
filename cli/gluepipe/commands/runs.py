"""runs, logs: what the job did, and what it and the trigger said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import environment_argument, json_option, limit_option, pass_environment, since_option
from gluepipe.moments import clock

if TYPE_CHECKING:
    from gluepipe.operations.deployed import Deployed

STATES = ["starting", "running", "succeeded", "failed", "stopped", "timeout"]
LOOK_BACK = timedelta(hours=1)
MARGIN = timedelta(minutes=5)


@click.command()
@environment_argument
@click.option("--state", type=click.Choice(STATES, case_sensitive=False), help="Only runs in this state.")
@limit_option
@json_option
@pass_environment
def runs(deployed: Deployed, state: str | None, limit: int | None, as_json: bool) -> None:
    """List the job runs of ENV, the latest first."""
    from gluepipe.operations.runs import list_runs, short

    found = islice(list_runs(deployed, state), limit)
    if as_json:
        show.json_array(run.as_document() for run in found)
        return
    rows = [(short(run.run_id), run.state.lower(), clock(run.started_at), run.seconds, run.error) for run in found]
    show.table(["run", "state", "started", "seconds", "error"], rows)


@click.command()
@environment_argument
@click.option("--run", "run_id", help="Only lines of this job run: its id, or the beginning of it.")
@click.option("--file", "key", help="Only lines about this file: its key, s3:// URI or file_id.")
@since_option
@click.option("--follow", "-f", is_flag=True, help="Go on showing lines as they come, until Ctrl-C.")
@json_option
@pass_environment
def logs(
    deployed: Deployed,
    run_id: str | None,
    key: str | None,
    since: datetime | None,
    follow: bool,
    as_json: bool,
) -> None:
    """Show the events of the input bucket and the log lines of functions and job of ENV in the order of time.

    Without --since: the last hour, or since the run or the file began. With --json: one object a line.
    """
    from gluepipe.operations.ledger import find
    from gluepipe.operations.logs import LogQuery, follow_logs, read_logs
    from gluepipe.operations.runs import find_run

    begin, about, named = datetime.now(UTC) - LOOK_BACK, None, None
    if run_id:
        run = find_run(deployed, run_id)
        run_id, begin = run.run_id, run.started_at - MARGIN
    if key:
        item = find(deployed.ledger, deployed.names, key)[0]
        about, named, begin = item["file_id"], item["key"], datetime.fromisoformat(item["claimed_at"]) - MARGIN
    query = LogQuery(since or begin, run_id, about, named)
    for line in follow_logs(deployed, query) if follow else read_logs(deployed, query):
        if as_json:
            show.json_line(line.as_document())
        else:
            show.log_line(line)
