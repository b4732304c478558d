"""The operators' commands against an environment in moto."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gluepipe.errors import UsageProblem
from gluepipe.operations import logs as log_reader
from gluepipe.operations import queue_messages
from gluepipe.operations.logs import LogQuery, follow_logs
from gluepipe.operations.runs import find_run
from lambda_trigger.events import parse_message
from lambda_trigger.file_version import order_of
from lambda_trigger.ledger_item import State
from lambda_trigger.requeue import message_body
from tests.cli.operated import NAMES, NOON, Account, create_trigger, documents, log, run

pytestmark = pytest.mark.usefixtures("project")
JOB_LOG = f"/aws-glue/jobs/{NAMES.job}/output"
TRIGGER_LOG = f"/aws/lambda/{NAMES.trigger_function}"


def test_files_lists_the_latest_first_with_what_happened_to_each(account: Account) -> None:
    account.record(account.upload("orders/old.csv"), State.SUCCEEDED, 60, rows_read=3, rows_written=2, run_id="jr_1")
    error = {"code": "no_columns", "message": "no columns", "line": None, "retryable": False}
    account.record(account.upload("orders/new.csv"), State.FAILED, 5, error=error)
    lines = run("files", "dev").stdout.splitlines()
    assert lines[0].split()[:3] == ["state", "file", "in"]
    assert lines[1].split() == ["failed", "orders/new.csv", "2026-11-25", "11:55:00", "no_columns"]
    assert lines[2].split()[:4] == ["succeeded", "orders/old.csv", "3", "2"]


def test_files_are_filtered_by_dataset_state_and_age(account: Account) -> None:
    for number in range(30):
        state = State.FAILED if number % 3 == 0 else State.SUCCEEDED
        account.record(account.upload(f"{'ab'[number % 2]}/{number}.csv"), state, number)

    def keys(*options: str) -> list[str]:
        return [item["key"] for item in documents("files", "dev", *options)]

    assert keys("--state", "failed", "--dataset", "a", "--limit", "2") == ["a/0.csv", "a/6.csv"]
    assert keys("--dataset", "B", "--limit", "3") == ["b/1.csv", "b/3.csv", "b/5.csv"]
    assert keys("--since", "2026-11-25T11:58") == ["a/0.csv", "b/1.csv", "a/2.csv"]
    assert len(keys()) == 20
    assert len(keys("--limit", "0")) == 30


def test_files_of_an_empty_ledger_are_an_empty_array(account: Account) -> None:
    assert documents("files", "dev") == []
    assert run("files", "dev").stderr == "None.\n"


def test_files_says_where_there_is_no_ledger(account: Account) -> None:
    account.access.dynamodb.delete_table(TableName=NAMES.ledger)
    result = run("files", "dev")
    assert result.exit_code == 1
    assert "dev has no ledger gluepipe-dev-ledger. Deploy it first: gluepipe apply dev" in result.stderr


def test_since_refuses_what_is_no_time(account: Account) -> None:
    result = run("files", "dev", "--since", "yesterday")
    assert result.exit_code == 2
    assert "'yesterday' is neither an age" in result.stderr


def test_an_old_version_that_was_replayed_last_is_not_the_story(account: Account) -> None:
    newer = account.record(account.upload("orders/a.csv"), State.SUCCEEDED, 60)
    older = replace(account.upload("orders/a.csv"), order=order_of("", NOON - timedelta(hours=2)))
    account.record(older, State.IGNORED, 1)
    story = documents("file", "dev", "orders/a.csv")
    assert story["file"]["file_id"] == newer["file_id"]
    assert [each["file_id"] for each in story["other_versions"]] == [older.file_id]


@pytest.mark.parametrize("when", ["9999999999d", "0001-01-01"])
def test_since_long_ago_is_since_ever(account: Account, when: str) -> None:
    account.record(account.upload("orders/a.csv"), State.SUCCEEDED)
    assert len(documents("files", "dev", "--since", when)) == 1
    assert run("logs", "dev", "--since", when).exit_code == 0


def test_a_key_that_begins_with_a_slash_is_another_key(account: Account) -> None:
    for key in ("orders/a.csv", "/orders/a.csv"):
        account.record(account.upload(key), State.SUCCEEDED)
    assert documents("file", "dev", "/orders/a.csv")["file"]["key"] == "/orders/a.csv"
    assert documents("file", "dev", "orders/a.csv")["file"]["key"] == "orders/a.csv"


@pytest.mark.parametrize("command", ["file", "replay"])
def test_a_uri_of_another_bucket_is_no_file_of_the_environment(account: Account, command: str) -> None:
    result = run(command, "dev", "s3://elsewhere/orders/a.csv")
    assert result.exit_code == 2
    assert f"not in the input bucket of dev. That is s3://{NAMES.input_bucket}/" in result.stderr


def test_file_tells_the_story_of_the_latest_version(account: Account) -> None:
    older = account.record(account.upload("orders/a.csv", "id\n1\n"), State.IGNORED, 60)
    item = account.record(
        account.upload("orders/a.csv"),
        State.SUCCEEDED,
        run_id="jr_1",
        rows_written=1,
        dpu_seconds=24,
        outputs=["orders/x.parquet"],
    )
    about = {"level": "INFO", "message": "file started", "file_id": item["file_id"]}
    log(account.access, TRIGGER_LOG, "s", json.dumps(about), json.dumps({**about, "file_id": "another"}))
    log(account.access, JOB_LOG, "jr_1", json.dumps({**about, "message": "published"}))
    text = run("file", "dev", "orders/a.csv").stdout
    assert "state             succeeded" in text
    assert "output            orders/x.parquet" in text
    assert "dpu_seconds       24" in text
    assert f"other version     {older['file_id']} ignored" in text
    assert "file started" in text
    assert "published" in text
    assert len(documents("file", "dev", item["file_id"])["log"]) == 2


def test_file_tells_of_an_upload_that_the_ledger_does_not_know_yet(account: Account) -> None:
    described = {"key": "orders/ü b.csv", "size": 12, "version-id": "v1"}
    detail = {"bucket": {"name": NAMES.input_bucket}, "object": described}
    event = {"detail-type": "Object Created", "source": "aws.s3", "detail": detail}
    other = json.dumps(event).replace("orders", "prices")
    log(account.access, NAMES.arrivals_log_group, "s", json.dumps(event), other)
    result = run("file", "dev", "orders/ü b.csv")
    assert result.exit_code == 1
    assert "is not in the ledger yet; the bucket said last: Object Created 2026-11-25 12:00:00 UTC, 12 bytes" in (
        result.stderr
    )
    lines = [json.loads(line) for line in run("logs", "dev", "--since", "2026-11-25", "--json").stdout.splitlines()]
    assert [(line["source"], line["message"], line["key"]) for line in lines] == [
        ("s3", "Object Created", "orders/ü b.csv"),
        ("s3", "Object Created", "prices/ü b.csv"),
    ]


def test_file_says_when_it_knows_no_such_key(account: Account) -> None:
    result = run("file", "dev", "orders/none.csv")
    assert result.exit_code == 2
    assert f"s3://{NAMES.input_bucket}/orders/none.csv did not arrive within 14 days" in result.stderr


def test_runs_are_listed_and_filtered_by_state(account: Account) -> None:
    glue = account.access.glue
    started = glue.start_job_run(JobName=NAMES.job, Arguments={"--manifest": "s3://m"})["JobRunId"]
    found = documents("runs", "dev")
    assert [(each["run_id"], each["manifest"]) for each in found] == [(started, "s3://m")]
    assert documents("runs", "dev", "--state", "failed") == []
    assert run("runs", "dev").stdout.splitlines()[1].split()[0] == started[:11]


def test_runs_says_where_there_is_no_job(account: Account) -> None:
    account.access.glue.delete_job(JobName=NAMES.job)
    result = run("runs", "dev")
    assert result.exit_code == 1
    assert "dev has no job gluepipe-dev-file-processor." in result.stderr


def test_logs_of_everything_are_in_the_order_of_time(account: Account) -> None:
    log(account.access, TRIGGER_LOG, "s", "first", "third")
    log(account.access, JOB_LOG, "jr_1", "first")
    result = run("logs", "dev", "--since", "2026-11-25")
    assert [line.split()[2:] for line in result.stdout.splitlines()] == [
        ["trigger", "first"],
        ["job", "first"],
        ["trigger", "third"],
    ]


def test_logs_of_a_run_are_only_its_own(account: Account) -> None:
    run_id = account.access.glue.start_job_run(JobName=NAMES.job)["JobRunId"]
    log(account.access, JOB_LOG, run_id, "mine")
    account.access.logs.create_log_stream(logGroupName=JOB_LOG, logStreamName="jr_other")
    result = run("logs", "dev", "--run", run_id, "--since", "2026-11-25")
    assert [line.split()[2:] for line in result.stdout.splitlines()] == [["job", "mine"]]
    assert run("logs", "dev", "--run", "jr_none").exit_code == 2


def test_the_beginning_of_an_id_is_enough_to_find_a_run(account: Account) -> None:
    run_ids = [account.access.glue.start_job_run(JobName=NAMES.job)["JobRunId"] for _ in range(2)]
    for run_id in run_ids:
        assert find_run(account.deployed, run_id[:20]).run_id == run_id
    with pytest.raises(UsageProblem, match="has no run jr_00000000"):
        find_run(account.deployed, "jr_00000000")


def test_metrics_are_no_lines_for_people(account: Account) -> None:
    log(account.access, TRIGGER_LOG, "s", '{"_aws": {}, "FilesStarted": 1}', '{"message": "file started"}')
    assert len(run("logs", "dev", "--since", "2026-11-25", "--json").stdout.splitlines()) == 2
    assert len(run("logs", "dev", "--since", "2026-11-25").stdout.splitlines()) == 1


def test_following_shows_every_line_once(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    log(account.access, JOB_LOG, "jr_1", "one")
    polls: list[float] = []
    monkeypatch.setattr(log_reader.time, "sleep", polls.append)
    lines = follow_logs(account.deployed, LogQuery(NOON))
    assert next(lines).text == "one"
    event = {"timestamp": int(datetime.now(UTC).timestamp() * 1000), "message": "two"}
    account.access.logs.put_log_events(logGroupName=JOB_LOG, logStreamName="jr_1", logEvents=[event])  # type: ignore[list-item]
    assert next(lines).text == "two"
    assert polls == [log_reader.POLL_SECONDS]


def test_a_line_that_arrives_minutes_late_is_shown_once_too(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    account.access.logs.create_log_group(logGroupName=JOB_LOG)
    account.access.logs.create_log_stream(logGroupName=JOB_LOG, logStreamName="jr_1")
    now = datetime.now(UTC)

    def put(message: str, age: timedelta) -> None:
        event = {"timestamp": int((now - age).timestamp() * 1000), "message": message}
        account.access.logs.put_log_events(logGroupName=JOB_LOG, logStreamName="jr_1", logEvents=[event])  # type: ignore[list-item]

    put("in time", timedelta(seconds=1))
    polls: list[float] = []

    def sleep(seconds: float) -> None:
        polls.append(seconds)
        if len(polls) == 2:
            put("late", timedelta(minutes=5))
        if len(polls) == 40:
            put("last", timedelta(0))
        assert len(polls) < 50, "the lines have not been shown"

    monkeypatch.setattr(log_reader.time, "sleep", sleep)
    lines = follow_logs(account.deployed, LogQuery(now - timedelta(hours=1)))
    assert [next(lines).text for _ in range(3)] == ["in time", "late", "last"]


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


def test_pause_and_resume_switch_the_event_source(account: Account) -> None:
    create_trigger(account)
    assert "dev is paused; 0 messages" in run("pause", "dev").stderr
    assert "dev is paused already" in run("pause", "dev").stderr
    assert "dev is running; 0 messages" in run("resume", "dev").stderr


def test_pause_says_where_there_is_no_trigger(account: Account) -> None:
    result = run("pause", "dev")
    assert result.exit_code == 1
    assert "has no event source" in result.stderr
