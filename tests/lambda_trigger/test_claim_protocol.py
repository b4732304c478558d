"""Every interleaving of Lambdas, job runs and sweeps over one ledger, with crashes at any step.

The trigger, the sweep and the job's ledger are the real ones; only the table, the queue and Glue are in memory.
Whatever the order: no version is worked on by two runs at once, none succeeds twice, and when all is quiet one sweep is
enough to bring every file to its end.
"""

# ruff: noqa: N803 - arguments are named as AWS names them

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from glue_jobs.items import Items
from glue_jobs.ledger import Ledger as JobLedger
from glue_jobs.manifest import FileVersion as JobFile
from glue_jobs.settings import Settings
from lambda_trigger import requeue
from lambda_trigger.batch import process_batch
from lambda_trigger.config import Config
from lambda_trigger.decide import Ignored, Start
from lambda_trigger.errors import JobBusyError, TransientError
from lambda_trigger.events import Message, parse_message
from lambda_trigger.ledger import Claim, Ledger
from lambda_trigger.manifest import Batch, manifest_body
from lambda_trigger.recovery import Recovery
from lambda_trigger.requeue import REQUEUE_LEASE, Requeue
from tests.lambda_trigger.account import s3_event, sqs_record
from tests.lambda_trigger.memory_table import WireTable
from tests.lambda_trigger.model import START, Actor, State, SteppingTable, World, explore

# An actor knows the time it began at. One that begins late finds every older lease run out, though its holder may
# still be alive; the last ones find theirs run out too.
LATE = START + REQUEUE_LEASE + timedelta(seconds=1)
LAST = LATE + REQUEUE_LEASE + timedelta(seconds=1)
EVENT = json.dumps({"Records": [s3_event("orders/a.csv", "in", versionId="v1", sequencer="01")]})
DIGIT = parse_message(sqs_record(EVENT)).events[0].file.file_id[0]


class Services:
    """The trigger's services with every effect a step. `busy`: Glue refuses the first run it is asked for."""

    def __init__(self, actor: Actor, world: World, now: datetime, busy: bool) -> None:
        self.actor, self.world, self.now, self.busy = actor, world, now, busy
        self.ledger = Ledger(SteppingTable(actor, world), "ledger")  # type: ignore[arg-type]

    def new_batch(self) -> Batch:
        return Batch(self.actor.fresh_name(), self.now)

    def free_slots(self) -> int:
        return 10

    def claim(self, starts: Sequence[Start], batch: Batch) -> list[Claim | TransientError]:
        return [self.ledger.claim(start.event, batch, batch.batch_id) for start in starts]

    def start_run(self, starts: Sequence[Start], batch: Batch) -> str:
        if self.busy:
            raise JobBusyError("ConcurrentRunsExceededException")
        entries = json.loads(manifest_body(start.event for start in starts))
        run_id = f"run-of-{batch.batch_id}"
        self.actor.step(lambda: self.world.runs.update({run_id: (batch.batch_id, entries)}))
        return run_id

    def record_start(self, starts: Sequence[Start], batch: Batch, run_id: str) -> None:
        for start in starts:
            self.ledger.record_start(start.event.file, batch, run_id)

    def release(self, starts: Sequence[Start], batch: Batch) -> None:
        for start in starts:
            self.ledger.release(start.event.file, batch)

    def record_ignored(self, ignored: Sequence[Ignored]) -> None:
        pass

    def bury(self, message: Message) -> None:
        raise AssertionError("every message of this model can be understood")

    def postpone(self, messages: Sequence[Message]) -> None:
        pass


CONFIG = Config("job", "ledger", "assets", "in", "out", "queue", "dead", "dev")


def trigger(name: str, body: str, now: datetime = START, busy: bool = False) -> Actor:
    """A Lambda with one message, which stays on the queue until it is answered for."""

    def code(actor: Actor, world: World) -> None:
        report = process_batch({"Records": [sqs_record(body)]}, CONFIG, Services(actor, world, now, busy))
        if report.failed:
            actor.step(lambda: world.queue.append(body))

    return Actor(name, code, on_crash=lambda world: world.queue.append(body))


def job(run_id: str) -> Actor:
    """A run: two steps, the ledger's answer to its start and to its end; between them it works."""

    def code(actor: Actor, world: World) -> None:
        manifest, entries = world.runs[run_id]
        settings = Settings(run_id, "job", manifest, "out", "db", "ledger", "eu-central-1", "dev", "r1")
        ledger = JobLedger(Items(WireTable(SteppingTable(actor, world)), "ledger"), settings)  # type: ignore[arg-type]
        for file in [JobFile(**entry) for entry in entries]:
            if ledger.start(file):
                ledger.finish(file, "succeeded", {})
        world.ended.add(run_id)

    return Actor(run_id, code, on_crash=lambda world: world.ended.add(run_id))


def jobs_of(world: World) -> list[Actor]:
    return [job(run_id) for run_id in world.runs]


def is_working(actor: Actor) -> bool:
    return not actor.done and actor.effects() == ["answered"]


def has_succeeded(actor: Actor) -> bool:
    return actor.name.startswith("run-of-") and actor.effects() == ["answered", "answered"]


class Queue:
    """The one call of SQS that requeuing makes."""

    def __init__(self, actor: Actor, world: World) -> None:
        self.actor, self.world = actor, world

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:
        target = self.world.queue if QueueUrl == "queue" else self.world.dead_letters
        self.actor.step(lambda: target.extend(entry["MessageBody"] for entry in Entries))
        return {"Successful": Entries}


class Glue:
    def __init__(self, world: World) -> None:
        self.world = world

    def has_ended(self, run_id: str) -> bool:
        return run_id in self.world.ended


def sweep(name: str, now: datetime) -> Actor:
    def code(actor: Actor, world: World) -> None:
        ledger = Ledger(SteppingTable(actor, world), "ledger")  # type: ignore[arg-type]
        names = requeue.uuid4
        requeue.uuid4 = lambda: type("Name", (), {"hex": actor.fresh_name()})  # type: ignore[assignment]
        try:
            queue = Requeue(ledger, Queue(actor, world), "queue")  # type: ignore[arg-type]
            recovery = Recovery(queue, Glue(world), "dead")  # type: ignore[arg-type]
            recovery.of_ended_runs(now)
            recovery.of_stuck_claims(now)
        finally:
            requeue.uuid4 = names

    return Actor(name, code)


def settle(state: State) -> tuple[World, list[Actor]]:
    """All is quiet, and what the ledger knows has lost its messages: one sweep, its messages, their runs."""
    world = state.world.copy()
    if world.items:
        world.queue.clear()
    sweep("last-sweep", LAST).finish(world)
    messages, world.queue = world.queue, []
    for number, body in enumerate(messages):
        trigger(f"last-lambda-{number}", body, LAST).finish(world)
    known = {actor.name for actor in state.actors}
    runs = [run.finish(world) for run in jobs_of(world) if run.name not in known]
    return world, [*state.actors, *runs]


def together(*actors: Actor) -> tuple[World, list[Actor]]:
    return World(digits=DIGIT), list(actors)


def left_behind() -> World:
    """A Lambda claimed a file and died; its message is gone."""
    world = World(digits=DIGIT)
    trigger("lambda-0", EVENT).advance(world)
    return world


def two_sweeps() -> tuple[World, list[Actor]]:
    return left_behind(), [sweep("sweep-a", LATE), sweep("sweep-b", LATE)]


def requeued() -> tuple[World, list[Actor]]:
    """The sweep's message and the original one arrive at the same time."""
    world = left_behind()
    sweep("sweep", LATE).finish(world)
    return world, [trigger("lambda-a", world.queue[-1], LATE), trigger("lambda-b", EVENT, LATE)]


def same_event_twice() -> tuple[World, list[Actor]]:
    return together(trigger("lambda-a", EVENT), trigger("lambda-b", EVENT))


def slow_lambda() -> tuple[World, list[Actor]]:
    return together(trigger("lambda-a", EVENT), trigger("lambda-b", EVENT, LATE))


def refusal() -> tuple[World, list[Actor]]:
    return together(trigger("lambda-a", EVENT, busy=True), trigger("lambda-b", EVENT))


def sweep_meanwhile() -> tuple[World, list[Actor]]:
    return together(trigger("lambda-a", EVENT), sweep("sweep", LATE))


SCENARIOS = [same_event_twice, slow_lambda, refusal, sweep_meanwhile, two_sweeps, requeued]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_interleaving_works_twice_or_strands_a_file(
    scenario: Callable[[], tuple[World, list[Actor]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glue_jobs.ledger.now", lambda: "2026-11-25T12:00:00.000Z")
    world, actors = scenario()
    ends = 0
    for state in explore(actors, world, jobs_of, crashes=1):
        jobs = [actor for actor in state.actors if actor.name.startswith("run-of-")]
        assert sum(map(is_working, jobs)) <= 1, state.path
        assert sum(map(has_succeeded, jobs)) <= 1, state.path
        if all(actor.done for actor in state.actors):
            ends += 1
            settled, actors = settle(state)
            assert sum(map(has_succeeded, actors)) == 1, state.path
            states = {item["state"] for name, item in settled.items.items() if not name.startswith("key#")}
            assert states == {"succeeded"}, state.path
    assert ends > 1


def test_the_check_notices_a_job_that_forgets_to_ask_whose_claim_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glue_jobs.ledger._MAY_START", "attribute_not_exists(#state) OR #state IN (:claimed, :running)")
    states = explore(slow_lambda()[1], slow_lambda()[0], jobs_of, crashes=0)
    assert any(sum(map(is_working, state.actors)) > 1 for state in states)
