"""Promotion and rollback: what is brought where, what is refused, what is recorded."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from gluepipe.delivery import approvals, promotion, proof, releases, smoke
from gluepipe.delivery.approvals import Verdict
from gluepipe.delivery.releases import Kind, Release, Smoke
from gluepipe.delivery.saved_plans import SavedPlan
from gluepipe.delivery.store import DeliveryStore
from gluepipe.errors import GluePipeError
from gluepipe.names import Stack
from gluepipe.operations import known_file
from gluepipe.terraform.failures import StateLockedError
from tests.cli.delivery.world import DESTROYS, FakeTerraform, World

SmokeSays = Callable[..., None]


@pytest.fixture(autouse=True)
def _smoke(smoke_says: SmokeSays) -> None:
    """Every smoke test passes unless a test says otherwise."""


def release(world: World, stacks: list[Stack] | None = None) -> None:
    deployment = world.deployment("dev")
    for stack in stacks or list(Stack):
        planned = deployment.plan(stack)
        with releases.recorded(deployment, planned):
            deployment.apply(planned)


def history(world: World, environment: str, stack: Stack = Stack.APPLICATION) -> list[Release]:
    return releases.history(world.store(environment), environment, stack)


def approve(store: DeliveryStore, plan: SavedPlan) -> None:
    approvals.decide(store, plan, Verdict.APPROVED, "grace", "seen")


def promote(world: World, stacks: list[Stack] | None = None, decide: promotion.Decide = approve) -> None:
    dev, prod = world.environment("dev"), world.environment("prod")
    promotion.promote(world.project, dev, prod, stacks or list(Stack), world.say, decide)


def release_and_prove(world: World, stacks: list[Stack] | None = None) -> None:
    release(world, stacks)
    smoke.check(world.project, world.environment("dev"), world.say)


def roll_back(world: World, to: str | None = None, stack: Stack = Stack.APPLICATION) -> None:
    prod = world.environment("prod")
    promotion.roll_back(world.project, prod, [stack], to, world.say, approve)


def test_prod_gets_the_bytes_and_commit_that_dev_proved(world: World) -> None:
    release_and_prove(world)
    proven = history(world, "dev")[0]
    world.change_job("not released")
    promote(world)
    assert world.planner.applied[-2:] == ["prod/infrastructure: first", "prod/application: first"]
    (made,) = history(world, "prod")
    assert made.version == proven.version
    assert (made.origin.kind, made.origin.source, made.origin.approved_by) == (Kind.PROMOTION, proven.id, "grace")
    assert made.smoke is Smoke.PASSED


def test_what_was_not_smoke_tested_is_refused(world: World) -> None:
    release(world)
    with pytest.raises(GluePipeError, match="was not smoke-tested in dev"):
        promote(world)
    assert history(world, "prod") == []


def test_the_first_infrastructure_goes_ahead_of_any_application(world: World) -> None:
    release_and_prove(world, [Stack.INFRASTRUCTURE])
    assert history(world, "dev", Stack.INFRASTRUCTURE)[0].smoke is Smoke.NOT_POSSIBLE
    promote(world, [Stack.INFRASTRUCTURE])
    assert len(history(world, "prod", Stack.INFRASTRUCTURE)) == 1
    release(world, [Stack.APPLICATION])
    with pytest.raises(GluePipeError, match="was not smoke-tested in dev"):
        promote(world, [Stack.INFRASTRUCTURE])


def test_what_failed_its_smoke_test_is_refused(world: World, smoke_says: SmokeSays) -> None:
    smoke_says("the file failed")
    with pytest.raises(GluePipeError, match="The smoke test of dev failed: the file failed"):
        release_and_prove(world)
    with pytest.raises(GluePipeError, match="failed its smoke test in dev"):
        promote(world)


def test_what_was_never_released_is_refused(world: World) -> None:
    with pytest.raises(GluePipeError, match="infrastructure was never released to dev"):
        promote(world)


def test_an_account_that_was_not_prepared_is_named_with_what_prepares_it(world: World) -> None:
    release_and_prove(world)
    store = world.store("prod")
    store.s3.delete_bucket(Bucket=store.bucket)
    with pytest.raises(GluePipeError, match=f"prod .333333333333. has no state bucket {store.bucket} yet") as caught:
        promote(world)
    assert caught.value.fix.endswith("gluepipe bootstrap prod")


def test_nothing_is_promoted_past_a_release_that_may_be_there_in_part(world: World) -> None:
    release_and_prove(world)
    world.change_job("second")
    world.planner.failing = True
    with pytest.raises(RuntimeError):
        release(world, [Stack.APPLICATION])
    doubtful = history(world, "dev")[0].id
    smoke.check(world.project, world.environment("dev"), world.say)
    assert world.said[-1] == "smoke test: passed, which proves nothing about the application"
    with pytest.raises(
        GluePipeError, match=f"{doubtful} of dev failed and may be there in part.* && gluepipe smoke dev"
    ):
        promote(world, [Stack.APPLICATION])


def test_a_smoke_test_proves_nothing_about_what_was_begun_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object) -> list[str]:
        world.change_job("second")
        release(world, [Stack.APPLICATION])
        return []

    release(world)
    monkeypatch.setattr(known_file, "send", interrupted)
    smoke.check(world.project, world.environment("dev"), world.say)
    assert [made.smoke for made in history(world, "dev")] == [None, None]
    assert history(world, "dev", Stack.INFRASTRUCTURE)[0].smoke is Smoke.PASSED


def test_infrastructure_is_not_the_first_one_once_an_application_was_tried(world: World) -> None:
    release_and_prove(world, [Stack.INFRASTRUCTURE])
    world.planner.failing = True
    with pytest.raises(RuntimeError):
        release(world, [Stack.APPLICATION])
    world.planner.failing = False
    with pytest.raises(GluePipeError, match="was not smoke-tested in dev"):
        promote(world, [Stack.INFRASTRUCTURE])


def test_a_store_that_cannot_be_read_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_arguments: object, **_options: object) -> None:
        raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadBucket")

    store = world.store("dev")
    monkeypatch.setattr(store.s3, "head_bucket", forbidden)
    with pytest.raises(GluePipeError, match=f"The state bucket {store.bucket} of dev .* cannot be read"):
        promote(world)


def test_what_is_not_in_git_is_refused(world: World) -> None:
    (world.project.root / "glue_jobs" / "file_processor.py").write_text("edited")
    release_and_prove(world)
    with pytest.raises(GluePipeError, match="not in git"):
        promote(world)


def test_only_the_promotion_order_is_followed(world: World) -> None:
    dev, prod = world.environment("dev"), world.environment("prod")
    with pytest.raises(GluePipeError, match="Releases of prod do not go to dev"):
        promotion.promote(world.project, prod, dev, list(Stack), world.say, approve)


def test_nothing_is_promoted_while_somebody_else_holds_the_lock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_arguments: object, **_options: object) -> None:
        raise StateLockedError("The state is locked by anna@laptop.")

    release_and_prove(world)
    monkeypatch.setattr(FakeTerraform, "plan", locked)
    with pytest.raises(StateLockedError, match="anna@laptop"):
        promote(world)
    assert history(world, "prod", Stack.INFRASTRUCTURE) == []
    assert world.store("prod").keys("plans/") == []


def test_a_rejected_plan_is_not_applied(world: World) -> None:
    def reject(store: DeliveryStore, plan: SavedPlan) -> None:
        approvals.decide(store, plan, Verdict.REJECTED, "grace", "too late in the day")

    release_and_prove(world)
    with pytest.raises(GluePipeError, match=r"rejected by grace at .*: too late in the day"):
        promote(world, decide=reject)
    assert history(world, "prod", Stack.INFRASTRUCTURE) == []


def test_an_undecided_plan_is_not_applied(world: World) -> None:
    release_and_prove(world)
    with pytest.raises(GluePipeError, match="is not approved yet"):
        promote(world, decide=lambda _store, _plan: None)


def test_prod_is_refused_a_version_that_dev_never_saw(world: World) -> None:
    version = releases.version_of(world.deployment("prod"), "application")
    with pytest.raises(GluePipeError, match="was never released to dev"):
        proof.check_applied(world.project, world.environment("prod"), version)
    release_and_prove(world)
    proof.check_applied(world.project, world.environment("prod"), version)
    proof.check_applied(world.project, world.environment("dev"), version)


def test_a_promotion_that_changes_nothing_needs_no_approval_and_is_recorded(world: World) -> None:
    release_and_prove(world)
    world.planner.changes = []
    promote(world, decide=lambda _store, _plan: pytest.fail("asked"))
    assert len(history(world, "prod")) == 1


def test_a_failed_smoke_test_in_prod_is_recorded_and_offers_the_way_back(world: World, smoke_says: SmokeSays) -> None:
    release_and_prove(world)
    smoke_says("no rows")
    with pytest.raises(GluePipeError, match="gluepipe rollback prod --stack application"):
        promote(world)
    assert history(world, "prod")[0].smoke is Smoke.FAILED


def test_a_rollback_applies_the_release_before_the_live_one(world: World) -> None:
    release_and_prove(world)
    promote(world)
    world.change_job("second")
    release_and_prove(world, [Stack.APPLICATION])
    promote(world, [Stack.APPLICATION])
    roll_back(world)
    assert world.planner.applied[-2:] == ["prod/application: second", "prod/application: first"]
    rolled_back, second, first = history(world, "prod")
    assert rolled_back.version == first.version
    assert (rolled_back.origin.kind, rolled_back.origin.source) == (Kind.ROLLBACK, first.id)
    roll_back(world, to=second.id)
    assert world.planner.applied[-1] == "prod/application: second"


def test_a_second_rollback_goes_further_back_and_not_to_what_was_left(world: World) -> None:
    release_and_prove(world)
    promote(world)
    for text in ("second", "third"):
        world.change_job(text)
        release_and_prove(world, [Stack.APPLICATION])
        promote(world, [Stack.APPLICATION])
    for text in ("second", "first"):
        roll_back(world)
        assert world.planner.applied[-1] == f"prod/application: {text}"
    with pytest.raises(GluePipeError, match="no earlier application release of prod"):
        roll_back(world)


def test_a_rollback_goes_back_from_what_failed_to_what_was_live(world: World) -> None:
    release_and_prove(world)
    promote(world)
    world.change_job("second")
    release_and_prove(world, [Stack.APPLICATION])
    world.planner.failing = True
    with pytest.raises(RuntimeError):
        promote(world, [Stack.APPLICATION])
    world.planner.failing = False
    roll_back(world)
    assert world.planner.applied[-1] == "prod/application: first"


def test_there_is_no_going_back_to_what_failed_or_is_not_in_git(world: World) -> None:
    deployment, script = world.deployment("prod"), world.project.root / "glue_jobs" / "file_processor.py"
    world.planner.failing = True
    planned = deployment.plan(Stack.APPLICATION)
    with pytest.raises(RuntimeError), releases.recorded(deployment, planned):
        deployment.apply(planned)
    world.planner.failing = False
    script.write_text("edited")
    with releases.recorded(deployment, planned):
        deployment.apply(planned)
    edited, failed = history(world, "prod")
    for made, why in ((failed, "failed"), (edited, "was made from uncommitted changes")):
        with pytest.raises(GluePipeError, match=f"no going back to {made.id}, which {why}"):
            roll_back(world, to=made.id)


def test_where_nothing_was_released_nothing_can_be_tested(world: World) -> None:
    with pytest.raises(GluePipeError, match="Nothing was ever released to dev"):
        smoke.check(world.project, world.environment("dev"), world.say)


def test_there_may_be_nothing_to_go_back_to(world: World) -> None:
    release_and_prove(world)
    promote(world)
    with pytest.raises(GluePipeError, match="no earlier application release of prod"):
        roll_back(world)


def test_a_rollback_never_costs_data(world: World) -> None:
    release_and_prove(world)
    promote(world)
    world.change_job("second")
    release_and_prove(world, [Stack.APPLICATION])
    promote(world, [Stack.APPLICATION])
    world.planner.changes = [DESTROYS]
    with pytest.raises(GluePipeError, match=r"would cost data.\n  aws_s3_bucket.x: will be destroyed"):
        roll_back(world)
    assert world.planner.applied[-1] == "prod/application: second"


def test_the_application_goes_back_and_forth_without_the_infrastructure(world: World) -> None:
    release_and_prove(world)
    promote(world)
    world.planner.planned.clear()
    for number in range(5):
        world.change_job(f"job {number}")
        release_and_prove(world, [Stack.APPLICATION])
        promote(world, [Stack.APPLICATION])
        roll_back(world)
    assert {name.partition("/")[2] for name in world.planner.planned} == {"application"}


def test_so_does_the_infrastructure_without_the_application(world: World) -> None:
    release_and_prove(world)
    promote(world)
    world.planner.planned.clear()
    for number in range(5):
        world.change_trigger(f"trigger {number}")
        release_and_prove(world, [Stack.INFRASTRUCTURE])
        promote(world, [Stack.INFRASTRUCTURE])
        roll_back(world, stack=Stack.INFRASTRUCTURE)
    assert {name.partition("/")[2] for name in world.planner.planned} == {"infrastructure"}
    kinds = [made.origin.kind for made in history(world, "prod", Stack.INFRASTRUCTURE)]
    assert kinds == [*[Kind.ROLLBACK, Kind.PROMOTION] * 5, Kind.PROMOTION]
    assert len(history(world, "prod", Stack.APPLICATION)) == 1
