"""files and file: what happened to every file, and the whole story of one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from lambda_trigger.file_version import order_of
from lambda_trigger.ledger_item import State
from tests.cli.operated import NAMES, NOON, Account, documents, log, run

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
