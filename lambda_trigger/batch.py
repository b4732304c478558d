"""From a batch of messages to job runs: plan, claim, start, and say which messages have to come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from lambda_trigger.config import Config
from lambda_trigger.decide import Ignored, Reason, Start, plan_batch
from lambda_trigger.errors import JobBusyError, TransientError
from lambda_trigger.events import Message, parse_batch
from lambda_trigger.ledger import Claim
from lambda_trigger.manifest import Batch

RECEIVES_BEFORE_BURIAL = 3


class Services(Protocol):
    """What a batch needs of the world; lists are handled in parallel and answered in their order."""

    def new_batch(self) -> Batch: ...

    def free_slots(self) -> int:
        """Raises TransientError if the job cannot be looked at."""

    def claim(self, starts: Sequence[Start], batch: Batch) -> list[Claim | TransientError]: ...

    def start_run(self, starts: Sequence[Start], batch: Batch) -> str:
        """Write the manifest and start a run; raises TransientError when it is refused."""

    def record_start(self, starts: Sequence[Start], batch: Batch, run_id: str) -> None: ...

    def release(self, starts: Sequence[Start], batch: Batch) -> None: ...

    def record_ignored(self, ignored: Sequence[Ignored]) -> None: ...

    def bury(self, message: Message) -> None:
        """Send a message nobody can understand to the dead-letter queue."""

    def postpone(self, messages: Sequence[Message]) -> None:
        """Keep messages invisible for a while that grows with their age."""


@dataclass
class Report:
    """What became of a batch. `failed` maps the ids of the messages to hand back to the reason.

    `oldest` is when the oldest of its messages was sent.
    """

    started: dict[str, list[Start]] = field(default_factory=dict)
    ignored: list[Ignored] = field(default_factory=list)
    buried: list[Message] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    refusal: TransientError | None = None
    oldest: datetime | None = None

    def hand_back(self, starts: Iterable[Start], why: TransientError) -> None:
        """Let the messages that brought these files come back."""
        self.failed |= {start.message_id: str(why) for start in starts}

    def response(self) -> dict[str, Any]:
        """The partial batch response Lambda's event source understands."""
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in self.failed]}


def process_batch(event: Mapping[str, Any], config: Config, services: Services) -> Report:
    """Start what can be started now. Every message ends as done, or among the failures that come back."""
    messages = parse_batch(event)
    plan = plan_batch(messages, config.rules)
    report = Report(ignored=list(plan.ignored), oldest=min((message.sent_at for message in messages), default=None))
    _start_all(plan.starts, config, services, report)
    services.record_ignored(plan.ignored)
    _reject(plan.rejected, services, report)
    services.postpone([message for message in messages if message.message_id in report.failed])
    return report


def runs_of(starts: Iterable[Start], config: Config) -> Iterator[list[Start]]:
    """Divide files into runs, in order, none with more files or bytes than allowed; a larger file runs alone."""
    run: list[Start] = []
    size = 0
    for start in starts:
        bytes_after = size + start.event.file.size
        if run and (len(run) == config.files_per_run or bytes_after > config.bytes_per_run):
            yield run
            run, bytes_after = [], start.event.file.size
        run.append(start)
        size = bytes_after
    if run:
        yield run


def _start_all(starts: Sequence[Start], config: Config, services: Services, report: Report) -> None:
    runs = list(runs_of(starts, config))
    slots = 0
    if runs:
        try:
            slots = services.free_slots()
        except TransientError as refusal:
            report.refusal = refusal
    for run in runs:
        if not report.refusal and len(report.started) >= slots:
            report.refusal = JobBusyError(f"The job {config.job_name} has no free slot; its files wait.")
        if report.refusal:
            report.hand_back(run, report.refusal)
        else:
            _start_run(run, services, report)


def _start_run(run: Sequence[Start], services: Services, report: Report) -> None:
    batch = services.new_batch()
    held = _claim(run, batch, services, report)
    if not held:
        return
    try:
        run_id = services.start_run(held, batch)
    except TransientError as refusal:
        services.release(held, batch)
        report.refusal = refusal
        report.hand_back(held, refusal)
    else:
        services.record_start(held, batch, run_id)
        report.started[run_id] = held


def _claim(run: Sequence[Start], batch: Batch, services: Services, report: Report) -> list[Start]:
    held = []
    for start, claim in zip(run, services.claim(run, batch), strict=True):
        if isinstance(claim, TransientError):
            report.hand_back([start], claim)
        elif claim is Claim.HELD:
            held.append(start)
        else:
            report.ignored.append(Ignored(start.message_id, Reason(claim), start.event.file))
    return held


def _reject(messages: Sequence[Message], services: Services, report: Report) -> None:
    """Hand back what nobody can understand; the third time, bury it where the alarm rings."""
    for message in messages:
        if message.receive_count >= RECEIVES_BEFORE_BURIAL and message.message_id not in report.failed:
            services.bury(message)
            report.buried.append(message)
        else:
            report.failed[message.message_id] = message.problem or ""
