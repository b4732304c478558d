"""How a plan comes by its decision on the command line: asked here, given with --yes, or waited for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import confirmation
from gluepipe.errors import UsageProblem
from gluepipe.project import Project

if TYPE_CHECKING:
    from gluepipe.delivery.approvals import Decision
    from gluepipe.delivery.promotion import Decide
    from gluepipe.delivery.saved_plans import SavedPlan
    from gluepipe.delivery.store import DeliveryStore

Command = TypeVar("Command", bound=Callable[..., Any])
LONGEST_WAIT = 24 * 3600


def decision_options(command: Command) -> Command:
    """Add --yes, --wait and --timeout: who decides about the plans."""
    yes = click.option("--yes", "-y", is_flag=True, help="Approve the plans yourself, unasked.")
    wait = click.option("--wait", is_flag=True, help="Wait for `gluepipe approve` or `reject` by somebody else.")
    timeout = click.option("--timeout", default=LONGEST_WAIT, metavar="SECONDS", help="Longest wait.  [default: a day]")
    return yes(wait(timeout(command)))


def deciding(project: Project, yes: bool, wait: bool, timeout: float) -> Decide:
    """Return what shows a plan's summary and gets it decided."""
    if yes and wait:
        raise UsageProblem("--yes and --wait exclude each other.", "Take --wait to let somebody else decide.")

    def decide(store: DeliveryStore, plan: SavedPlan) -> None:
        from gluepipe.delivery import actors, approvals

        show_plan(plan)
        if wait:
            wait_for_decision(store, plan, timeout)
            return
        agreed = confirmation(project, yes)(f"Apply this plan to {plan.environment}?")
        verdict = approvals.Verdict.APPROVED if agreed else approvals.Verdict.REJECTED
        reason = "--yes" if yes else "answered when asked"
        approvals.decide(store, plan, verdict, actors.current(project), reason, may_be_own=True)

    return decide


def wait_for_decision(store: DeliveryStore, plan: SavedPlan, timeout: float) -> Decision:
    """Say that somebody has to decide about a plan, and wait up to `timeout` seconds until somebody did."""
    from gluepipe.delivery import approvals

    show.words(f"Waiting for somebody to decide: gluepipe approve {plan.id}")
    return approvals.wait(store, plan, timeout)


def show_plan(plan: SavedPlan) -> None:
    """Say what a saved plan would do, the gravest first."""
    show.words(f"\n{plan.id} ({plan.version})\n{plan.summary.text()}\n")
