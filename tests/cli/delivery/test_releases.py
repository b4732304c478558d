import pytest
from botocore.exceptions import EndpointConnectionError

from gluepipe.delivery import releases
from gluepipe.delivery.plan_findings import Risk
from gluepipe.delivery.plan_summary import ACTIONS
from gluepipe.delivery.releases import Kind, Release, Result, Smoke, Standing
from gluepipe.delivery.store import DeliveryStore
from gluepipe.errors import UsageProblem
from gluepipe.names import Stack
from gluepipe.terraform.failures import NotBegunError, StalePlanError, StateLockedError
from tests.cli.delivery.world import DESTROYS, World


def release(world: World, stack: Stack = Stack.APPLICATION, environment: str = "dev") -> Release:
    deployment = world.deployment(environment)
    planned = deployment.plan(stack)
    with releases.recorded(deployment, planned):
        deployment.apply(planned)
    return history(world, stack, environment)[0]


def history(world: World, stack: Stack = Stack.APPLICATION, environment: str = "dev") -> list[Release]:
    return releases.history(world.store(environment), environment, stack)


def test_an_apply_is_recorded_with_what_it_was_made_of(world: World) -> None:
    commit = world.change_job("second")
    made = release(world)
    assert (made.environment, made.by, made.result, made.smoke) == ("dev", "ada", Result.APPLIED, None)
    assert (made.version.commit, made.version.clean) == (commit, True)
    assert made.version.bundle == world.deployment("dev").bundles.job.digest
    assert made.summary.counts == dict.fromkeys(ACTIONS, 0) | {"create": 1}
    assert made.origin.kind is Kind.APPLY
    assert f"bundles/job/{made.version.bundle}/glue_jobs.zip" in world.store("dev").keys("bundles/")


def test_what_the_plan_put_at_risk_is_on_record(world: World) -> None:
    world.planner.changes = [DESTROYS]
    release(world)
    (made,) = history(world)
    assert [(str(finding.risk), finding.address) for finding in made.summary.findings] == [
        (str(Risk.DATA), "aws_s3_bucket.x")
    ]


def test_the_stacks_have_separate_histories_the_newest_first(world: World) -> None:
    first = release(world)
    world.change_job("second")
    second = release(world)
    release(world, Stack.INFRASTRUCTURE)
    assert [made.id for made in history(world)] == [second.id, first.id]
    assert len(history(world, Stack.INFRASTRUCTURE)) == 1


def test_a_failed_apply_is_recorded_and_is_not_live(world: World) -> None:
    first = release(world)
    world.change_job("second")
    world.planner.failing = True
    with pytest.raises(RuntimeError):
        release(world)
    assert [made.result for made in history(world)] == [Result.FAILED, Result.APPLIED]
    assert releases.standing(history(world)) == Standing(live=first, doubtful=history(world)[0])


def test_a_release_is_on_record_before_it_is_applied(world: World) -> None:
    deployment = world.deployment("dev")
    with releases.recorded(deployment, deployment.plan(Stack.APPLICATION)):
        (made,) = history(world)
        assert made.result is Result.UNFINISHED
        assert releases.standing([made]) == Standing(doubtful=made)
    assert [made.result for made in history(world)] == [Result.APPLIED]


@pytest.mark.parametrize("refusal", [StateLockedError("locked"), StalePlanError("stale")])
def test_what_terraform_refused_to_begin_leaves_the_live_release_as_it_was(
    world: World, refusal: NotBegunError
) -> None:
    first, deployment = release(world), world.deployment("dev")
    with pytest.raises(NotBegunError), releases.recorded(deployment, deployment.plan(Stack.APPLICATION)):
        raise refusal
    assert [made.result for made in history(world)] == [Result.REFUSED, Result.APPLIED]
    assert releases.standing(history(world)) == Standing(live=first)


def test_what_went_wrong_is_told_even_when_it_cannot_be_recorded(world: World) -> None:
    def unreachable(*_arguments: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://s3")

    def fail_out_of_reach() -> None:
        deployment = world.deployment("dev")
        planned = deployment.plan(Stack.APPLICATION)
        with pytest.MonkeyPatch.context() as patch, releases.recorded(deployment, planned):
            patch.setattr(DeliveryStore, "write", unreachable)
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        fail_out_of_reach()
    assert [made.result for made in history(world)] == [Result.UNFINISHED]


def test_after_a_failure_even_an_apply_without_changes_is_a_release(world: World) -> None:
    release(world)
    world.planner.failing = True
    with pytest.raises(RuntimeError):
        release(world)
    world.planner.failing, world.planner.changes = False, []
    assert release(world).result is Result.APPLIED
    assert releases.standing(history(world)).is_certain


def test_applying_the_same_again_without_changes_is_no_release(world: World) -> None:
    release(world)
    world.planner.changes = []
    release(world)
    assert len(history(world)) == 1
    world.change_job("second")
    assert release(world).summary.changes == 0
    assert len(history(world)) == 2


def test_uncommitted_changes_are_recorded_as_such(world: World) -> None:
    (world.project.root / "glue_jobs" / "file_processor.py").write_text("edited")
    made = release(world)
    assert not made.version.clean
    assert "with uncommitted changes" in str(made.version)


def test_the_smoke_test_is_written_into_the_record(world: World) -> None:
    releases.mark_smoke(world.store("dev"), release(world), Smoke.PASSED)
    assert [made.smoke for made in history(world)] == [Smoke.PASSED]


def test_a_release_is_found_by_the_beginning_of_its_id(world: World) -> None:
    first = release(world)
    world.change_job("second")
    release(world)
    assert releases.find(history(world), first.id[:-1]) == first
    with pytest.raises(UsageProblem, match='No release "nope"'):
        releases.find(history(world), "nope")
    with pytest.raises(UsageProblem, match='"20" begins 2 releases'):
        releases.find(history(world), "20")
