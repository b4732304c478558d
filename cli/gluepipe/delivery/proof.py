"""Decides whether a version may go to an environment: only what was applied and smoke-tested in the one before it."""

from collections.abc import Iterator

from gluepipe.delivery import releases, repair
from gluepipe.delivery.releases import ENDINGS, Release, Result, Smoke, Standing, Version
from gluepipe.delivery.store import open_store
from gluepipe.errors import GluePipeError
from gluepipe.names import Stack
from gluepipe.project import Project
from gluepipe.settings import Environment


def proven_release(project: Project, environment: Environment, stack: Stack) -> Release:
    """Return the stack's live release of an environment; raises GluePipeError unless it is ready to go further.

    It is not while a later one may be there in part: then nobody knows what the environment runs.
    """
    standing = releases.standing(_newest_first(project, environment, stack))
    if standing.doubtful:
        raise GluePipeError(repair.explain(project, standing.doubtful, f"gluepipe smoke {environment.name}"))
    if standing.live is None:
        fix = f"Release it there first: gluepipe apply {environment.name} --stack {stack}"
        raise GluePipeError(f"{stack} was never released to {environment.name}.", fix)
    if reason := _unproven(project, environment, standing.live):
        fix = f"gluepipe smoke {environment.name}"
        if not standing.live.version.clean or standing.live.smoke is Smoke.FAILED:
            fix = f"gluepipe apply {environment.name} --stack {stack} && {fix}"
        reason = f"The {stack} release {standing.live.id} of {environment.name} {reason}"
        raise GluePipeError(reason, f"Prove it first: {fix}")
    return standing.live


def check_applied(project: Project, environment: Environment, version: Version) -> None:
    """Refuse a version that was not proven where it has to be first; raises GluePipeError."""
    first = project.settings.predecessor(environment)
    if first is None:
        return
    why = None
    for release in _newest_first(project, first, version.stack):
        if release.version.same_content(version):
            unproven = _unproven(project, first, release)
            if unproven is None:
                return
            why = why or unproven
    why = why or f"was never released to {first.name}."
    reason = f"Not applied to {environment.name}: this {version.stack} ({version}) {why}"
    fix = f"Prove it in {first.name}, then: gluepipe promote {first.name} {environment.name} --stack {version.stack}"
    raise GluePipeError(reason, fix)


def _newest_first(project: Project, environment: Environment, stack: Stack) -> Iterator[Release]:
    return releases.newest_first(open_store(project, environment.account), environment.name, stack)


def _unproven(project: Project, environment: Environment, release: Release) -> str | None:
    if release.result is not Result.APPLIED:
        return f"{ENDINGS[release.result]} in {environment.name}."
    if not (release.version.commit and release.version.clean):
        return "was made from sources that are not in git; commit them and apply again."
    if release.smoke is Smoke.FAILED:
        return f"failed its smoke test in {environment.name}."
    if release.smoke is Smoke.NOT_POSSIBLE and _is_alone(project, environment, release):
        return None
    if release.smoke is not Smoke.PASSED:
        return f"was not smoke-tested in {environment.name}."
    return None


def _is_alone(project: Project, environment: Environment, release: Release) -> bool:
    """Tell whether it is infrastructure to which nobody brought an application yet: the first one has to go first."""
    if release.version.stack != Stack.INFRASTRUCTURE:
        return False
    return releases.standing(_newest_first(project, environment, Stack.APPLICATION)) == Standing()
