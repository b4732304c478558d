from datetime import UTC, datetime, timedelta

import pytest

from gluepipe.delivery import approvals, promotion, releases, saved_plans
from gluepipe.delivery.approvals import Verdict
from gluepipe.delivery.saved_plans import SavedPlan
from gluepipe.errors import GluePipeError, UsageProblem
from gluepipe.names import Stack
from tests.cli.delivery.world import World

STATE = "dev/application.tfstate"


def save(world: World) -> SavedPlan:
    deployment = world.deployment("dev")
    (plan,) = promotion.save_plans(deployment, [deployment.plan(Stack.APPLICATION)])
    return plan


def apply(world: World, plan: SavedPlan) -> None:
    promotion.apply_saved(world.project, world.environment("dev"), plan, world.say)


def test_a_saved_plan_is_read_back_as_it_was(world: World) -> None:
    plan = save(world)
    assert saved_plans.environment_of(world.project, plan.id) == world.environment("dev")
    assert saved_plans.load(world.store("dev"), world.environment("dev"), plan.id) == plan
    assert plan.summary.counts["create"] == 1
    assert (plan.by, plan.account_id) == ("ada", "222222222222")


def test_a_plan_without_changes_is_not_saved(world: World) -> None:
    world.planner.changes = []
    deployment = world.deployment("dev")
    assert promotion.save_plans(deployment, [deployment.plan(Stack.APPLICATION)]) == []


def test_what_is_not_in_git_cannot_be_saved(world: World) -> None:
    (world.project.root / "glue_jobs" / "file_processor.py").write_text("edited")
    with pytest.raises(UsageProblem, match="only be saved from sources that are in git"):
        save(world)


def test_applying_it_uses_the_commit_and_bytes_it_was_made_from(world: World) -> None:
    plan = save(world)
    world.change_job("second")
    apply(world, plan)
    assert world.planner.applied == ["dev/application: first"]
    (release,) = releases.history(world.store("dev"), "dev", "application")
    assert release.origin.plan == plan.id
    assert release.version == plan.version


def test_it_is_applied_with_the_providers_it_was_made_with(world: World) -> None:
    (world.project.root / "terraform" / "dev" / "application" / ".terraform.lock.hcl").write_text("aws 5.100.0")
    apply(world, save(world))
    assert world.planner.locks == ["aws 5.100.0"]


def test_it_is_refused_once_the_state_moved(world: World) -> None:
    world.store("dev").write_json(STATE, {"lineage": "l", "serial": 4})
    plan = save(world)
    world.store("dev").write_json(STATE, {"lineage": "l", "serial": 5})
    with pytest.raises(GluePipeError, match="the state moved from serial 4 to 5"):
        apply(world, plan)
    assert world.planner.applied == []


def test_it_is_applied_only_once(world: World) -> None:
    plan = save(world)
    apply(world, plan)
    with pytest.raises(GluePipeError, match="the state moved from serial 0 to 1"):
        apply(world, plan)


def test_it_is_refused_against_another_state(world: World) -> None:
    world.store("dev").write_json(STATE, {"lineage": "l", "serial": 4})
    plan = save(world)
    world.store("dev").write_json(STATE, {"lineage": "restored", "serial": 4})
    with pytest.raises(GluePipeError, match="replaced by another one"):
        apply(world, plan)


def test_it_expires(world: World) -> None:
    plan = save(world)
    plan.check_expiry(datetime.now(UTC))
    with pytest.raises(GluePipeError, match=f"{plan.id} expired at {plan.expires_at}"):
        plan.check_expiry(datetime.now(UTC) + timedelta(hours=25))


def test_an_expired_plan_is_not_applied(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_plans, "LIFETIME", timedelta(seconds=-1))
    plan = save(world)
    with pytest.raises(GluePipeError, match=f"{plan.id} expired at {plan.expires_at}"):
        apply(world, plan)
    assert world.planner.applied == []


def test_an_expired_plan_cannot_be_approved_but_rejected(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_plans, "LIFETIME", timedelta(seconds=-1))
    plan = save(world)
    with pytest.raises(GluePipeError, match=f"{plan.id} expired at {plan.expires_at}"):
        approvals.decide(world.store("dev"), plan, Verdict.APPROVED, "grace", "seen")
    approvals.decide(world.store("dev"), plan, Verdict.REJECTED, "grace", "too late")


def test_it_is_refused_in_another_account(world: World) -> None:
    plan = save(world)
    moved = world.moved_account("dev", "999999999999")
    with pytest.raises(GluePipeError, match="made for account 222222222222, but dev is 999999999999"):
        saved_plans.load(world.store("dev"), moved.settings.environment("dev"), plan.id)


def test_a_changed_file_is_refused(world: World) -> None:
    plan = save(world)
    world.store("dev").write(plan.file_key, b"{}")
    with pytest.raises(GluePipeError, match="its file is not the one that was saved"):
        apply(world, plan)


def test_a_tampered_bundle_is_refused(world: World) -> None:
    plan = save(world)
    world.store("dev").write(f"bundles/job/{plan.version.bundle}/file_processor.py", b"import evil")
    with pytest.raises(GluePipeError, match="was tampered with"):
        apply(world, plan)


def test_an_unknown_plan_is_named(world: World) -> None:
    with pytest.raises(UsageProblem, match="No saved plan dev-application-1"):
        saved_plans.load(world.store("dev"), world.environment("dev"), "dev-application-1")
    with pytest.raises(UsageProblem, match='"some" is not the id of a saved plan'):
        saved_plans.environment_of(world.project, "some")


def test_nobody_approves_their_own_plan(world: World) -> None:
    with pytest.raises(GluePipeError, match="made by ada, who cannot approve it too"):
        approvals.decide(world.store("dev"), save(world), Verdict.APPROVED, "ada", "looks good")


def test_the_first_decision_stands(world: World) -> None:
    store, plan = world.store("dev"), save(world)
    approvals.decide(store, plan, Verdict.REJECTED, "grace", "not on a Friday")
    with pytest.raises(GluePipeError, match=r"decided already: rejected by grace at .*: not on a Friday"):
        approvals.decide(store, plan, Verdict.APPROVED, "linus", "")
    with pytest.raises(GluePipeError, match="not on a Friday"):
        apply(world, plan)


def test_waiting_for_a_decision_ends_in_what_to_do_when_none_comes(world: World) -> None:
    store, plan = world.store("dev"), save(world)
    with pytest.raises(GluePipeError, match=f"gluepipe apply dev --saved {plan.id}"):
        approvals.wait(store, plan, timeout=-1)
    made = approvals.decide(store, plan, Verdict.APPROVED, "grace", "")
    assert approvals.wait(store, plan, timeout=-1) == made
