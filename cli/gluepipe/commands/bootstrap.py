"""bootstrap: prepare an account."""

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import confirmation, pass_project, yes_option
from gluepipe.project import Project


@click.command()
@click.argument("account")
@yes_option
@pass_project
def bootstrap(project: Project, account: str, yes: bool) -> None:
    """Prepare an account: state bucket, key and deploy role.

    ACCOUNT is a name in [accounts] of gluepipe.toml. Needs an administrator's credentials of that account, once.
    """
    from gluepipe import access, toolchain
    from gluepipe import bootstrap as library
    from gluepipe.terraform import PlanResult

    chosen = project.settings.account(account)
    if news := access.start_emulator(project):
        show.words(news)
    result = library.run(project, chosen, toolchain.assemble(project), confirmation(project, yes))
    show.words(f"bootstrap {account}: {'no changes' if result is PlanResult.NO_CHANGES else 'applied'}")
