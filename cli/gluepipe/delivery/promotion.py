"""Brings an earlier release, or an approved plan, to an environment: from its commit's tree, with its own bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gluepipe.console import Say, to_stderr
from gluepipe.delivery import approvals, bundle_store, proof, releases, saved_plans, smoke, sources
from gluepipe.delivery.plan_findings import Risk
from gluepipe.delivery.releases import BUNDLE_KINDS, Kind, Origin, Release, Version
from gluepipe.delivery.store import DeliveryStore, open_store
from gluepipe.deployment import stacks
from gluepipe.deployment.package import Bundle, Bundles
from gluepipe.deployment.stacks import Deployment, StackPlan
from gluepipe.errors import GluePipeError, UsageProblem
from gluepipe.names import Stack
from gluepipe.terraform.runner import PlanResult

if TYPE_CHECKING:
    from gluepipe.delivery.saved_plans import SavedPlan
    from gluepipe.project import Project
    from gluepipe.settings import Environment

NOT_UPLOADED = Bundle("", "")
Decide = Callable[[DeliveryStore, "SavedPlan"], None]


def save_plans(deployment: Deployment, plans: list[StackPlan]) -> list[SavedPlan]:
    """Save the plans that change something."""
    return [
        saved_plans.save(deployment, planned, releases.version_of(deployment, planned.stack), Origin())
        for planned in plans
        if planned.result is PlanResult.CHANGES
    ]


def plan_again(project: Project, environment: Environment, release: Release, kind: Kind, say: Say) -> SavedPlan | None:
    """Plan an earlier release in an environment that holds its bundle, and save that plan.

    Returns None where nothing would change: then there is nothing to approve, and the release is recorded at once.
    """
    version, origin = release.version, Origin(kind, source=release.id)
    stack = version.stack
    with _deployment(project, environment, version, say) as deployment:
        say(f"{stack}: planning {environment.name} with {version}")
        planned = deployment.plan(stack)
        if planned.result is PlanResult.CHANGES:
            return saved_plans.save(deployment, planned, version, origin)
        with releases.recorded(deployment, planned, version, origin):
            say(f"{stack}: no changes")
    return None


def apply_saved(project: Project, environment: Environment, plan: SavedPlan, say: Say) -> None:
    """Apply exactly that plan; raises GluePipeError, naming what moved, where that is no longer possible."""
    plan.check_expiry(datetime.now(UTC))
    store = open_store(project, environment.account)
    version, stack = plan.version, plan.version.stack
    decision = approvals.find(store, plan)
    if decision or plan.origin.kind is not Kind.APPLY or project.settings.predecessor(environment):
        approvals.check(decision, plan)
    if plan.origin.kind is not Kind.ROLLBACK:
        proof.check_applied(project, environment, version)
    with _deployment(project, environment, version, say) as deployment:
        state_key = project.settings.names(environment).state_key(stack)
        if reasons := saved_plans.moved(store, plan, state_key):
            fix = "Make a new plan and have it approved."
            raise GluePipeError(f"{plan.id} was not applied: {'; '.join(reasons)}.", fix)
        planned = StackPlan(stack, PlanResult.CHANGES, deployment.plan_file(stack))
        saved_plans.write_file(store, plan, planned.file)
        saved_plans.write_lock(store, plan, deployment.project.root / "terraform" / deployment.root(stack).name)
        origin = replace(plan.origin, plan=plan.id, approved_by=decision.by if decision else "")
        say(f"{stack}: applying {plan.id} to {environment.name}")
        with releases.recorded(deployment, planned, version, origin, plan.summary):
            deployment.apply(planned)
        say(f"{stack}: applied")


def finish_saved(project: Project, environment: Environment, identifier: str, say: Say) -> None:
    """Apply a saved plan by its id; a promotion or rollback is smoke-tested afterwards, as if it had not paused."""
    named = saved_plans.environment_of(project, identifier)
    if named != environment:
        fix = f"gluepipe apply {named.name} --saved {identifier}"
        raise UsageProblem(f"{identifier} is a plan of {named.name}, not of {environment.name}.", fix)
    plan = saved_plans.load(open_store(project, environment.account), environment, identifier)
    apply_saved(project, environment, plan, say)
    if plan.origin.kind is not Kind.APPLY:
        smoke.check(project, environment, say)


def promote(
    project: Project, source: Environment, target: Environment, chosen: list[Stack], say: Say, decide: Decide
) -> None:
    """Bring what was proven in one environment to the next one, stack by stack, then smoke-test it there.

    `decide` records a decision about each plan, or raises to stop there. Raises GluePipeError with the reason when
    a release is not proven, when a plan is rejected, and when the smoke test fails.
    """
    for stack in chosen:
        plan = plan_promotion(project, source, target, stack, say)
        _carry_out(project, target, plan, say, decide)
    smoke.check(project, target, say)


def plan_promotion(
    project: Project, source: Environment, target: Environment, stack: Stack, say: Say
) -> SavedPlan | None:
    """Copy the bytes of a stack's proven release to the next account, and save a plan of it there."""
    if project.settings.predecessor(target) != source:
        order = " → ".join(project.settings.promotion_order) or "nothing"
        fix = f"promotion.order in gluepipe.toml is {order}."
        raise GluePipeError(f"Releases of {source.name} do not go to {target.name}.", fix)
    release = proof.proven_release(project, source, stack)
    from_store, to_store = open_store(project, source.account), open_store(project, target.account)
    bundle_store.copy(from_store, to_store, BUNDLE_KINDS[stack], release.version.bundle)
    return plan_again(project, target, release, Kind.PROMOTION, say)


def roll_back(
    project: Project, environment: Environment, chosen: list[Stack], to: str | None, say: Say, decide: Decide
) -> None:
    """Go back to an earlier release of each stack, the one before the live one unless `to` names another.

    Raises GluePipeError where there is none, and rather than destroy or replace anything that holds data.
    """
    for stack in chosen:
        history = releases.history(open_store(project, environment.account), environment.name, stack)
        earlier = _named(history, to) if to else _previous(history, environment, stack)
        plan = plan_again(project, environment, earlier, Kind.ROLLBACK, say)
        if plan and (lost := plan.summary.at_risk(Risk.DATA)):
            listed = "\n".join(f"  {finding.address}: {finding.detail}" for finding in lost)
            fix = "A rollback never touches data; fix it forward, with a new release."
            raise GluePipeError(f"Rolling {stack} back to {earlier.id} would cost data.\n{listed}", fix)
        _carry_out(project, environment, plan, say, decide)
    smoke.check(project, environment, say)


def _carry_out(project: Project, environment: Environment, plan: SavedPlan | None, say: Say, decide: Decide) -> None:
    if plan is None:
        return
    decide(open_store(project, environment.account), plan)
    apply_saved(project, environment, plan, say)


def _named(history: list[Release], identifier: str) -> Release:
    release = releases.find(history, identifier)
    if release.fault:
        raise UsageProblem(
            f"There is no going back to {release.id}, which {release.fault}.", "Choose another one with --to."
        )
    return release


def _previous(history: list[Release], environment: Environment, stack: Stack) -> Release:
    """Return the newest release that is older, and other, than what is live; what was rolled back from is neither.

    What did not end well is gone back from as if it were live. A rollback that did not, or that was broken off before
    its smoke test, is done once more.
    """
    by_id = {release.id: release for release in history}
    standing = releases.standing(history)
    present = standing.doubtful or standing.live
    if present and present.origin.kind is Kind.ROLLBACK and (standing.doubtful or present.smoke is None):
        return by_id[present.origin.source]
    while present and present.origin.kind is Kind.ROLLBACK:
        present = by_id.get(present.origin.source)
    older = [release for release in history if present and release.id < present.id and not release.fault]
    other = [release for release in older if present and not release.version.same_content(present.version)]
    if not other:
        fix = f"`gluepipe releases {environment.name} --stack {stack}` lists what there is."
        raise GluePipeError(f"There is no earlier {stack} release of {environment.name} to go back to.", fix)
    return other[0]


@contextmanager
def _deployment(project: Project, environment: Environment, version: Version, say: Say) -> Iterator[Deployment]:
    """Open the tree of a version's commit, with its bundle from the environment's store."""
    with sources.tree(project, version.commit) as tree:
        store, kind = open_store(project, environment.account), BUNDLE_KINDS[version.stack]
        bundle = bundle_store.restore(store, kind, version.bundle, tree.root)
        is_job = kind == bundle_store.JOB
        bundles = Bundles(NOT_UPLOADED, bundle) if is_job else Bundles(bundle, NOT_UPLOADED)
        yield stacks.open_deployment(tree, environment.name, say, show=to_stderr, bundles=bundles)
