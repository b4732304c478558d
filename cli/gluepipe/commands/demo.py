"""demo: the whole pipeline, emulated, on real data."""

from __future__ import annotations

import re
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import pass_project, timeout_option
from gluepipe.errors import GluePipeError
from gluepipe.names import Stack
from gluepipe.project import Project
from gluepipe.settings import Environment, Target

if TYPE_CHECKING:
    from gluepipe.operations.deployed import Deployed
    from gluepipe.operations.upload import Outcome

# Of all that Terraform prints, the lines that tell that it gets on.
PROGRESS_LINE = re.compile(
    r"^(?P<address>\S+): (?P<what>Creation|Modifications|Destruction) complete after (?P<time>\S+)"
)

SHOWN_ROWS = 5


@click.command()
@click.option("--env", "environment", default="dev", show_default=True, help="Environment to use.")
@timeout_option(300, "Longest wait for the files.")
@pass_project
def demo(project: Project, environment: str, timeout: int) -> None:
    """Deploy to the emulated account, drop CSVs in, show the tables. No AWS account is needed or touched."""
    chosen = project.settings.environment(environment)
    if project.settings.target is not Target.EMULATOR:
        raise GluePipeError('The demo is for the emulated account only; gluepipe.toml says target = "aws".')
    started = time.monotonic()
    show.words(f"1/3  Deploying {environment} to the emulated account, with Terraform")
    _deploy(project, environment)
    show.words("2/3  Uploading CSVs to the input bucket")
    outcomes = _load(project, chosen, timeout)
    show.words("3/3  What came of them")
    _present(project, chosen, outcomes)
    show.words(f"\nDone in {time.monotonic() - started:.0f} s.")


def _deploy(project: Project, environment: str) -> None:
    from gluepipe.delivery import releasing
    from gluepipe.deployment import stacks

    deployment = stacks.open_deployment(project, environment, _indented, show=tell_progress)
    for _ in releasing.apply(deployment, list(Stack), _indented, lambda _question: True):
        pass


def _indented(text: str) -> None:
    show.words(f"     {text}")


def tell_progress(line: str) -> None:
    if found := PROGRESS_LINE.match(line):
        show.words(f"       {found['address']} ({found['time']})")


def _load(project: Project, environment: Environment, timeout: int) -> list[Outcome]:
    from gluepipe.demo import data as library
    from gluepipe.operations import upload

    bucket, uploads = upload.open_bucket(project, environment), []
    for file, dataset in upload.check_files(library.files()):
        uploads.append(bucket.upload(file, dataset))
        _indented(f"{uploads[-1].uri} ({uploads[-1].size:,} bytes)")
    show.words("     Waiting for the trigger, the job and the tables")
    seen: dict[str, str] = {}

    def report(latest: list[Outcome]) -> None:
        for outcome in latest:
            if seen.get(outcome.upload.key) != outcome.state:
                seen[outcome.upload.key] = outcome.state
                _indented(f"{outcome.upload.key}: {outcome.state} {outcome.reason}".rstrip())

    outcomes = bucket.follow(uploads, timeout, report)
    if late := [outcome for outcome in outcomes if outcome.state != "succeeded"]:
        listed = ", ".join(f"{outcome.upload.key} ({outcome.state} {outcome.reason})" for outcome in late)
        raise GluePipeError(f"Not every file was loaded: {listed}.", f"Look further: gluepipe logs {environment.name}")
    return outcomes


def _present(project: Project, environment: Environment, outcomes: list[Outcome]) -> None:
    from gluepipe.demo import data as library
    from gluepipe.operations.deployed import open_environment
    from gluepipe.operations.quarantine import rows_of
    from gluepipe.rejected_row import as_document

    deployed = open_environment(project, environment.name)
    loaded = {outcome.upload.dataset: outcome for outcome in outcomes}
    show.table(
        ["dataset", "rows", "set aside", "Parquet"],
        [
            (name, f"{o.item['rows_written']:,}", o.item.get("rows_quarantined", 0), "\n".join(o.item["outputs"]))
            for name, o in loaded.items()
        ],
    )
    _present_table(deployed, library.SHOWN_DATASET, loaded[library.SHOWN_DATASET].item["rows_written"])
    messy = loaded[library.MESSY_DATASET]
    show.data(f"\nRows of {messy.upload.file.name} that were set aside, with the reason")
    rejected = [as_document(row) for row in rows_of(deployed, messy.item)]
    show.table(["line", "reason", "detail", "text"], [list(row.values()) for row in rejected])
    show.data("\nWhat to type next")
    called = program()
    show.table(
        ["", ""],
        [(f"  {called} {command}", purpose) for command, purpose in next_steps(environment.name)],
    )


def next_steps(name: str) -> list[tuple[str, str]]:
    return [
        (f"upload {name} FILE.csv --wait", "load a CSV of your own"),
        (f"table {name} flights", "look at a table again, or at one of your own"),
        (f"files {name}", "see every file the pipeline has seen"),
        (f"plan {name}", "see what Terraform would change: nothing"),
        (f"destroy {name} --delete-data", "take it all away"),
        ("emulator down", "stop the emulated accounts"),
    ]


def program() -> str:
    """Return how this very program can be called from here."""
    called = Path(sys.argv[0]).absolute()
    if shutil.which(called.name) or not called.is_relative_to(Path.cwd()):
        return called.name
    return str(called.relative_to(Path.cwd()))


def _present_table(deployed: Deployed, dataset: str, row_count: int) -> None:
    from glue_jobs.metadata import METADATA_COLUMNS
    from gluepipe.operations.catalog import find_table, first_rows

    table = find_table(deployed, dataset)
    show.data(f"\nTable {table.name} ({row_count:,} rows) at {table.location}")
    show.table(["column", "type"], [(column.name, column.type) for column in table.columns])
    rows = first_rows(deployed, dataset, SHOWN_ROWS)
    data_columns = [name for name in (rows[0] if rows else {}) if not name.startswith("_")]
    chosen = [*[name for name in data_columns if name not in METADATA_COLUMNS][:4], *METADATA_COLUMNS]
    show.data("\nIts first rows (four of the data columns, and the three that the job adds)")
    show.table(chosen, [[_cell(row[name]) for name in chosen] for row in rows])


def _cell(value: Any) -> Any:
    return value.isoformat(sep=" ", timespec="seconds") if hasattr(value, "hour") else value
