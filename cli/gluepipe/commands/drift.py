"""drift: what was changed outside Terraform."""

from dataclasses import asdict

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import environment_argument, json_option, pass_project, stack_option
from gluepipe.names import Stack
from gluepipe.project import Project

DRIFTED = 2


@click.command()
@environment_argument
@stack_option
@json_option
@pass_project
@click.pass_context
def drift(context: click.Context, project: Project, environment: str, stacks: list[Stack], as_json: bool) -> None:
    """Tell what in ENV is not as the last apply left it; exit 2 when anything is not. Nothing is changed."""
    from gluepipe.console import hidden
    from gluepipe.deployment import drift as library
    from gluepipe.deployment.stacks import open_deployment
    from gluepipe.names import Role

    deployment = open_deployment(project, environment, show.words, show=hidden, role=Role.PLAN)
    found = library.look(deployment, stacks, show.words)
    if as_json:
        show.json_document({"drift": [asdict(each) for each in found]})
    for each in found if not as_json else []:
        show.data(f"{each.stack}: {each}")
    if found:
        context.exit(DRIFTED)
    show.words(f"{environment}: no drift")
