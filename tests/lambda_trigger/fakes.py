"""An account in memory: a ledger, a job with slots, a dead-letter queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lambda_trigger.decide import Ignored, Start
from lambda_trigger.errors import JobBusyError, TransientError
from lambda_trigger.events import Message
from lambda_trigger.ledger import Claim
from lambda_trigger.manifest import Batch

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dataclass
class FakeServices:
    """`answers` are what StartJobRun says, one after another ("ok" or an error code); afterwards it is "ok"."""

    slots: int = 1000
    answers: list[str] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)
    runs: dict[str, list[Start]] = field(default_factory=dict)
    active: set[str] = field(default_factory=set)
    ignored: list[Ignored] = field(default_factory=list)
    buried: list[Message] = field(default_factory=list)
    postponed: list[Message] = field(default_factory=list)
    broken_keys: set[str] = field(default_factory=set)
    batches: int = 0

    def new_batch(self) -> Batch:
        self.batches += 1
        return Batch(f"batch-{self.batches}", NOW)

    def free_slots(self) -> int:
        return self.slots - len(self.active)

    def claim(self, starts: Sequence[Start], batch: Batch) -> list[Claim | TransientError]:
        return [self._claim(start, batch) for start in starts]

    def _claim(self, start: Start, batch: Batch) -> Claim | TransientError:
        file = start.event.file
        if file.key in self.broken_keys:
            return TransientError("the ledger is throttled")
        if self.held.setdefault(file.file_id, batch.batch_id) != batch.batch_id:
            return Claim.DUPLICATE
        return Claim.HELD

    def start_run(self, starts: Sequence[Start], batch: Batch) -> str:
        answer = self.answers.pop(0) if self.answers else "ok"
        if answer != "ok":
            raise JobBusyError(answer)
        run_id = f"jr_{len(self.runs)}"
        self.runs[run_id] = list(starts)
        self.active.add(run_id)
        return run_id

    def record_start(self, starts: Sequence[Start], batch: Batch, run_id: str) -> None:
        assert all(self.held[start.event.file.file_id] == batch.batch_id for start in starts)

    def release(self, starts: Sequence[Start], batch: Batch) -> None:
        for start in starts:
            del self.held[start.event.file.file_id]

    def record_ignored(self, ignored: Sequence[Ignored]) -> None:
        self.ignored += ignored

    def bury(self, message: Message) -> None:
        self.buried.append(message)

    def postpone(self, messages: Sequence[Message]) -> None:
        self.postponed += messages

    def finish_runs(self) -> None:
        self.active.clear()

    def started_keys(self) -> list[str]:
        return [start.event.file.key for run in self.runs.values() for start in run]
