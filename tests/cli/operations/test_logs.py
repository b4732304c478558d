"""logs: every line once, in the order of time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from gluepipe.operations import logs as log_reader
from gluepipe.operations.logs import LogQuery, follow_logs
from tests.cli.operated import NAMES, NOON, Account, log, run

pytestmark = pytest.mark.usefixtures("project")
JOB_LOG = f"/aws-glue/jobs/{NAMES.job}/output"
TRIGGER_LOG = f"/aws/lambda/{NAMES.trigger_function}"


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


@pytest.mark.parametrize(
    ("key", "pattern"),
    [
        ("orders/Köln 1.csv", '{ $.detail.object.key = "orders/Köln 1.csv" }'),
        ("*", ""),
        ('say "hi".csv', ""),
        ("a\\b.csv", ""),
        ("x" * 1024, ""),
    ],
)
def test_a_key_that_no_pattern_can_ask_for_is_looked_for_among_all_events(key: str, pattern: str) -> None:
    assert log_reader.pattern_of("s3", LogQuery(NOON, about="0123456789abcdef", key=key)) == pattern


def test_of_what_glue_and_spark_say_only_the_errors_are_shown(account: Account) -> None:
    run_id = account.access.glue.start_job_run(JobName=NAMES.job)["JobRunId"]
    glue_log = JOB_LOG.replace("/output", "/error")
    log(account.access, glue_log, f"{run_id}-driver", "INFO SparkContext: ready", "ERROR [main] glue: no room")
    for arguments in (("--since", "2026-11-25"), ("--run", run_id, "--since", "2026-11-25")):
        [line] = run("logs", "dev", *arguments, "--json").stdout.splitlines()
        assert (json.loads(line)["source"], json.loads(line)["message"]) == ("glue", "ERROR [main] glue: no room")


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
