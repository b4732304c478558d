"""quarantine: the rows that were set aside, and how they come back."""

from __future__ import annotations

import shlex
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gluepipe.commands import output as show
from gluepipe.commands.group import Group
from gluepipe.commands.options import dataset_option, environment_argument, json_option, limit_option, pass_environment
from gluepipe.moments import clock

if TYPE_CHECKING:
    from gluepipe.operations.deployed import Deployed


@click.group(cls=Group)
def quarantine() -> None:
    """Look at the rows that were set aside, export them, and load them once they are repaired.

    FILE is a key in the input bucket, an s3:// URI or a file_id.
    """


@quarantine.command("list")
@environment_argument
@dataset_option("Only files of this dataset.")
@limit_option
@json_option
@pass_environment
def list_(deployed: Deployed, dataset: str | None, limit: int | None, as_json: bool) -> None:
    """List the files of ENV with rows set aside."""
    from gluepipe.operations.quarantine import list_quarantined

    found = islice(list_quarantined(deployed, dataset), limit)
    if as_json:
        show.json_array(each.as_document() for each in found)
        return
    # A file whose ledger item has expired goes by its id.
    rows = [
        (each.dataset, each.item.get("key", each.file_id), each.item.get("rows_quarantined"), clock(each.written_at))
        for each in found
    ]
    show.table(["dataset", "file", "set aside", "written"], rows)


@quarantine.command("show")
@environment_argument
@click.argument("file")
@limit_option
@json_option
@pass_environment
def show_(deployed: Deployed, file: str, limit: int | None, as_json: bool) -> None:
    """Show the rows of FILE that were set aside, each with its line, its reason and its text."""
    from glue_jobs.rejects import Reject
    from gluepipe.operations import quarantine as library
    from gluepipe.rejected_row import as_document

    rows = list(library.rows_of(deployed, library.find(deployed, file)))
    if as_json:
        show.json_array(map(as_document, rows[:limit]))
        return
    show.table(Reject._fields, [list(as_document(row).values()) for row in rows[:limit]])
    for reason, count in library.reasons_of(rows).items():
        show.words(f"{reason}: {count}")


@quarantine.command("export")
@environment_argument
@click.argument("file")
@click.option("--to", "target", required=True, type=click.Path(path_type=Path, dir_okay=False), help="File to make.")
@pass_environment
def export(deployed: Deployed, file: str, target: Path) -> None:
    """Write the header and the rows of FILE that were set aside as a CSV, to be repaired."""
    from gluepipe.operations import quarantine as library

    item = library.find(deployed, file)
    count = library.export(deployed, item, target)
    show.words(f"Wrote {count} row{'' if count == 1 else 's'} to {target}. Repair, then:")
    show.words(
        f"  gluepipe quarantine replay {deployed.names.environment} {item['file_id']} {shlex.quote(str(target))}"
    )


@quarantine.command("replay")
@environment_argument
@click.argument("file")
@click.argument("repaired", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@pass_environment
def replay(deployed: Deployed, file: str, repaired: Path | None) -> None:
    """Load the REPAIRED rows of FILE beside those it has; without REPAIRED, process FILE as a whole again.

    The latter is for a repaired contract or transform: the file's rows are replaced.
    """
    from gluepipe.operations import quarantine as library
    from gluepipe.operations import replay as replays

    item = library.find(deployed, file)
    if repaired:
        uri = library.upload_repaired(deployed, item, repaired)
        show.words(f"Uploaded {uri}")
        return
    queued = replays.replay(deployed, replays.by_key(deployed, item["key"]))
    show.words(f"Replaying {item['source_file']}" if queued else f"{item['source_file']} is on its way already.")
