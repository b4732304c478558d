"""Decides, without any AWS call, which files of a batch start and which are ignored, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from lambda_trigger.events import FileEvent, Message
from lambda_trigger.file_version import FileVersion

ACCEPTED_SUFFIXES = (
    *(".csv", ".tsv", ".txt", ".psv"),
    *(".csv.gz", ".tsv.gz", ".txt.gz", ".csv.bz2", ".tsv.bz2", ".txt.bz2"),
    *(".gz", ".bz2", ".zip"),
)


class Reason(StrEnum):
    """Why something was seen, logged and not started."""

    TEST_EVENT = "test_event"
    NO_RECORDS = "no_records"
    NOT_CREATED = "not_created"
    NOT_INPUT_BUCKET = "not_input_bucket"
    FOLDER_MARKER = "folder_marker"
    OUTPUT_PREFIX = "output_prefix"
    SUFFIX = "suffix"
    DUPLICATE_EVENT = "duplicate_event"
    SUPERSEDED = "superseded"


# What the ledger keeps of files that are not started, for the people who look for them there.
EXPLANATIONS = {
    Reason.SUFFIX: "Its name does not end like a CSV's, such as .csv or .csv.gz. Upload it again under such a name.",
    Reason.OUTPUT_PREFIX: "It lies in a folder that is no input, as all are that begin with _. Upload it elsewhere.",
    Reason.SUPERSEDED: "A newer version of this key was uploaded; its rows are the ones that count.",
}


@dataclass(frozen=True)
class Rules:
    """What counts as an input file."""

    input_bucket: str
    accepted_suffixes: tuple[str, ...] = ACCEPTED_SUFFIXES
    output_prefixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Start:
    """A file to start, on behalf of the message that brought it."""

    message_id: str
    event: FileEvent


@dataclass(frozen=True)
class Ignored:
    """Something not to start; `file` is None where the message is about no file."""

    message_id: str
    reason: Reason
    file: FileVersion | None = None


@dataclass(frozen=True)
class Plan:
    """What to do with a batch; `rejected` are the messages that could not be understood in full."""

    starts: tuple[Start, ...]
    ignored: tuple[Ignored, ...]
    rejected: tuple[Message, ...]


def plan_batch(messages: Iterable[Message], rules: Rules) -> Plan:
    """Sort a batch into starts, ignored and rejected. Of several versions of a key only the newest starts."""
    messages = list(messages)
    starts: dict[tuple[str, str | None], Start] = {}
    ignored = [note for message in messages for note in _about_no_file(message)]
    for start in _file_events(messages):
        identity = (start.event.file.file_id, start.event.after)
        reason = reason_to_ignore(start.event, rules) or (Reason.DUPLICATE_EVENT if identity in starts else None)
        if reason:
            ignored.append(Ignored(start.message_id, reason, start.event.file))
        else:
            starts[identity] = start
    chosen = tuple(_without_superseded(starts.values(), ignored))
    return Plan(chosen, tuple(ignored), tuple(message for message in messages if message.problem))


def reason_to_ignore(event: FileEvent, rules: Rules) -> Reason | None:
    """Why this event starts nothing, judged by itself alone; None when it should start."""
    folders, _, name = event.file.key.rpartition("/")
    if not event.name.removeprefix("s3:").startswith(("ObjectCreated:", "Object Created")):
        return Reason.NOT_CREATED
    if event.file.bucket != rules.input_bucket:
        return Reason.NOT_INPUT_BUCKET
    if not name or name.endswith("_$folder$"):
        return Reason.FOLDER_MARKER
    if event.file.key.startswith(rules.output_prefixes) or any(part.startswith("_") for part in folders.split("/")):
        return Reason.OUTPUT_PREFIX
    if not name.lower().endswith(rules.accepted_suffixes) or name.lower() in rules.accepted_suffixes:
        return Reason.SUFFIX
    return None


def _about_no_file(message: Message) -> Iterator[Ignored]:
    if message.is_test:
        yield Ignored(message.message_id, Reason.TEST_EVENT)
    elif not message.events and not message.problem:
        yield Ignored(message.message_id, Reason.NO_RECORDS)


def _file_events(messages: Iterable[Message]) -> Iterator[Start]:
    for message in messages:
        for event in message.events:
            yield Start(message.message_id, event)


def _without_superseded(starts: Collection[Start], ignored: list[Ignored]) -> Iterator[Start]:
    """The starts of the newest version of each key. A continued claim stays: only the ledger can end it."""
    newest: dict[str, str] = {}
    for start in starts:
        file = start.event.file
        newest[file.key_id] = max(newest.get(file.key_id, ""), file.order)
    for start in starts:
        if start.event.after or start.event.file.order == newest[start.event.file.key_id]:
            yield start
        else:
            ignored.append(Ignored(start.message_id, Reason.SUPERSEDED, start.event.file))
