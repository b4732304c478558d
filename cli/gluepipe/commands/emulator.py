"""emulator: start, stop or inspect the emulated accounts."""

import click

from gluepipe.commands import output as show
from gluepipe.commands.group import Group
from gluepipe.commands.options import json_option, pass_project
from gluepipe.errors import ExitCode, GluePipeError
from gluepipe.project import Project
from gluepipe.settings import Target


@click.group(cls=Group)
def emulator() -> None:
    """Start, stop or inspect the emulated accounts.

    They are one process on the loopback; what they hold is gone when it stops.
    """


@emulator.command()
@pass_project
def up(project: Project) -> None:
    """Start the emulated accounts, if they do not run yet."""
    from gluepipe import access
    from gluepipe.emulator import process

    if project.settings.target is not Target.EMULATOR:
        raise GluePipeError('gluepipe.toml says target = "aws".', 'Set target = "emulator" to use emulated accounts.')
    news = access.start_emulator(project) or "The emulated accounts are running already."
    running = process.running(project.emulator_folder)
    show.words(f"{news} {running.url} (process {running.pid})")


@emulator.command()
@pass_project
def down(project: Project) -> None:
    """Stop the emulated accounts; what they hold is gone."""
    from gluepipe.emulator import process

    found = process.down(project.emulator_folder)
    show.words("Stopped." if found.state == "running" else "The emulator was not running.")


@emulator.command()
@json_option
@pass_project
@click.pass_context
def status(context: click.Context, project: Project, as_json: bool) -> None:
    """Tell whether the emulated accounts run; exit 1 when they do not."""
    from gluepipe.emulator import process

    found = process.status(project.emulator_folder)
    url = found.emulator.url if found.emulator and found.state == "running" else None
    if as_json:
        show.json_document({"state": found.state, "url": url})
    else:
        show.data(f"{found.state} at {url}" if url else found.state)
    if found.state != "running":
        context.exit(ExitCode.FAILURE)
