"""report: a page about a period of an environment."""

from datetime import datetime
from pathlib import Path

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import environment_argument, pass_project, period, since_option
from gluepipe.project import Project


@click.command()
@environment_argument
@click.option(
    "--html",
    "target",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    required=True,
    metavar="FILE",
    help="Where to write the page; an older one there is replaced.",
)
@since_option
@pass_project
def report(project: Project, environment: str, target: Path, since: datetime | None) -> None:
    """Write a page about ENV: throughput, latency, quality by dataset, slowest files, failures, cost.

    Without --since: about the last 7 days. The page is one file that loads nothing from anywhere, to be opened in a
    browser, mailed or kept.

    \b
    gluepipe report prod --html report.html
    gluepipe report prod --html report.html --since 30d
    """
    from gluepipe.operations.cost import prices_of
    from gluepipe.operations.deployed import open_environment
    from gluepipe.report.activity import read_activity
    from gluepipe.report.page import render
    from gluepipe.units import count, size

    if not target.absolute().parent.is_dir():
        raise click.BadParameter(f"There is no folder {target.parent}; make it first.", param_hint="--html")
    prices = prices_of(project.settings)
    begin, end = period(since)
    deployed = open_environment(project, environment)
    with show.progress(f"Reading the ledger of {environment}"):
        activity = read_activity(deployed, prices, begin, end)
    target.write_text(render(environment, activity), encoding="utf-8")
    show.words(f"Wrote {target}: {count(activity.states.total())} files on {size(target.stat().st_size)} of page.")
