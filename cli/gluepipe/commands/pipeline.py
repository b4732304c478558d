"""pipeline: the delivery pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gluepipe.commands import output as show
from gluepipe.commands.decisions import LONGEST_WAIT, wait_for_decision
from gluepipe.commands.group import Group
from gluepipe.commands.options import STACKS, confirmation, json_option, pass_project, yes_option
from gluepipe.errors import UsageProblem
from gluepipe.project import Project

if TYPE_CHECKING:
    from gluepipe.pipelines.codepipeline import Pipelines, StageState

stack_argument = click.argument("stack", metavar="STACK", type=STACKS)


@click.group(cls=Group)
def pipeline() -> None:
    """Apply, watch and steer the two delivery pipelines in the pipeline account.

    STACK is infrastructure or application: what the pipeline delivers.
    """


@pipeline.command()
@yes_option
@click.option("--restart", type=STACKS, help="When anything changed, start this pipeline anew ...")
@click.option("--execution", metavar="ID", help="... and stop this execution of it.")
@pass_project
def apply(project: Project, yes: bool, restart: str | None, execution: str | None) -> None:
    """Create or update the pipelines. A pipeline does this to itself first, so that it delivers by its newest form."""
    from gluepipe.pipelines import pipeline_stack
    from gluepipe.terraform.runner import PlanResult

    changed = pipeline_stack.apply(project, show.words, confirmation(project, yes))
    if restart and execution and changed is PlanResult.CHANGES:
        started = _open(project).restart(restart, execution)
        show.words(f"{restart}: changed by itself, started again as {started}")


@pipeline.command()
@yes_option
@pass_project
def destroy(project: Project, yes: bool) -> None:
    """Remove the pipelines with their roles and artifacts. Environments and their releases stay as they are."""
    from gluepipe.pipelines import pipeline_stack

    pipeline_stack.destroy(project, show.words, confirmation(project, yes))


@pipeline.command()
@json_option
@pass_project
def status(project: Project, as_json: bool) -> None:
    """Show where each stage of both pipelines has got to."""
    from dataclasses import asdict

    pipelines = _open(project)
    states = {stack: pipelines.stages(stack) for stack in STACKS.choices}
    if as_json:
        show.json_document({stack: [asdict(state) for state in stages] for stack, stages in states.items()})
        return
    columns = ["pipeline", "stage", "status", "since", "execution", "what it says"]
    show.table(columns, [_row(stack, state) for stack, stages in states.items() for state in stages])


def _open(project: Project) -> Pipelines:
    from gluepipe.pipelines.codepipeline import open_pipelines

    return open_pipelines(project)


def _row(stack: str, state: StageState) -> tuple[str, ...]:
    return (stack, state.stage, state.status, state.changed_at, state.execution[:8], state.summary)


@pipeline.command()
@stack_argument
@pass_project
def start(project: Project, stack: str) -> None:
    """Start a pipeline on the newest commit."""
    show.data(_open(project).start(stack))


@pipeline.command()
@stack_argument
@click.option("--skip", multiple=True, metavar="STAGE", help="Leave a stage out; may be given several times.")
@click.option("--approver", metavar="NAME", help="Approve as this person.  [default: wait for `gluepipe approve`]")
@pass_project
def run(project: Project, stack: str, skip: tuple[str, ...], approver: str | None) -> None:
    """Run a pipeline of the emulated accounts on this machine: the stages and commands that the service has."""
    from gluepipe.pipelines import local
    from gluepipe.settings import Target

    if project.settings.target is not Target.EMULATOR:
        raise UsageProblem("On AWS the service runs the pipelines.", f"gluepipe pipeline start {stack}")
    local.run(project, stack, set(skip), show.words, lambda text: _answer(project, text, approver))


def _answer(project: Project, text: str, approver: str | None) -> None:
    from gluepipe.delivery import approvals
    from gluepipe.delivery.saved_plans import open_plan

    show.words(text)
    named = text.partition("\n")[0].removeprefix("Plan ").strip()
    if not named:
        return
    store, plan = open_plan(project, named)
    if approver:
        approvals.decide(store, plan, approvals.Verdict.APPROVED, approver, "seen")
    else:
        approvals.check(wait_for_decision(store, plan, LONGEST_WAIT), plan)


@pipeline.command()
@stack_argument
@click.option("--reason", default="", help="Why; kept with the decision.")
@pass_project
def approve(project: Project, stack: str, reason: str) -> None:
    """Let what waits in the approval stage go on."""
    _open(project).decide(stack, approved=True, comment=reason)
    show.words(f"{stack}: approved")


@pipeline.command()
@stack_argument
@click.option("--reason", required=True, help="Why; kept with the decision.")
@pass_project
def reject(project: Project, stack: str, reason: str) -> None:
    """Stop what waits in the approval stage."""
    _open(project).decide(stack, approved=False, comment=reason)
    show.words(f"{stack}: rejected")


@pipeline.command()
@stack_argument
@pass_project
def retry(project: Project, stack: str) -> None:
    """Run the failed stage of a pipeline again."""
    show.words(f"{stack}: trying {_open(project).retry(stack)} again")


@pipeline.command(name="record-approval")
@click.argument("plan_id", metavar="PLAN")
@click.option("--pipeline", "stack", type=STACKS, required=True, help="Pipeline whose approval stage was passed.")
@click.option("--execution", metavar="ID", required=True, help="Execution that was approved.")
@pass_project
def record_approval(project: Project, plan_id: str, stack: str, execution: str) -> None:
    """Write down, beside a saved plan, who let it pass the approval stage of its pipeline."""
    from gluepipe.delivery import approvals
    from gluepipe.delivery.saved_plans import open_plan

    store, plan = open_plan(project, plan_id)
    decision = approvals.find(store, plan)
    if decision is None:
        who = _open(project).approver(stack, execution)
        decision = approvals.decide(store, plan, approvals.Verdict.APPROVED, who.by, who.comment)
    show.words(f"{plan.id}: {decision.verdict} by {decision.by}")


@pipeline.command()
@click.argument("form", type=click.Choice(["github"]))
@pass_project
def export(project: Project, form: str) -> None:
    """Write the same two pipelines as GitHub Actions workflows, for teams without CodePipeline.

    The repository needs the variable GLUEPIPE_PIPELINE_ROLE (the role that bootstrap makes where [github] is set in
    gluepipe.toml) and one environment per account; required reviewers of the second one are the approval.
    """
    from gluepipe.pipelines import github_actions

    order = project.settings.promotion_order
    if len(order) != 2:
        reason = f"promotion.order in {project.settings.path.name} names {len(order)} environments."
        raise UsageProblem(reason, 'The workflows deliver to two, such as ["dev", "prod"].')
    branch = project.settings.github.branch if project.settings.github else "main"
    for file in github_actions.export(project.root, project.settings.region, *order, branch=branch):
        show.data(str(file.relative_to(project.root)))
