"""replay, pause, resume: do it again, hold back, go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import dataset_option, environment_argument, json_option, pass_environment, pass_project
from gluepipe.project import Project

if TYPE_CHECKING:
    from gluepipe.operations.deployed import Deployed
    from gluepipe.operations.replay import Candidate


@click.command()
@environment_argument
@click.argument("key", required=False)
@click.option("--prefix", help="Every input file whose key begins so.")
@click.option("--state", type=click.Choice(["failed", "ignored", "succeeded"]), help="Every file in this state.")
@dataset_option("With --state: only files of this dataset.")
@click.option("--dead-letters", is_flag=True, help="Everything in the dead-letter queue.")
@click.option("--undelivered", is_flag=True, help="Events that did not reach their function, to that function.")
@click.option("--dry-run", is_flag=True, help="Only say what would be replayed.")
@json_option
@pass_project
def replay(
    project: Project,
    environment: str,
    key: str | None,
    prefix: str | None,
    state: str | None,
    dataset: str | None,
    dead_letters: bool,
    undelivered: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Process files of ENV again: one KEY, or those that one of the options names.

    A replay lands on the same names, so rows are replaced and never doubled. Files on their way are left
    alone, unless they are stuck there: their run ended without them, or their claim ran out. A replay that was
    broken off is finished by the next one, whatever that is about.

    \b
    gluepipe replay dev orders/2026-11-25.csv
    gluepipe replay dev --state failed --dry-run
    """
    from gluepipe.operations import replay as library
    from gluepipe.operations import undelivered as events
    from gluepipe.operations.deployed import open_environment

    if sum([key is not None, prefix is not None, state is not None, dead_letters, undelivered]) != 1:
        raise click.UsageError("Say what to replay: one of KEY, --prefix, --state, --dead-letters and --undelivered.")
    if dataset is not None and state is None:
        raise click.UsageError("--dataset goes with --state.")
    deployed = open_environment(project, environment)
    if not dry_run and (waiting := library.finish(deployed)):
        show.words(
            f"Sent again, in case a replay was broken off: the messages of {waiting} files that nobody took yet."
        )
    if dead_letters or undelivered:
        queue = library.dead_letters if dead_letters else events.undelivered
        _report(list(queue(deployed, take=not dry_run)), dry_run, as_json, "event" if undelivered else "file")
        return
    candidates = list(_candidates(deployed, key, prefix, state, dataset))
    left = Counter(candidate.state for candidate in candidates if library.is_on_its_way(candidate))
    for on_its_way, count in left.items():
        show.words(f"Left alone, because {on_its_way}: {count}")
    chosen = [candidate for candidate in candidates if not library.is_on_its_way(candidate)]
    queued = [each.source_file for each in chosen] if dry_run else library.replay(deployed, chosen)
    _report(queued, dry_run, as_json)


@click.command()
@environment_argument
@pass_environment
def pause(deployed: Deployed) -> None:
    """Stop starting job runs in ENV; uploaded files wait in the queue, up to 14 days."""
    _switch(deployed, enabled=False)


@click.command()
@environment_argument
@pass_environment
def resume(deployed: Deployed) -> None:
    """Start job runs in ENV again."""
    _switch(deployed, enabled=True)


def _candidates(
    deployed: Deployed, key: str | None, prefix: str | None, state: str | None, dataset: str | None
) -> Iterator[Candidate]:
    from gluepipe.operations import replay as library
    from gluepipe.operations.ledger import Filter
    from lambda_trigger.ledger_item import State

    if key is not None:
        return library.by_key(deployed, key)
    if prefix is not None:
        return library.by_prefix(deployed, prefix)
    return library.by_state(deployed, Filter(dataset, State(str(state))))


def _report(uris: list[str], dry_run: bool, as_json: bool, kind: str = "file") -> None:
    if as_json:
        show.json_document({"dry_run": dry_run, f"{kind}s": uris})
        return
    for uri in uris:
        show.data(uri)
    show.words(f"{'Would replay' if dry_run else 'Replaying'} {len(uris)} {kind}{'' if len(uris) == 1 else 's'}.")


def _switch(deployed: Deployed, *, enabled: bool) -> None:
    from gluepipe.operations.event_source import set_enabled, waiting

    changed = set_enabled(deployed, enabled)
    state = "running" if enabled else "paused"
    name, queued = deployed.names.environment, waiting(deployed)
    show.words(f"{name} is {state}{'' if changed else ' already'}; {queued} messages in its queue.")
