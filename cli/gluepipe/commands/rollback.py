"""rollback: go back to an earlier release."""

import click

from gluepipe.commands import output as show
from gluepipe.commands.decisions import deciding, decision_options
from gluepipe.commands.options import environment_argument, pass_project, stack_option
from gluepipe.errors import UsageProblem
from gluepipe.names import Stack
from gluepipe.project import Project


@click.command()
@environment_argument
@stack_option
@click.option("--to", metavar="RELEASE", help="Release to go back to; needs --stack.  [default: the one before]")
@decision_options
@pass_project
def rollback(
    project: Project, environment: str, stacks: list[Stack], to: str | None, yes: bool, wait: bool, timeout: int
) -> None:
    """Bring ENV back to an earlier release: its configuration from git, its own bytes. Data is never touched.

    \b
    gluepipe rollback prod --stack application
    gluepipe rollback prod --stack application --to 20261125T1304
    """
    from gluepipe.delivery import promotion

    if to and len(stacks) != 1:
        raise UsageProblem("--to needs --stack.", "A release belongs to one stack.")
    chosen = project.settings.environment(environment)
    promotion.roll_back(project, chosen, stacks, to, show.words, deciding(project, yes, wait, timeout))
