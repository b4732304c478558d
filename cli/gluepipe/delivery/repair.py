"""What to say of a release that did not end well, and which command brings its stack in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluepipe.delivery.releases import ENDINGS, Kind, Release, Result
from gluepipe.delivery.store import open_store
from gluepipe.terraform import state_lock

if TYPE_CHECKING:
    from gluepipe.project import Project
    from gluepipe.settings import Settings


def command(settings: Settings, release: Release) -> str:
    """Return the command that does again what the release was to do, from wherever it was left."""
    environment, stack = release.environment, f"--stack {release.version.stack}"
    if release.origin.kind is Kind.ROLLBACK:
        return f"gluepipe rollback {environment} {stack}"
    source = settings.predecessor(settings.environment(environment))
    return (
        f"gluepipe promote {source.name} {environment} {stack}" if source else f"gluepipe apply {environment} {stack}"
    )


def explain(project: Project, release: Release, then: str = "") -> str:
    """Return what became of the release, as far as can be known, and what to do about it, and `then`."""
    settings, environment, stack = project.settings, release.environment, release.version.stack
    name = f"The {stack} release {release.id} of {environment}"
    again = " && ".join(filter(None, [command(settings, release), then]))
    target = settings.environment(environment)
    store = open_store(project, target.account)
    held = state_lock.holder(store.s3, store.bucket, settings.names(target).state_key(stack))
    if held and release.result is Result.UNFINISHED:
        unlock = f"gluepipe unlock {environment} --stack {stack} {held.id} && {again}"
        return f"{name} is under way: its state is locked by {held}. Only if you are sure that it is dead: {unlock}"
    unless = "Unless somebody is at it just now, bring" if release.result is Result.UNFINISHED else "Bring"
    return f"{name} {ENDINGS[release.result]} and may be there in part. {unless} it in order: {again}"
