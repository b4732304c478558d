"""Delivery killed at every AWS call it makes: nobody takes what is there in part for proven; a next try repairs."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count

import pytest

from gluepipe.delivery import approvals, promotion, proof, releases, releasing, smoke
from gluepipe.delivery.approvals import Verdict
from gluepipe.delivery.releases import Kind, Smoke, Standing
from gluepipe.delivery.saved_plans import SavedPlan
from gluepipe.delivery.store import DeliveryStore
from gluepipe.errors import GluePipeError
from gluepipe.names import Stack
from tests.cli.delivery.world import CREATES, World
from tests.kill import Killed, killed_at

FEWEST_CALLS = 10


@pytest.fixture(autouse=True)
def _smoke(smoke_says: Callable[..., None]) -> None:
    """Every smoke test passes."""


@pytest.fixture
def released(world: World) -> World:
    """The first version of both stacks is in both environments."""
    apply(world, *Stack)
    prove(world, "dev")
    promote(world, *Stack)
    return world


def apply(world: World, *chosen: Stack) -> None:
    list(releasing.apply(world.deployment("dev"), [*chosen], world.say, lambda _question: True))


def apply_and_prove(world: World) -> None:
    apply(world, Stack.APPLICATION)
    prove(world, "dev")


def prove(world: World, environment: str) -> None:
    smoke.check(world.project, world.environment(environment), world.say)


def approve(store: DeliveryStore, plan: SavedPlan) -> None:
    approvals.decide(store, plan, Verdict.APPROVED, "grace", "seen")


def promote(world: World, *chosen: Stack) -> None:
    dev, prod = world.environment("dev"), world.environment("prod")
    promotion.promote(world.project, dev, prod, [*chosen], world.say, approve)


def promote_application(world: World) -> None:
    promote(world, Stack.APPLICATION)


def roll_back(world: World) -> None:
    promotion.roll_back(world.project, world.environment("prod"), [Stack.APPLICATION], None, world.say, approve)


def standing(world: World, environment: str) -> Standing:
    return releases.standing(releases.history(world.store(environment), environment, Stack.APPLICATION))


def live(world: World, environment: str) -> str:
    """The job script of the live release, which must be certain."""
    found = standing(world, environment)
    assert found.live
    assert found.is_certain
    return world.job_of(found.live.version.commit)


def there(world: World, environment: str) -> str:
    """The job script that Terraform brought there last, be it in part."""
    applied = [text for text in world.planner.applied if text.startswith(f"{environment}/application: ")]
    return applied[-1].partition(": ")[2]


def kind_and_verdict(world: World) -> tuple[Kind, Smoke | None]:
    found = standing(world, "prod").live
    assert found
    return found.origin.kind, found.smoke


def kills(world: World, act: Callable[[World], None]) -> Iterator[str]:
    """Kill one try at its first call, another at its second ... until one survives; yields where it was killed.

    Each begins with the world as it was. Afterwards Terraform finds to do what it has not done, and nothing once it
    came to its end.
    """
    before = world.snapshot()
    for call in count(1):
        world.restore(before)
        began = world.planner.finished
        with killed_at(call) as made, suppress(Killed):
            act(world)
            assert call > FEWEST_CALLS, f"it makes more calls than {made}"
            return
        world.planner.changes = [] if world.planner.finished > began else [CREATES]
        yield f"killed at call {call}, after {made}"


def test_a_killed_apply_proves_nothing_until_it_was_made_again(released: World) -> None:
    dev, doubts = released.environment("dev"), 0
    released.change_job("second")
    for when in kills(released, apply_and_prove):
        doubts += not standing(released, "dev").is_certain
        prove(released, "dev")
        with suppress(GluePipeError):
            proven = proof.proven_release(released.project, dev, Stack.APPLICATION)
            assert released.job_of(proven.version.commit) == there(released, "dev"), when

        apply_and_prove(released)
        assert live(released, "dev") == there(released, "dev") == "second", when
        assert proof.proven_release(released.project, dev, Stack.APPLICATION).smoke is Smoke.PASSED, when
    assert doubts > 1


def test_a_killed_promotion_is_finished_by_the_next_one(released: World) -> None:
    released.change_job("second")
    apply_and_prove(released)
    for when in kills(released, promote_application):
        if standing(released, "prod").is_certain:
            assert live(released, "prod") == there(released, "prod"), when

        promote_application(released)
        assert live(released, "prod") == there(released, "prod") == "second", when
        assert kind_and_verdict(released) == (Kind.PROMOTION, Smoke.PASSED), when


def test_a_killed_rollback_is_finished_by_the_next_one_which_goes_no_further(released: World) -> None:
    for text in ("second", "third"):
        released.change_job(text)
        apply_and_prove(released)
        promote_application(released)
    for when in kills(released, roll_back):
        roll_back(released)
        assert live(released, "prod") == there(released, "prod") == "second", when
        assert kind_and_verdict(released) == (Kind.ROLLBACK, Smoke.PASSED), when
