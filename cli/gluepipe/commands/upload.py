"""upload: put files where the pipeline finds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import environment_argument, json_option, pass_project, timeout_option
from gluepipe.errors import ExitCode
from gluepipe.project import Project

if TYPE_CHECKING:
    from gluepipe.operations.upload import Outcome

LARGE = 8 << 20  # bytes that take long enough to be told about
NAMED = 3


@click.command()
@environment_argument
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dataset", help="Table to load into.  [default: the file's name without its suffix]")
@click.option("--wait", is_flag=True, help="Wait until the files are loaded, or failed; exit 1 if any failed.")
@timeout_option(900, "With --wait: longest wait.")
@json_option
@pass_project
@click.pass_context
def upload(
    context: click.Context,
    project: Project,
    environment: str,
    files: tuple[Path, ...],
    dataset: str | None,
    wait: bool,
    timeout: int,
    as_json: bool,
) -> None:
    """Upload CSVs to the input bucket of ENV and, with --wait, follow them until they are rows of a table.

    \b
    gluepipe upload dev orders.csv --wait
    gluepipe upload dev 2026-*.csv.gz --dataset orders
    """
    from gluepipe.operations import upload as library

    chosen = project.settings.environment(environment)
    checked, uploads = library.check_files(files, dataset), []
    bucket = library.open_bucket(project, chosen)
    for file, name in checked:
        with _told_about(file) as report:
            uploads.append(bucket.upload(file, name, report))
        show.words(f"Uploaded {uploads[-1].uri} (dataset {name})")
    outcomes = [library.Outcome(uploaded, "uploaded") for uploaded in uploads]
    if wait:
        with show.progress("Waiting for the trigger") as step:
            outcomes = bucket.follow(uploads, timeout, lambda latest: step.update(_summary(latest)))
    if as_json:
        show.json_document({"files": [outcome.as_document() for outcome in outcomes]})
    elif wait:
        _print(outcomes, environment, project.settings.names(chosen).database)
    if wait and any(outcome.state != "succeeded" for outcome in outcomes):
        context.exit(ExitCode.FAILURE)


@contextmanager
def _told_about(file: Path) -> Iterator[Callable[[int], None]]:
    """Tell how much of a file is there, if it is large; yields what is to be given the number of bytes that came."""
    size, done = file.stat().st_size, 0
    if size < LARGE:
        yield lambda _count: None
        return
    with show.progress(f"Uploading {file}") as step:

        def report(count: int) -> None:
            nonlocal done
            done += count
            step.update(f"Uploading {file}: {10 * (10 * done // size)} %")

        yield report


def _summary(outcomes: list[Outcome]) -> str:
    if len(outcomes) <= NAMED:
        return ", ".join(f"{outcome.upload.file.name}: {outcome.state}" for outcome in outcomes)
    return ", ".join(f"{count} {state}" for state, count in Counter(outcome.state for outcome in outcomes).items())


def _print(outcomes: list[Outcome], environment: str, database: str) -> None:
    columns = ["file", "state", "rows", "set aside", "rescued", "table"]
    rows = [
        (
            outcome.upload.file.name,
            outcome.state,
            outcome.item.get("rows_written"),
            outcome.item.get("rows_quarantined"),
            outcome.item.get("rows_rescued"),
            f"{database}.{outcome.upload.dataset}" if outcome.state == "succeeded" else "",
        )
        for outcome in outcomes
    ]
    show.table(columns, rows)
    for outcome in outcomes:
        if not outcome.is_final:
            show.words(f"{outcome.upload.file.name}: still {outcome.state}; look again: gluepipe status {environment}")
        elif outcome.reason:
            show.words(f"{outcome.upload.file.name}: {outcome.reason}")
    if loaded := [outcome.upload.dataset for outcome in outcomes if outcome.state == "succeeded"]:
        show.words(f"To see rows: gluepipe table {environment} {loaded[0]}")
