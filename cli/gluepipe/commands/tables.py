"""tables, table: what the files became."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import environment_argument, json_option, pass_environment

if TYPE_CHECKING:
    from gluepipe.operations.deployed import Deployed


@click.command()
@environment_argument
@json_option
@pass_environment
def tables(deployed: Deployed, as_json: bool) -> None:
    """List the tables of ENV: one for each dataset of which a file was loaded."""
    from gluepipe.operations.catalog import list_tables

    found = list_tables(deployed)
    if as_json:
        show.json_array(table.as_document() for table in found)
        return
    show.table(["table", "columns", "location"], [(each.name, len(each.columns), each.location) for each in found])


@click.command()
@environment_argument
@click.argument("dataset")
@click.option("--rows", type=click.IntRange(min=0), default=3, show_default=True, metavar="N", help="Rows to show.")
@json_option
@pass_environment
def table(deployed: Deployed, dataset: str, rows: int, as_json: bool) -> None:
    """Show the table of DATASET in ENV: its name, place and columns, and rows of the file that was loaded last.

    \b
    gluepipe table dev orders
    gluepipe table dev orders --rows 100 --json
    """
    from gluepipe.operations.catalog import find_table, first_rows

    found = find_table(deployed, dataset)
    sample = first_rows(deployed, dataset, rows) if rows else []
    if as_json:
        show.json_document(found.as_document() | {"rows": sample})
        return
    show.data(f"{found.name} at {found.location}")
    # A row stands in a column: tables may be of any width, terminals are not.
    columns = ["column", "type", *(f"row {number}" for number in range(1, len(sample) + 1))]
    show.table(columns, [[each.name, each.type, *(row.get(each.name) for row in sample)] for each in found.columns])
