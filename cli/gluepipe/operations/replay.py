"""Processes files again. The newest version of a key is replayed; its rows replace those it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gluepipe.errors import UsageProblem
from gluepipe.operations import event_source, ledger
from gluepipe.operations.backlog import LONG_QUEUE
from gluepipe.operations.deployed import Deployed
from gluepipe.operations.ledger import Filter, Item
from gluepipe.operations.queue_messages import each_message
from gluepipe.operations.stuck import ON_ITS_WAY, Stuck
from lambda_trigger.events import Message, parse_message
from lambda_trigger.file_version import FileVersion
from lambda_trigger.ledger import ITEMS_PER_READ
from lambda_trigger.ledger_item import State
from lambda_trigger.requeue import Why

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef


@dataclass(frozen=True)
class Candidate:
    """A file to replay: by its ledger item, or, where the ledger has none, by its object."""

    source_file: str
    state: str
    item: Item | None = None
    file: FileVersion | None = None
    stuck: bool = False


def by_key(deployed: Deployed, file: str) -> Iterator[Candidate]:
    """The newest version of one file; `file` is a key, an s3:// URI or a file_id."""
    known = ledger.read(deployed.ledger, [file]).get(file)
    bucket = f"s3://{deployed.names.input_bucket}/"
    key = str(known["key"]) if known else ledger.key_of(deployed.names, file)
    found = [candidate for candidate in by_prefix(deployed, key) if candidate.source_file == bucket + key]
    if not found:
        raise _not_there(deployed, bucket + key)
    yield from found


def _not_there(deployed: Deployed, uri: str) -> UsageProblem:
    """What to say of a key of which the bucket has no input file: was it ignored, or is it gone?"""
    known = next(iter(ledger.versions_of(deployed.ledger, uri)), None)
    if known is None:
        return UsageProblem(f"There is no input file {uri}.", "Several are replayed with --prefix.")
    if known["state"] == State.IGNORED:
        return UsageProblem(f"{uri} was ignored.", (known.get("error") or {}).get("message", ""))
    return UsageProblem(f"{uri} was deleted from the bucket.", "Upload it again; its rows are still in the table.")


def by_prefix(deployed: Deployed, prefix: str) -> Iterator[Candidate]:
    """The newest version of every input file whose key begins so."""
    group: list[FileVersion] = []
    for file, _ in deployed.bucket.newest_versions(prefix):
        group.append(file)
        if len(group) == ITEMS_PER_READ // 2:
            yield from _candidates(deployed, group)
            group = []
    yield from _candidates(deployed, group)


def by_state(deployed: Deployed, which: Filter) -> Iterator[Candidate]:
    """The files of the ledger that pass a filter."""
    for item in ledger.list_files(deployed.ledger, which):
        yield Candidate(item["source_file"], item["state"], item)


def is_on_its_way(candidate: Candidate) -> bool:
    """Whether a file is claimed or running, and not stuck there, so that a replay would only get in its way."""
    return candidate.state in ON_ITS_WAY and not candidate.stuck


def replay(deployed: Deployed, candidates: Iterable[Candidate]) -> list[str]:
    """Queue files that are done, or unknown to the ledger; returns the URIs of those queued."""
    now = datetime.now(UTC)
    waiting = [candidate for candidate in candidates if not is_on_its_way(candidate)]
    again = deployed.requeue.again((each.item for each in waiting if each.item), now, Why.REPLAY, forget_attempts=True)
    added = deployed.requeue.add((each.file for each in waiting if each.file), now, Why.REPLAY)
    return [str(item["source_file"]) for item in (*again, *added)]


def finish(deployed: Deployed) -> int:
    """Finish replays that were broken off between a claim and its message; returns how many messages were sent.

    Which those are cannot be told from files that wait in the queue, whose second messages do nothing.
    """
    if event_source.waiting(deployed) > LONG_QUEUE:
        return 0
    claims = deployed.ledger.items_of(State.CLAIMED)
    ours = (item for item in claims if item.get("requeued", {}).get("why") == Why.REPLAY)
    return len(deployed.requeue.remind(ours))


def dead_letters(deployed: Deployed, *, take: bool) -> Iterator[str]:
    """What is in the dead-letter queue, by URI or text; with `take`, back on its way to the trigger."""
    queue_url = deployed.queue_url(deployed.names.dead_letter_queue)
    for message in each_message(deployed.access.sqs, queue_url, take=take):
        yield _describe(message["Body"])
        if take:
            _take(deployed, queue_url, message)


def _take(deployed: Deployed, queue_url: str, message: MessageTypeDef) -> None:
    """Queue the files of a message, or the message itself where it is about none that could be read."""
    files = [event.file for event in _parse(message["Body"]).events]
    if files:
        candidates = [candidate for file in files for candidate in _candidates(deployed, [file])]
        replay(deployed, candidates)
    else:
        deployed.access.sqs.send_message(QueueUrl=deployed.requeue.queue_url, MessageBody=message["Body"])
    deployed.access.sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])


def _describe(body: str) -> str:
    return ", ".join(event.file.source_file for event in _parse(body).events) or body[:200]


def _parse(body: str) -> Message:
    return parse_message({"messageId": "", "body": body})


def _candidates(deployed: Deployed, files: list[FileVersion]) -> Iterator[Candidate]:
    items = ledger.read(deployed.ledger, [file.file_id for file in files])
    stuck = Stuck(deployed, datetime.now(UTC))
    for file in files:
        if item := items.get(file.file_id):
            is_stuck = item["state"] in ON_ITS_WAY and stuck.holds(item)
            yield Candidate(file.source_file, item["state"], item, stuck=is_stuck)
    unknown = [file for file in files if file.file_id not in items]
    for file in deployed.bucket.unknown(unknown) if unknown else ():
        yield Candidate(file.source_file, "unknown", file=file)
