"""cost: what an environment's files cost."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import (
    dataset_option,
    environment_argument,
    json_option,
    pass_project,
    period,
    since_option,
)
from gluepipe.project import Project

if TYPE_CHECKING:
    from gluepipe.operations.cost import Bill, Cost, Usage

COLUMNS = ["dataset", "files", "bytes in", "DPU-hours", "runs", "requests", "a file", "storing a month"]


@click.command()
@environment_argument
@dataset_option("Only files of this dataset.")
@since_option
@json_option
@pass_project
def cost(project: Project, environment: str, dataset: str | None, since: datetime | None, as_json: bool) -> None:
    """Tell what the files of ENV cost, by dataset, and what a month like this would.

    Without --since: the last 7 days. What a run cost is shared out among its files by their size when it has ended;
    the prices are those of gluepipe.toml.

    \b
    gluepipe cost prod
    gluepipe cost prod --dataset orders --since 30d --json
    """
    from gluepipe.operations.cost import prices_of, read_bill
    from gluepipe.operations.deployed import open_environment

    prices = prices_of(project.settings)
    begin, end = period(since)
    bill = read_bill(open_environment(project, environment), prices, dataset, begin, end)
    if as_json:
        show.json_document(bill.as_document())
    else:
        _print(bill)


def _print(bill: Bill) -> None:
    from gluepipe.units import count, dollars

    period = f"{bill.since:%Y-%m-%d %H:%M} to {bill.until:%Y-%m-%d %H:%M} UTC"
    show.words(f"Files claimed from {period}, in US dollars at the prices of {bill.prices.as_of}.")
    rows = [_row(name, usage, cost) for name, usage, cost in bill.by_dataset]
    show.table(COLUMNS, [*rows, _row("total", bill.total, bill.cost)])
    month, runs = bill.month, bill.runs
    show.data(f"\n30 days like these: {dollars(month.processing)}, and {dollars(month.storage_month)} a month to store")
    if runs.runs:
        each = f"{count(runs.runs)} runs of {runs.files / runs.runs:.1f} files each"
        unused = f"{runs.unused_dpu_seconds / 3600:.2f} of them unused, to fill the minute that a run costs at least"
        show.data(f"{each}: {runs.dpu_seconds / 3600:.2f} DPU-hours, {unused}")
    if bill.total.uncharged:
        show.data(f"files not charged yet, because no run of theirs has ended: {count(bill.total.uncharged)}")
    for item in bill.dearest.descending()[:3]:
        show.data(f"dear: {item['key']} {dollars(bill.dollars_of(item))}")
    if runs.hint:
        show.data(f"! {runs.hint}")


def _row(name: str, usage: Usage, cost: Cost) -> list[Any]:
    from gluepipe.units import count, dollars, size

    hours = f"{usage.dpu_seconds / 3600:.2f}"
    each = dollars(cost.processing / usage.files) if usage.files else ""
    money = (dollars(cost.runs), dollars(cost.requests), each, dollars(cost.storage_month))
    return [name, count(usage.files), size(usage.bytes_in), hours, *money]
