"""A day with bursts, simulated: how long they take, and how near a message comes to the dead-letter queue.

The trigger's own code decides (`process_batch`, `wait_of`); the queue, Lambda's pollers, the ledger and Glue are
simulated, second by second of the events that matter. Run: python benchmarks/back_pressure.py
"""

from __future__ import annotations

import heapq
import json
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from lambda_trigger.batch import process_batch
from lambda_trigger.config import Config
from lambda_trigger.decide import Ignored, Start
from lambda_trigger.errors import TransientError
from lambda_trigger.events import Message
from lambda_trigger.ledger import Claim
from lambda_trigger.manifest import Batch
from lambda_trigger.services import wait_of

MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)
PAYLOAD = 3_000  # messages of an S3 event in the 6 MB that Lambda takes
WINDOW = 20.0  # seconds Lambda gathers messages while there are fewer than a full batch
POLLERS = 2  # maximum concurrency of the event source mapping
SECONDS_PER_FILE = 0.01  # the trigger's own time, three conditional writes on 32 threads
MAX_RECEIVES = 200
CONFIG = Config("job", "ledger", "assets", "in", "out", "queue", "dead", "dev")


@dataclass
class Load:
    """A day: (second, files) arrivals, and runs of `run_seconds` on `slots`, all taken until `busy_until`."""

    name: str
    arrivals: list[tuple[float, int]]
    slots: int = 3
    run_seconds: float = 60.0
    busy_until: float = 0.0


@dataclass
class Queued:
    """A message; `sent` and `visible` in seconds after midnight."""

    number: int
    sent: float
    receives: int = 0


@dataclass
class Day:
    """The simulated account. It is also the `Services` of the trigger."""

    load: Load
    now: float = 0.0
    ready: deque[Queued] = field(default_factory=deque)
    hidden: list[tuple[float, int, Queued]] = field(default_factory=list)
    messages: dict[str, Queued] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    run_ends: list[float] = field(default_factory=list)
    start_at: float = 0.0
    finished: dict[int, float] = field(default_factory=dict)
    run_sizes: list[int] = field(default_factory=list)
    refusals: int = 0
    most_receives: int = 0
    ids: Any = field(default_factory=count)

    def new_batch(self) -> Batch:
        return Batch(f"b{next(self.ids)}", MIDNIGHT)

    def free_slots(self) -> int:
        """The trigger waits for a slot while it holds its batch, as `AwsServices.free_slots` does."""
        self.start_at = self.now
        if len(self.run_ends) == self.load.slots and self.run_ends[0] - self.now <= CONFIG.slot_wait_seconds:
            self.start_at = max(self.now, self.run_ends[0])
        while self.run_ends and self.run_ends[0] <= self.start_at:
            heapq.heappop(self.run_ends)
        return self.load.slots - len(self.run_ends)

    def claim(self, starts: Sequence[Start], batch: Batch) -> list[Claim | TransientError]:
        answers: list[Claim | TransientError] = []
        for start in starts:
            known = start.event.file.file_id in self.held
            answers.append(Claim.DUPLICATE if known else Claim.HELD)
            self.held.add(start.event.file.file_id)
        return answers

    def start_run(self, starts: Sequence[Start], batch: Batch) -> str:
        end = self.start_at + self.load.run_seconds
        heapq.heappush(self.run_ends, end)
        self.run_sizes.append(len(starts))
        for start in starts:
            self.finished[self.messages[start.message_id].number] = end
        return f"jr_{len(self.run_sizes)}"

    def record_start(self, starts: Sequence[Start], batch: Batch, run_id: str) -> None:
        pass

    def release(self, starts: Sequence[Start], batch: Batch) -> None:
        self.held -= {start.event.file.file_id for start in starts}

    def record_ignored(self, ignored: Sequence[Ignored]) -> None:
        pass

    def bury(self, message: Message) -> None:
        raise AssertionError("no message of this day is malformed")

    def postpone(self, messages: Sequence[Message]) -> None:
        self.refusals += len(messages)
        for message in messages:
            queued = self.messages[message.message_id]
            wait = wait_of(message, MIDNIGHT + timedelta(seconds=self.now)).total_seconds()
            heapq.heappush(self.hidden, (self.now + wait, queued.number, queued))

    def run(self) -> None:
        """Let the day pass until every message is gone."""
        arrivals = deque(sorted(self.load.arrivals))
        pollers = [0.0] * POLLERS
        numbers = count()
        while arrivals or self.ready or self.hidden:
            poller = pollers.index(min(pollers))
            self.now = max(self.now, pollers[poller], min(self._next(arrivals), 1e12))
            self._arrive(arrivals, numbers)
            if len(self.ready) < PAYLOAD:
                self.now += WINDOW
                self._arrive(arrivals, numbers)
            batch = [self.ready.popleft() for _ in range(min(PAYLOAD, len(self.ready)))]
            started = self._invoke(batch)
            waited = self.start_at - self.now if started else CONFIG.slot_wait_seconds
            pollers[poller] = self.now + 1 + waited + started * SECONDS_PER_FILE

    def _next(self, arrivals: deque[tuple[float, int]]) -> float:
        if self.ready:
            return self.now
        times = [arrivals[0][0]] if arrivals else []
        return min([*times, *(self.hidden[0][:1] if self.hidden else ())])

    def _arrive(self, arrivals: deque[tuple[float, int]], numbers: Any) -> None:
        while arrivals and arrivals[0][0] <= self.now:
            at, files = arrivals.popleft()
            self.ready.extend(Queued(next(numbers), at) for _ in range(files))
        while self.hidden and self.hidden[0][0] <= self.now:
            self.ready.append(heapq.heappop(self.hidden)[2])

    def _invoke(self, batch: list[Queued]) -> int:
        """Hand a batch to the trigger; returns how many files it started."""
        self.messages = {f"m{queued.number}": queued for queued in batch}
        for queued in batch:
            queued.receives += 1
            self.most_receives = max(self.most_receives, queued.receives)
        report = process_batch({"Records": [_record(queued) for queued in batch]}, CONFIG, self)
        return sum(len(starts) for starts in report.started.values())


def _record(queued: Queued) -> dict[str, Any]:
    detail = {"key": f"orders/{queued.number}.csv", "size": 1000, "eTag": "e", "sequencer": f"{queued.number:016X}"}
    entry = {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": "in"}, "object": detail},
    }
    sent = (MIDNIGHT + timedelta(seconds=queued.sent)).timestamp()
    return {
        "messageId": f"m{queued.number}",
        "receiptHandle": "",
        "body": json.dumps({"Records": [entry]}),
        "attributes": {"ApproximateReceiveCount": str(queued.receives), "SentTimestamp": str(int(sent * 1000))},
    }


def simulate(load: Load) -> Day:
    day = Day(load, run_ends=[load.busy_until] * load.slots)
    day.run()
    return day


TRICKLE = [(float(second), 1) for second in range(0, 86_400, 30)]
LOADS = [
    Load("trickle: a file every 30 s", TRICKLE),
    Load("trickle and a burst of 5,000 at noon", [*TRICKLE, (43_200.0, 5_000)]),
    Load("trickle and a burst of 100,000 at noon", [*TRICKLE, (43_200.0, 100_000)]),
    Load("300 at noon, every slot taken for 13 days", [(43_200.0, 300)], busy_until=43_200.0 + 13 * 86_400),
]


def main() -> None:
    heads = ("load", "files", "runs", "largest", "burst took", "refusals", "receives, most", "of")
    print(("{:<40}" + "{:>15}" * 7).format(*heads))
    for load in LOADS:
        day = simulate(load)
        files = sum(files for _, files in load.arrivals)
        assert len(day.finished) == files, "a file was lost"
        assert day.most_receives < MAX_RECEIVES, "a message would have been dead-lettered for being refused"
        burst = [end for number, end in day.finished.items() if end >= 43_200.0]
        after = max(burst) - 43_200.0 if len(load.arrivals) == 1 else _drained(day) - 43_200.0
        took = str(timedelta(seconds=round(after))) if files > len(TRICKLE) else "-"
        row = (files, len(day.run_sizes), max(day.run_sizes), took, day.refusals, day.most_receives, MAX_RECEIVES)
        print(("{:<40}" + "{:>15}" * 7).format(load.name, *row))


def _drained(day: Day) -> float:
    """When the last file that arrived by noon was done."""
    arrived = sum(files for at, files in sorted(day.load.arrivals) if at <= 43_200.0)
    return max(end for number, end in day.finished.items() if number < arrived)


if __name__ == "__main__":
    main()
