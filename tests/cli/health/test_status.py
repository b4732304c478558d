"""`gluepipe status` against an environment in moto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto.moto_api import state_manager

from gluepipe.commands import status as command
from gluepipe.delivery import store as delivery_store
from gluepipe.delivery.store import DeliveryStore
from gluepipe.health import status
from gluepipe.project import Project
from lambda_trigger.ledger_item import State, timestamp
from tests.cli.operated import NAMES, NOON, Account, create_bucket, create_trigger, run

MINUTE = timedelta(minutes=1)


@pytest.fixture
def healthy(account: Account, project: Project, monkeypatch: pytest.MonkeyPatch) -> Account:
    """A deployed environment without files."""
    monkeypatch.setattr(delivery_store, "open_account", lambda _project, _account: account.access)
    bucket = project.settings.account_names(project.settings.environment("dev").account).state_bucket
    create_bucket(account.access, bucket)
    create_trigger(account)
    return account


@pytest.fixture
def lasting_runs() -> Iterator[None]:
    """Job runs that are at work for longer than a test."""
    state_manager.set_transition("glue::job_run", {"progression": "manual", "times": 9})
    yield
    state_manager.unset_transition("glue::job_run")


def store_of(account: Account, project: Project) -> DeliveryStore:
    return delivery_store.open_store(project, project.settings.environment("dev").account)


def record(account: Account, key: str, state: State, minutes_ago: int, **attributes: Any) -> str:
    """Claim a file so many minutes before now; its URI."""
    since_noon = int((NOON - datetime.now(UTC)) / MINUTE)
    return str(account.record(account.upload(key), state, since_noon + minutes_ago, **attributes)["source_file"])


def put_alarm(account: Account, name: str, state: str | None = None) -> None:
    account.access.cloudwatch.put_metric_alarm(
        AlarmName=name, MetricName="m", Namespace="n", ComparisonOperator="GreaterThanThreshold", Threshold=0,
        EvaluationPeriods=1, Period=60, Statistic="Sum",
    )  # fmt: skip
    if state:
        account.access.cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="told so")  # type: ignore[arg-type]


def seen() -> tuple[int, dict[str, Any]]:
    result = run("status", "dev", "--json")
    return result.exit_code, json.loads(result.stdout)


def problem() -> tuple[str, str]:
    """What makes the environment unhealthy, and the command that looks closer; there must be one problem."""
    code, document = seen()
    assert (code, document["healthy"]) == (1, False)
    [found] = document["problems"]
    return found["what"], found["command"]


def test_an_idle_environment_is_healthy(healthy: Account) -> None:
    code, document = seen()
    assert (code, document["healthy"], document["problems"]) == (0, True, [])
    assert (document["last_file"], document["last_hour"]["files"], document["releases"]) == (None, {}, {})
    assert document["backlog"] == {"waiting": 0, "oldest_seconds": None, "dead_letters": 0, "paused": False}


def test_figures_are_of_files_claimed_within_the_last_hour(healthy: Account) -> None:
    counts = {"rows_read": 10, "rows_written": 7, "rows_quarantined": 3, "rows_rescued": 1}
    record(healthy, "orders/old.csv", State.SUCCEEDED, 61, **counts)
    record(healthy, "orders/a.csv", State.SUCCEEDED, 50, **counts)
    record(healthy, "prices/b.csv", State.SUCCEEDED, 20, **counts)
    record(healthy, "prices/c.csv", State.IGNORED, 30)
    code, document = seen()
    assert code == 0
    assert document["last_hour"] == {
        "files": {"succeeded": 2, "ignored": 1},
        "rows_read": 20,
        "rows_written": 14,
        "rows_quarantined": 6,
        "rows_rescued": 2,
    }
    assert document["last_file"]["key"] == "prices/b.csv"
    text = run("status", "dev").stdout
    assert "dev is healthy" in text
    assert "last hour     files: 1 ignored, 2 succeeded; rows: 20 read, 14 written, 6 quarantined, 2 rescued" in text


def test_a_recent_failure_is_a_problem_and_an_old_one_is_not(healthy: Account) -> None:
    record(healthy, "orders/old.csv", State.FAILED, 61)
    assert seen()[0] == 0
    failed = record(healthy, "orders/new.csv", State.FAILED, 2)
    assert problem() == ("files failed within the last hour: 1", "gluepipe files dev --state failed --since 1h")
    assert seen()[1]["failed"] == [failed]
    assert f"failed        1: {failed}" in run("status", "dev").stdout


def test_dead_letters_are_a_problem(healthy: Account) -> None:
    queue = healthy.deployed.queue_url(NAMES.dead_letter_queue)
    healthy.access.sqs.send_message(QueueUrl=queue, MessageBody="{}")
    assert problem() == ("in the dead-letter queue: 1", "gluepipe replay dev --dead-letters --dry-run")


@pytest.mark.usefixtures("lasting_runs")
def test_claims_past_their_lease_are_stuck_unless_their_run_is_at_work(healthy: Account) -> None:
    past, to_come = (timestamp(datetime.now(UTC) + minutes * MINUTE) for minutes in (-1, 1))
    run_id = healthy.access.glue.start_job_run(JobName=NAMES.job)["JobRunId"]
    record(healthy, "orders/held.csv", State.CLAIMED, 4, lease_until=to_come)
    record(healthy, "orders/running.csv", State.RUNNING, 4, lease_until=past, run_id=run_id)
    assert seen()[0] == 0
    lost = record(healthy, "orders/lost.csv", State.CLAIMED, 4, lease_until=past)
    dead = record(healthy, "orders/dead.csv", State.RUNNING, 4, lease_until=past, run_id="jr_gone")
    assert problem()[0] == "stuck files: 2"
    assert set(seen()[1]["stuck"]) == {lost, dead}


def test_only_ringing_alarms_of_the_environment_are_a_problem(healthy: Account) -> None:
    put_alarm(healthy, "gluepipe-prod-dead-letters", "ALARM")
    put_alarm(healthy, "gluepipe-dev-queue-age", "OK")
    put_alarm(healthy, "gluepipe-dev-trigger-errors")
    assert seen()[0] == 0
    put_alarm(healthy, "gluepipe-dev-dead-letters", "ALARM")
    assert problem() == ("alarms: dead-letters; their runbooks: docs/operations.md", "gluepipe logs dev --since 1h")
    assert "alarms        3, ringing: dead-letters, not evaluated yet: 1" in run("status", "dev").stdout


def test_a_paused_environment_is_a_problem_once_messages_wait(healthy: Account) -> None:
    run("pause", "dev")
    assert seen()[0] == 0
    healthy.access.sqs.send_message(QueueUrl=healthy.deployed.queue_url(NAMES.queue), MessageBody="{}")
    assert problem() == ("paused, and messages wait: 1", "gluepipe resume dev")


def test_the_age_of_the_oldest_message_is_what_sqs_reported_last(healthy: Account) -> None:
    healthy.access.sqs.send_message(QueueUrl=healthy.deployed.queue_url(NAMES.queue), MessageBody="{}")
    assert "about 1 messages, age of the oldest: unknown" in run("status", "dev").stdout
    for minutes_ago, age in ((9, 900), (4, 600)):
        datum = {
            "MetricName": "ApproximateAgeOfOldestMessage",
            "Dimensions": [{"Name": "QueueName", "Value": NAMES.queue}],
            "Timestamp": datetime.now(UTC) - minutes_ago * MINUTE,
            "Value": age,
        }
        healthy.access.cloudwatch.put_metric_data(Namespace="AWS/SQS", MetricData=[datum])  # type: ignore[list-item]
    assert seen()[1]["backlog"]["oldest_seconds"] == 600
    assert "age of the oldest: 10 minutes" in run("status", "dev").stdout


def test_it_says_which_release_runs(healthy: Account, project: Project) -> None:
    version = {"stack": "application", "commit": "c" * 40, "clean": True, "bundle": "0123456789abcdef", "modules": "m"}
    release = {
        "id": "20261125T100000000Z-abcd", "environment": "dev", "version": version, "at": "2026-11-25T10:00:00Z",
        "by": "ada", "result": "applied", "summary": {"counts": {}, "findings": []}, "smoke": None,
        "origin": {"kind": "apply", "source": "", "plan": "", "approved_by": ""},
    }  # fmt: skip
    store_of(healthy, project).write_json(f"releases/dev/application/{release['id']}.json", release)
    expected = f"{release['id']} ({'c' * 12}, job 0123456789abcdef)"
    assert seen()[1]["releases"] == {"application": expected}
    assert f"release       application {expected}" in run("status", "dev").stdout
    later = {**release, "id": "20991231T000000000Z-0000", "result": "failed"}
    store_of(healthy, project).write_json(f"releases/dev/application/{later['id']}.json", later)
    doubt = f"{expected}, but {later['id']} failed: gluepipe apply dev --stack application"
    assert seen()[1]["releases"] == {"application": doubt}


def test_watching_looks_again_until_it_is_interrupted(healthy: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: Iterator[float] = iter([command.WATCH_SECONDS])

    def sleep(seconds: float) -> None:
        if next(waits, None) != seconds:
            raise KeyboardInterrupt

    monkeypatch.setattr(command.time, "sleep", sleep)
    result = run("status", "dev", "--watch", "--json")
    assert result.exit_code == 130
    assert [json.loads(line)["healthy"] for line in result.stdout.splitlines()] == [True, True]


def test_it_says_where_nothing_is_deployed(healthy: Account) -> None:
    healthy.access.dynamodb.delete_table(TableName=NAMES.ledger)
    result = run("status", "dev")
    assert result.exit_code == 1
    assert "Deploy it first: gluepipe apply dev" in result.stderr


def test_a_failure_that_a_later_upload_made_good_is_none(healthy: Account) -> None:
    record(healthy, "orders/a.csv", State.FAILED, 20)
    assert seen()[0] == 1
    record(healthy, "orders/a.csv", State.SUCCEEDED, 10)
    assert seen()[0] == 0


def test_messages_that_wait_for_a_job_that_was_never_released_are_a_problem(
    healthy: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "_releases", lambda *_: {"infrastructure": "r1 (c1)"})
    assert seen()[0] == 0
    healthy.access.sqs.send_message(QueueUrl=healthy.deployed.queue_url(NAMES.queue), MessageBody="{}")
    assert problem() == ("no job yet, and messages wait: 1", "gluepipe apply dev --stack application")
