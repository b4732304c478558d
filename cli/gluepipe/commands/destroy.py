"""destroy: the one command that deletes."""

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import confirmation, environment_argument, pass_project, stack_option, yes_option
from gluepipe.errors import GluePipeError
from gluepipe.names import Stack
from gluepipe.project import Project


@click.command()
@environment_argument
@stack_option
@click.option("--delete-data", is_flag=True, help="Delete what the data buckets hold, every version of it.")
@click.option("--confirm", metavar="ENV", help="Confirm --delete-data by naming the environment.")
@click.option("--even-protected", is_flag=True, help="Destroy a protected environment too.")
@yes_option
@pass_project
def destroy(
    project: Project,
    environment: str,
    stacks: list[Stack],
    delete_data: bool,
    confirm: str | None,
    even_protected: bool,
    yes: bool,
) -> None:
    """Remove both stacks, application first.

    Refuses, before anything is deleted, while the data buckets hold objects, old versions or delete markers. The
    account's state bucket, key and deploy role stay.
    """
    from gluepipe.deployment import destroy as library
    from gluepipe.deployment.stacks import open_deployment

    permissions = library.Permissions(delete_data, even_protected)
    deployment = open_deployment(project, environment, show.words)
    deletes_data = Stack.INFRASTRUCTURE in stacks
    holding = library.check(project, deployment.environment, permissions) if deletes_data else []
    if holding:
        for contents in holding:
            show.words(f"To be deleted: {contents}")
        _confirm_by_name(environment, confirm, yes)
    library.destroy(deployment, stacks, permissions, show.words, confirmation(project, yes or bool(confirm)))


def _confirm_by_name(environment: str, confirm: str | None, yes: bool) -> None:
    if confirm is None and not yes:
        confirm = click.prompt(f"Type {environment} to delete this data for good", err=True)
    if confirm is not None and confirm != environment:
        raise GluePipeError(f'"{confirm}" is not "{environment}"; nothing was deleted.')
