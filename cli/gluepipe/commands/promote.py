"""promote, approve, reject: bring a proven release to the next environment."""

import sys
from dataclasses import asdict

import click

from gluepipe.commands import output as show
from gluepipe.commands.decisions import deciding, decision_options, show_plan
from gluepipe.commands.options import json_option, pass_project, stack_option
from gluepipe.errors import UsageProblem
from gluepipe.names import Stack
from gluepipe.project import Project


@click.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@stack_option
@decision_options
@click.option("--save", is_flag=True, help="Only save the plan for approval and print its id; needs --stack.")
@pass_project
def promote(
    project: Project, source: str, target: str, stacks: list[Stack], yes: bool, wait: bool, timeout: int, save: bool
) -> None:
    """Bring what was released to FROM, and smoke-tested there, to TO: the same bytes, an approved plan, a smoke test.

    \b
    gluepipe promote dev prod
    gluepipe promote dev prod --stack application --wait
    """
    from gluepipe.delivery import promotion, smoke

    here, there = project.settings.environment(source), project.settings.environment(target)
    if save:
        _save(project, source, target, stacks)
        return
    try:
        promotion.promote(project, here, there, stacks, show.words, deciding(project, yes, wait, timeout))
    except smoke.SmokeTestError as error:
        if yes or not sys.stdin.isatty() or not click.confirm(f"{error.reason}\nRoll back now?", err=True):
            raise
        decide = deciding(project, yes=True, wait=False, timeout=timeout)
        promotion.roll_back(project, there, stacks, None, show.words, decide)


def _save(project: Project, source: str, target: str, stacks: list[Stack]) -> None:
    from gluepipe.delivery import promotion

    if len(stacks) != 1:
        raise UsageProblem("--save needs --stack.", "The application is planned once the infrastructure is applied.")
    here, there = project.settings.environment(source), project.settings.environment(target)
    plan = promotion.plan_promotion(project, here, there, stacks[0], show.words)
    if plan:
        show_plan(plan)
        show.data(plan.id)


@click.command()
@click.argument("plan_id", metavar="PLAN")
@click.option("--reason", default="", help="Why; kept with the decision.")
@pass_project
def approve(project: Project, plan_id: str, reason: str) -> None:
    """Approve a saved plan that somebody else made."""
    _decide(project, plan_id, "approved", reason)


@click.command()
@click.argument("plan_id", metavar="PLAN")
@click.option("--reason", required=True, help="Why; kept with the decision.")
@pass_project
def reject(project: Project, plan_id: str, reason: str) -> None:
    """Reject a saved plan: it can never be applied."""
    _decide(project, plan_id, "rejected", reason)


@click.command(name="plan-summary")
@click.argument("plan_id", metavar="PLAN")
@click.option("--limit", type=int, help="Cut after the last line that fits into so many characters.")
@json_option
@pass_project
def plan_summary(project: Project, plan_id: str, limit: int | None, as_json: bool) -> None:
    """Show what a saved plan would do, as its approver needs it."""
    from gluepipe.delivery.saved_plans import open_plan

    _store, plan = open_plan(project, plan_id)
    if as_json:
        show.json_document(asdict(plan.summary))
    else:
        show.data(plan.summary.text(limit))


def _decide(project: Project, plan_id: str, verdict: str, reason: str) -> None:
    from gluepipe.delivery import actors, approvals
    from gluepipe.delivery.saved_plans import open_plan

    store, plan = open_plan(project, plan_id)
    show_plan(plan)
    approvals.decide(store, plan, approvals.Verdict(verdict), actors.current(project), reason)
    show.words(f"{plan.id}: {verdict}")
