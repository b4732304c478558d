"""Finds files the ledger knows and nobody works on any more, and gives them another attempt.

A file is left behind when its run ended without a word about it, when its claim's lease ran out before a run was
started, or when its job failed for a reason that may pass. Three attempts are enough: then it goes to the dead-letter
queue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from lambda_trigger.ledger_item import Item, State, ended, error, timestamp
from lambda_trigger.requeue import Requeue, Why, send
from lambda_trigger.start import Job

ATTEMPTS = 3
UNFINISHED = (State.RUNNING, State.CLAIMED)


@dataclass
class Recovered:
    """What a recovery did, as ledger items."""

    died: list[Item] = field(default_factory=list)
    requeued: list[Item] = field(default_factory=list)
    buried: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class Recovery:
    """Works on the ledger's items that are not done."""

    requeue: Requeue
    job: Job
    dead_letter_queue_url: str

    def of_run(self, run_id: str, given: Iterable[Item], now: datetime) -> Recovered:
        """Recover those of the files that a run was given that it left behind; it is known to have ended."""
        left = [item for item in given if item["state"] in UNFINISHED and item.get("run_id") == run_id]
        return self._retry(self._fail_dead(left, lambda _: True, now), now, Why.FAILED)

    def of_ended_runs(self, now: datetime) -> Recovered:
        """Recover what runs left behind whose end nobody told of, and what failed for a reason that may pass."""
        dead = self._fail_dead(self._unfinished(), self._ended_runs(), now)
        known = {item["file_id"] for item in dead}
        failed = [item for item in self._of_state(State.FAILED) if item["file_id"] not in known]
        recovered = self._retry(dead, now, Why.STUCK)
        also = self._retry(list(filter(_is_retryable, failed)), now, Why.FAILED)
        return Recovered(recovered.died, recovered.requeued + also.requeued, recovered.buried + also.buried)

    def of_stuck_claims(self, now: datetime) -> list[Item]:
        """Queue again the files whose claim's lease ran out before a run was started."""
        stuck = [item for item in self._of_state(State.CLAIMED) if _is_stuck(item, now)]
        return self.requeue.again(stuck, now, Why.STUCK)

    def _unfinished(self) -> Iterator[Item]:
        for state in UNFINISHED:
            yield from (item for item in self._of_state(state) if item.get("run_id"))

    def _of_state(self, state: State) -> Iterator[Item]:
        return self.requeue.ledger.items_of(state)

    def _ended_runs(self) -> Callable[[str], bool]:
        """Whether a run has ended; Glue is asked once for each run."""
        known: dict[str, bool] = {}

        def has_ended(run_id: str) -> bool:
            if run_id not in known:
                known[run_id] = self.job.has_ended(run_id)
            return known[run_id]

        return has_ended

    def _fail_dead(self, items: Iterable[Item], has_ended: Callable[[str], bool], now: datetime) -> list[Item]:
        """Record as failed what an ended run left behind; returns those items as they are now."""
        failed: list[Item] = []
        for item in items:
            if not has_ended(item["run_id"]):
                continue
            why = error("run_died", f"the run {item['run_id']} ended without a word about it", retryable=True)
            changes = ended(item["file_id"], State.FAILED, why, now)
            if self.requeue.ledger.move(item, changes):
                failed.append({**item, **changes})
        return failed

    def _retry(self, failed: list[Item], now: datetime, why: Why) -> Recovered:
        worn_out = [item for item in failed if item["attempts"] >= ATTEMPTS]
        again = [item for item in failed if item["attempts"] < ATTEMPTS]
        died = [item for item in failed if item["error"]["code"] == "run_died"]
        return Recovered(died, self.requeue.again(again, now, why), [item for item in worn_out if self._bury(item)])

    def _bury(self, item: Item) -> bool:
        """Send first: a second message about a buried file is harmless, none would hide it."""
        send(self.requeue.sqs, self.dead_letter_queue_url, [item])
        return self.requeue.ledger.move(item, {"error": {**item["error"], "retryable": False}})


def _is_stuck(item: Item, now: datetime) -> bool:
    return not item.get("run_id") and item.get("lease_until", "") <= timestamp(now)


def _is_retryable(item: Item) -> bool:
    return bool(item.get("error", {}).get("retryable"))
