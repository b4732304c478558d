"""replay: what may go on its way again does, and once."""

from __future__ import annotations

import pytest

from gluepipe.operations import queue_messages
from lambda_trigger.events import parse_message
from lambda_trigger.ledger_item import State
from lambda_trigger.requeue import message_body
from tests.cli.operated import NAMES, Account, run

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
