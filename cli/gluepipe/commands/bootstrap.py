"""bootstrap: prepare an account, or remove what prepared it."""

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import confirmation, pass_project, yes_option
from gluepipe.errors import UsageProblem
from gluepipe.project import Project


@click.command()
@click.argument("account")
@click.option(
    "--destroy", is_flag=True, help="Remove all of it instead; refuses while anything in the account needs it."
)
@click.option("--delete-history", is_flag=True, help="With --destroy: delete the records of releases too.")
@yes_option
@pass_project
def bootstrap(project: Project, account: str, destroy: bool, delete_history: bool, yes: bool) -> None:
    """Prepare an account: state bucket, key and, where it holds an environment, deploy role and plan role.

    ACCOUNT is a name in [accounts] of gluepipe.toml. Needs an administrator's credentials of that account. Running it
    again changes only what the configuration changed.
    """
    from gluepipe import access
    from gluepipe.deployment import bootstrap as library
    from gluepipe.deployment import teardown
    from gluepipe.terraform import toolchain
    from gluepipe.terraform.runner import PlanResult

    if delete_history and not destroy:
        raise UsageProblem("--delete-history goes with --destroy.", "bootstrap itself deletes nothing.")
    chosen = project.settings.account(account)
    if news := access.start_emulator(project):
        show.words(news)
    tools, confirm = toolchain.assemble(project, chosen), confirmation(project, yes)
    if destroy:
        gone = teardown.run(project, chosen, tools, delete_history, show.words, confirm)
        show.words(f"bootstrap {account}: {'destroyed' if gone else 'nothing to destroy'}")
        return
    result = library.run(project, chosen, tools, confirm)
    show.words(f"bootstrap {account}: {'no changes' if result is PlanResult.NO_CHANGES else 'applied'}")
