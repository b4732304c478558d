"""replay: what may go on its way again does, and once."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from itertools import count

import pytest

from gluepipe.operations import queue_messages, replay
from gluepipe.operations.ledger import Filter
from lambda_trigger.events import FileEvent, parse_message
from lambda_trigger.ledger import Claim
from lambda_trigger.ledger_item import State
from lambda_trigger.manifest import Batch
from lambda_trigger.requeue import Why, message_body
from tests.cli.operated import NAMES, Account, run
from tests.kill import Killed, killed_at

FEWEST_CALLS = 3

pytestmark = pytest.mark.usefixtures("project")


def test_replay_queues_a_finished_file_for_a_new_attempt(account: Account) -> None:
    item = account.record(account.upload("orders/a b.csv"), State.FAILED, attempts=3, run_id="jr_1")
    result = run("replay", "dev", "orders/a b.csv")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [item["source_file"]]
    now = account.item(item["file_id"])
    assert (now["state"], now["attempts"]) == ("claimed", 0)
    event = parse_message({"messageId": "m", "body": account.messages(NAMES.queue)[0]}).events[0]
    assert (event.file.file_id, event.after) == (item["file_id"], now["batch_id"])


def test_a_killed_replay_is_finished_by_the_next_one(account: Account) -> None:
    assert account.deployed.requeue.queue_url  # looked up once, so that every try makes the same calls
    for call in count(1):
        key = f"orders/{call}.csv"
        item = account.record(account.upload(key), State.FAILED)
        survived = False
        with killed_at(call) as made, suppress(Killed):
            replay.replay(account.deployed, replay.by_state(account.deployed, Filter(state=State.FAILED)))
            survived = True
        assert run("replay", "dev", "--state", "failed").exit_code == 0
        claims = {event.after for event in _events(account)}
        assert account.item(item["file_id"])["batch_id"] in claims, f"killed after {made}"
        if survived:
            assert call > FEWEST_CALLS
            return


def test_the_second_message_of_a_claim_does_nothing(account: Account) -> None:
    account.record(account.upload("orders/a.csv"), State.FAILED)
    for _ in range(2):
        run("replay", "dev", "--state", "failed")
    first, second = _events(account)
    assert first.after == second.after
    batch, ledger = Batch("b9", datetime.now(UTC)), account.deployed.ledger
    assert ledger.claim(first, batch, "m9") is Claim.HELD
    assert ledger.claim(second, Batch("b10", datetime.now(UTC)), "m10") is Claim.DUPLICATE


def test_files_that_others_queued_or_have_are_not_sent_again(account: Account) -> None:
    for key, attributes in {
        "orders/swept.csv": {"manifest": None, "requeued": {"why": Why.MISSED}},
        "orders/taken.csv": {"manifest": "m1", "requeued": {"why": Why.REPLAY}},
        "orders/new.csv": {},
    }.items():
        account.record(account.upload(key), State.CLAIMED, **attributes)
    assert run("replay", "dev", "--state", "failed").exit_code == 0
    assert account.messages(NAMES.queue) == []


def _events(account: Account) -> list[FileEvent]:
    """What the messages in the queue are about; they are taken out of it."""
    url, sqs = account.deployed.queue_url(NAMES.queue), account.access.sqs
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [
            event for each in messages for event in parse_message({"messageId": "m", "body": each["Body"]}).events
        ]
    return found


def test_a_dry_run_says_what_it_would_do_and_does_nothing(account: Account) -> None:
    item = account.record(account.upload("orders/a.csv"), State.FAILED)
    result = run("replay", "dev", "--state", "failed", "--dry-run")
    assert result.stdout.splitlines() == [item["source_file"]]
    assert "Would replay 1 file." in result.stderr
    assert account.item(item["file_id"])["state"] == "failed"
    assert account.messages(NAMES.queue) == []


def test_replay_of_a_prefix_takes_unknown_files_too_and_leaves_those_on_their_way(account: Account) -> None:
    account.record(account.upload("orders/done.csv"), State.SUCCEEDED)
    account.record(account.upload("orders/busy.csv"), State.RUNNING, lease_until="2999")
    account.upload("orders/unknown.csv")
    account.upload("customers/other.csv")
    result = run("replay", "dev", "--prefix", "orders/")
    assert sorted(uri.rpartition("/")[2] for uri in result.stdout.splitlines()) == ["done.csv", "unknown.csv"]
    assert "Left alone, because running: 1" in result.stderr
    assert len(account.messages(NAMES.queue)) == 2


def test_a_file_that_is_stuck_is_replayed(account: Account) -> None:
    item = account.record(account.upload("orders/left.csv"), State.RUNNING, run_id="jr_gone", lease_until="2026")
    assert run("replay", "dev", "orders/left.csv").stdout.splitlines() == [item["source_file"]]
    now = account.item(item["file_id"])
    assert (now["state"], "run_id" in now) == ("claimed", False)


def test_replay_of_a_key_that_is_not_there_says_so(account: Account) -> None:
    result = run("replay", "dev", "orders/none.csv")
    assert result.exit_code == 2
    assert "There is no input file" in result.stderr


def test_replay_of_a_file_that_was_ignored_or_deleted_says_so(account: Account) -> None:
    why = {"code": "suffix", "message": "Upload it again under such a name."}
    account.record(account.upload("orders/a.xlsx"), State.IGNORED, error=why)
    account.record(account.upload("orders/b.csv"), State.SUCCEEDED)
    account.access.s3.delete_object(Bucket=NAMES.input_bucket, Key="orders/b.csv")
    assert "was ignored. Upload it again under such a name." in run("replay", "dev", "orders/a.xlsx").stderr
    assert "was deleted from the bucket" in run("replay", "dev", "orders/b.csv").stderr


def test_replay_needs_exactly_one_choice(account: Account) -> None:
    assert run("replay", "dev").exit_code == 2
    assert run("replay", "dev", "a.csv", "--state", "failed").exit_code == 2
    assert "--dataset goes with --state" in run("replay", "dev", "a.csv", "--dataset", "orders").stderr


def test_dead_letters_go_back_to_the_trigger(account: Account) -> None:
    item = account.record(account.upload("orders/a.csv"), State.FAILED, attempts=3)
    sqs, dead = account.access.sqs, account.deployed.queue_url(NAMES.dead_letter_queue)
    sqs.send_message(QueueUrl=dead, MessageBody=message_body(item))
    sqs.send_message(QueueUrl=dead, MessageBody="no json {")
    result = run("replay", "dev", "--dead-letters")
    assert sorted(result.stdout.splitlines()) == sorted([item["source_file"], "no json {"])
    assert account.item(item["file_id"])["state"] == "claimed"
    assert account.messages(NAMES.dead_letter_queue) == []
    assert len(account.messages(NAMES.queue)) == 2


def test_dead_letters_are_found_right_after_somebody_looked_at_them(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_messages, "LOOKED_AT_SECONDS", 1)
    dead = account.deployed.queue_url(NAMES.dead_letter_queue)
    for number in range(12):
        account.access.sqs.send_message(QueueUrl=dead, MessageBody=f"no json {number}")
    looked_at = run("replay", "dev", "--dead-letters", "--dry-run").stdout.splitlines()
    assert len(looked_at) == 12
    assert sorted(run("replay", "dev", "--dead-letters").stdout.splitlines()) == sorted(looked_at)
