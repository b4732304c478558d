"""files, file: what happened to every file, and the whole story of one."""

from __future__ import annotations

import shlex
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import (
    dataset_option,
    environment_argument,
    json_option,
    limit_option,
    pass_environment,
    since_option,
)
from gluepipe.moments import clock
from lambda_trigger.ledger_item import State

if TYPE_CHECKING:
    from gluepipe.operations.deployed import Deployed
    from gluepipe.operations.files import Story

COLUMNS = ["state", "file", "in", "out", "set aside", "rescued", "claimed", "run", "error"]


@click.command()
@environment_argument
@dataset_option("Only files of this dataset.")
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only files in this state.")
@since_option
@limit_option
@json_option
@pass_environment
def files(
    deployed: Deployed,
    dataset: str | None,
    state: str | None,
    since: datetime | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """List what happened to the files of ENV, the latest first.

    \b
    gluepipe files dev --state failed
    gluepipe files dev --dataset orders --since 2d --limit 0 --json
    """
    from gluepipe.operations.ledger import Filter, list_files

    which = Filter(dataset, State(state) if state else None, since)
    found = list_files(deployed.ledger, which, limit)
    if as_json:
        show.json_array(found)
        return
    rows = [_row(item, deployed.names.input_bucket) for item in found]
    show.table(COLUMNS, rows)
    if limit is not None and len(rows) == limit:
        show.words(f"The latest {limit}; --limit 0 lists every one.")


@click.command()
@environment_argument
@click.argument("key")
@json_option
@pass_environment
def file(deployed: Deployed, key: str, as_json: bool) -> None:
    """Tell the story of one file of ENV: its state, rows, outputs, error, the bucket's events and log lines.

    KEY is its key in the input bucket, its s3:// URI or its file_id. Of a file that the ledger does not know, it tells
    whether its upload arrived at all.
    """
    from gluepipe.operations.files import story_of

    story = story_of(deployed, key)
    if as_json:
        show.json_document(story.as_document())
    else:
        _print(story, deployed.names.environment)


def _row(item: dict[str, Any], input_bucket: str) -> list[Any]:
    from gluepipe.operations.ledger import ROW_COUNTS
    from gluepipe.operations.runs import short

    numbers = [item.get(name) for name in ROW_COUNTS]
    file = str(item["source_file"]).removeprefix(f"s3://{input_bucket}/")
    run, error = short(item.get("run_id") or ""), (item.get("error") or {}).get("code")
    return [item["state"], file, *numbers, clock(item["claimed_at"]), run, error]


def _print(story: Story, environment: str) -> None:
    from gluepipe.operations.ledger import ROW_COUNTS

    item = story.item
    facts = ["source_file", "version_id", "file_id", "dataset", "size", "state", "attempts", "run_id", "release"]
    times = ["claimed_at", "started_at", "finished_at"]
    counts = [*ROW_COUNTS, "bytes_in", "bytes_out", "dpu_seconds"]
    for name in (*facts, *times, *counts):
        if item.get(name) is not None:
            show.data(f"{name:<17} {item[name]}")
    for output in item.get("outputs") or []:
        show.data(f"{'output':<17} {output}")
    if error := item.get("error"):
        line = f" (line {error['line']})" if error.get("line") else ""
        show.data(f"{'error':<17} {error['code']}: {error['message']}{line}")
    if item["state"] == "failed":
        command = f"gluepipe replay {environment} {shlex.quote(item['key'])}"
        show.data(f"{'to try again':<17} {command}, or upload a corrected file under the same key")
    if item.get("unusual"):
        show.data(f"{'unusual':<17} {item['unusual']}")
    if again := item.get("requeued"):
        before = f", after {again['error']['code']} in {again.get('run_id')}" if again.get("error") else ""
        show.data(f"{'queued again':<17} {again['at']}, {again['why']}{before}")
    for other in story.others:
        show.data(f"{'other version':<17} {other['file_id']} {other['state']} {other['claimed_at']}")
    for logged in story.lines:
        show.log_line(logged)
