"""unlock: release a state lock whose run is dead."""

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import environment_argument, pass_project, stack_option, yes_option
from gluepipe.errors import GluePipeError, UsageProblem
from gluepipe.names import Stack
from gluepipe.project import Project


@click.command()
@environment_argument
@stack_option
@click.argument("lock_id")
@yes_option
@pass_project
def unlock(project: Project, environment: str, stacks: list[Stack], lock_id: str, yes: bool) -> None:
    """Release a state lock that a dead run left behind.

    The failed command names stack and LOCK_ID. Make sure first that the run which holds the lock is dead: two runs
    at once on one state can lose resources.
    """
    from gluepipe.deployment.stacks import open_deployment

    if len(stacks) != 1:
        raise UsageProblem("Which stack's lock?", "Add --stack infrastructure or --stack application.")
    deployment = open_deployment(project, environment, show.words)
    held = deployment.lock(stacks[0])
    if held is None or held.id != lock_id:
        holder = f"{held.id}, by {held}" if held else "nobody"
        raise UsageProblem(f"The {stacks[0]} of {environment} is not locked by {lock_id}, but by {holder}.")
    if not yes and not click.confirm(f"Is the run of {held} really dead?", err=True):
        raise GluePipeError("Not unlocked.")
    deployment.terraform(stacks[0]).force_unlock(lock_id)
