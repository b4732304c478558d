"""smoke: prove that an environment works."""

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import environment_argument, pass_project, timeout_option
from gluepipe.project import Project


@click.command()
@environment_argument
@timeout_option(900, "Longest wait for the file.")
@pass_project
def smoke(project: Project, environment: str, timeout: int) -> None:
    """Send a known file through ENV, follow it to its table, clean up, and mark the live releases as tested.

    The file's dataset is a reserved one, gluepipe_smoke_*, whose table is dropped afterwards.
    """
    from gluepipe.delivery import smoke as library

    library.check(project, project.settings.environment(environment), show.words, timeout)
