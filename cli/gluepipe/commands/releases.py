"""releases: what was released where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import environment_argument, json_option, pass_project, stack_option
from gluepipe.names import Stack
from gluepipe.project import Project

if TYPE_CHECKING:
    from gluepipe.delivery.releases import Release


@click.command()
@environment_argument
@stack_option
@json_option
@pass_project
def releases(project: Project, environment: str, stacks: list[Stack], as_json: bool) -> None:
    """List the releases of ENV, the newest first: what was applied, by whom, from which commit, and whether it works.

    The live release of a stack is its newest applied one. One that is unfinished is under way, or was broken off; what
    to do about it, or about one that failed, is said below the list.
    """
    from dataclasses import asdict

    from gluepipe.delivery import releases as library
    from gluepipe.delivery import repair
    from gluepipe.delivery.store import open_store

    chosen = project.settings.environment(environment)
    store = open_store(project, chosen.account)
    histories = [library.history(store, environment, stack) for stack in stacks]
    found = [release for history in histories for release in history]
    if as_json:
        show.json_document({"releases": [asdict(release) for release in found]})
        return
    columns = ["release", "stack", "commit", "bundle", "kind", "result", "smoke", "by", "approved by", "at"]
    show.table(columns, [_row(release) for release in found])
    for history in histories:
        if doubtful := library.standing(history).doubtful:
            show.words(repair.explain(project, doubtful))


def _row(release: Release) -> tuple[str, ...]:
    version, origin = release.version, release.origin
    commit = version.commit[:12] + ("" if version.clean else "+")
    result, smoke = str(release.result), str(release.smoke or "")
    who = (release.by, origin.approved_by, release.at)
    return (release.id, version.stack, commit, version.bundle, str(origin.kind), result, smoke, *who)
