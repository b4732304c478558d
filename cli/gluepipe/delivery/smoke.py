"""The smoke test of an environment, and what it proves: its verdict is marked on the releases that it was about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gluepipe.delivery import releases, repair
from gluepipe.delivery.releases import BUNDLE_KINDS, Smoke, Standing
from gluepipe.delivery.store import DeliveryStore, open_store
from gluepipe.errors import GluePipeError
from gluepipe.operations import known_file

if TYPE_CHECKING:
    from gluepipe.console import Say
    from gluepipe.project import Project
    from gluepipe.settings import Environment

TIMEOUT_SECONDS = 900.0


class SmokeTestError(GluePipeError):
    """The smoke test of an environment failed."""


def check(project: Project, environment: Environment, say: Say, timeout: float = TIMEOUT_SECONDS) -> None:
    """Run the smoke test and mark the live releases of both stacks; raises SmokeTestError when it fails.

    A release is marked only where it is all there is: not beside a later one that did not end well, nor when another
    one was begun meanwhile. While one of the stacks was never released the other cannot be tested, and is marked so;
    raises GluePipeError where neither was.
    """
    store = open_store(project, environment.account)
    before = _standing(store, environment)
    if all(standing == Standing() for standing in before.values()):
        fix = f"Release something there first: gluepipe apply {environment.name}"
        raise GluePipeError(f"Nothing was ever released to {environment.name}.", fix)
    for standing in before.values():
        if standing.doubtful:
            say(repair.explain(project, standing.doubtful))
    if missing := [stack for stack, standing in before.items() if standing.live is None]:
        say(f"smoke test: not possible yet, {missing[0]} was never released to {environment.name}")
        _mark(store, before.values(), Smoke.NOT_POSSIBLE)
        return
    say(f"smoke test: following a known file through {environment.name}")
    problems = known_file.send(project, environment, timeout)
    after = _standing(store, environment)
    tested = {stack: standing for stack, standing in after.items() if standing == before[stack] and standing.is_certain}
    _mark(store, tested.values(), Smoke.FAILED if problems else Smoke.PASSED)
    if problems:
        raise _failed(environment, before, problems)
    untested = " and ".join(stack for stack in after if stack not in tested)
    say(f"smoke test: passed{f', which proves nothing about the {untested}' if untested else ''}")


def _standing(store: DeliveryStore, environment: Environment) -> dict[str, Standing]:
    return {stack: releases.standing(releases.newest_first(store, environment.name, stack)) for stack in BUNDLE_KINDS}


def _mark(store: DeliveryStore, found: Iterable[Standing], verdict: Smoke) -> None:
    for standing in found:
        if standing.live and standing.is_certain:
            releases.mark_smoke(store, standing.live, verdict)


def _failed(environment: Environment, standings: Mapping[str, Standing], problems: list[str]) -> SmokeTestError:
    newest = max(standings, key=lambda stack: standings[stack].newest_id)
    fix = f"Back to the {newest} release before it: gluepipe rollback {environment.name} --stack {newest}"
    return SmokeTestError(f"The smoke test of {environment.name} failed: {'; '.join(problems)}.", fix)
