"""init, plan, apply and output: Terraform for both stacks of an environment."""

from typing import Any

import click

from gluepipe.commands import output as show
from gluepipe.commands.decisions import show_plan
from gluepipe.commands.options import (
    confirmation,
    environment_argument,
    json_option,
    pass_project,
    stack_option,
    yes_option,
)
from gluepipe.names import Stack
from gluepipe.project import Project


@click.command()
@environment_argument
@stack_option
@pass_project
def init(project: Project, environment: str, stacks: list[Stack]) -> None:
    """Write each root's backend and variable files and run terraform init.

    Afterwards bare `terraform plan` works in those folders too (on AWS; the emulated accounts need gluepipe).
    """
    from gluepipe.deployment import stacks as library

    deployment = library.open_deployment(project, environment, show.words)
    for folder in library.initialise(deployment, stacks):
        show.words(f"Ready: {folder.relative_to(project.root)}")


@click.command()
@environment_argument
@stack_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there are changes, as Terraform does.")
@click.option("--save", is_flag=True, help="Save the plans for `approve` and `apply --saved`; print their ids.")
@pass_project
@click.pass_context
def plan(
    context: click.Context,
    project: Project,
    environment: str,
    stacks: list[Stack],
    detailed_exitcode: bool,
    save: bool,
) -> None:
    """Show what an apply would change. Nothing is changed.

    Acts as the account's plan role, which can only read; with --save as its deploy role, because the plan is kept.
    """
    from gluepipe.console import to_stderr, to_stdout
    from gluepipe.delivery import promotion
    from gluepipe.deployment import stacks as library
    from gluepipe.names import Role
    from gluepipe.terraform.runner import PlanResult

    role, terraform_says = (Role.DEPLOY, to_stderr) if save else (Role.PLAN, to_stdout)
    deployment = library.open_deployment(project, environment, show.words, terraform_says, role=role)
    plans = library.plan(deployment, stacks, show.words)
    for saved in promotion.save_plans(deployment, plans) if save else []:
        show_plan(saved)
        show.data(saved.id)
    if detailed_exitcode and any(planned.result is not PlanResult.NO_CHANGES for planned in plans):
        context.exit(PlanResult.CHANGES.value)


@click.command()
@environment_argument
@stack_option
@yes_option
@click.option("--saved", metavar="PLAN", help="Apply exactly this saved plan, or refuse and say what moved.")
@click.option("--wait", type=float, metavar="SECONDS", help="Wait so long for the infrastructure under an application.")
@pass_project
def apply(
    project: Project, environment: str, stacks: list[Stack], yes: bool, saved: str | None, wait: float | None
) -> None:
    """Deploy infrastructure, then application.

    Each stack is planned, shown, and applied by that very plan. Asks before it changes an AWS account. An environment
    later in promotion.order takes only what was smoke-tested in the one before it.
    """
    from gluepipe.delivery import contract_wait, promotion, releasing
    from gluepipe.deployment import stacks as library
    from gluepipe.terraform.runner import PlanResult

    if saved:
        promotion.finish_saved(project, project.settings.environment(environment), saved, show.words)
        return
    deployment = library.open_deployment(project, environment, show.words)
    if wait is not None and stacks == [Stack.APPLICATION]:
        contract_wait.wait(project, deployment.environment, wait, show.words)
    done = list(releasing.apply(deployment, stacks, show.words, confirmation(project, yes)))
    if all(planned.result is PlanResult.NO_CHANGES for planned in done):
        show.words(f"{environment} is up to date.")


@click.command()
@environment_argument
@stack_option
@json_option
@pass_project
def output(project: Project, environment: str, stacks: list[Stack], as_json: bool) -> None:
    """Show the outputs of the stacks."""
    from gluepipe.deployment import stacks as library
    from gluepipe.names import Role

    deployment = library.open_deployment(project, environment, show.words, role=Role.PLAN)
    outputs = library.outputs(deployment, stacks)
    if as_json:
        show.json_document(outputs)
        return
    rows = [
        (stack, name, value)
        for stack, values in outputs.items()
        for top, content in values.items()
        for name, value in _flat(top, content)
    ]
    show.table(["stack", "output", "value"], rows)


def _flat(name: str, value: Any) -> list[tuple[str, Any]]:
    if not isinstance(value, dict):
        return [(name, value)]
    return [pair for key, inner in value.items() for pair in _flat(f"{name}.{key}", inner)]
