"""Who is told what: the message that each event ends in, on an account in moto."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from lambda_trigger import alert
from lambda_trigger.file_version import FileVersion
from lambda_trigger.ledger_item import State, new_item, timestamp
from lambda_trigger.manifest import manifest_body
from lambda_trigger.requeue import Why
from lambda_trigger.services import AwsServices
from tests.lambda_trigger.account import created
from tests.lambda_trigger.test_sweep import upload

PREFIX = "gluepipe-dev-"
OUTPUT, ARRIVALS, TRIGGER = (
    "/aws-glue/jobs/job/output",
    "/aws/events/gluepipe-dev-input",
    "/aws/lambda/gluepipe-dev-trigger",
)
FUNCTION = "/aws/lambda/gluepipe-dev-alert"
DESCRIPTION = "Something rings. Runbook: docs/operations.md#{} Run: gluepipe files dev --since 1h"


@pytest.fixture
def told(aws: AwsServices, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """The alert function's account; the messages that its topic got so far."""
    sns, sqs, logs = boto3.client("sns"), aws.sqs, boto3.client("logs")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    url = sqs.create_queue(QueueName="on-call")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    for group in (OUTPUT, ARRIVALS, TRIGGER, FUNCTION):
        logs.create_log_group(logGroupName=group)
    variables = {
        "ALARM_TOPIC_ARN": topic, "ARRIVALS_LOG_GROUP": ARRIVALS, "AWS_REGION": "eu-central-1", "ENVIRONMENT": "dev",
        "INPUT_BUCKET": aws.config.input_bucket, "JOB_LOG_GROUP": OUTPUT, "JOB_NAME": aws.config.job_name,
        "LEDGER_TABLE": aws.config.ledger_table, "PREFIX": PREFIX,
        "UNDELIVERED_QUEUE_URL": sqs.create_queue(QueueName="events-dead")["QueueUrl"],
    }  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    alert.services.cache_clear()

    def messages() -> list[str]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
        return [json.loads(message["Body"])["Message"] for message in found]

    yield messages
    alert.services.cache_clear()


def write(group: str, stream: str, *lines: str) -> None:
    logs = boto3.client("logs")
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    now = int(time.time() * 1000)
    logs.put_log_events(
        logGroupName=group, logStreamName=stream, logEvents=[{"timestamp": now, "message": line} for line in lines]
    )


def record(aws: AwsServices, file: FileVersion, state: State, **attributes: Any) -> None:
    now = datetime.now(UTC)
    ended = {"finished_at": timestamp(now)} if state in (State.FAILED, State.SUCCEEDED) else {}
    item = new_item(file, state, now) | {"attempts": 1, "batch_id": "b"} | ended | attributes
    aws.ledger.client.put_item(TableName=aws.ledger.table, Item=item)


def run_of(aws: AwsServices, *files: FileVersion) -> str:
    body = manifest_body(map(created, files))
    aws.s3.put_object(Bucket=aws.config.assets_bucket, Key="manifests/m.json", Body=body)
    manifest = {"--manifest": f"s3://{aws.config.assets_bucket}/manifests/m.json"}
    return str(boto3.client("glue").start_job_run(JobName=aws.config.job_name, Arguments=manifest)["JobRunId"])


def run_fails(run_id: str, job_name: str = "gluepipe-dev-file-processor") -> None:
    detail = {"jobName": job_name, "jobRunId": run_id, "state": "FAILED", "message": "SystemExit: 1"}
    alert.lambda_handler({"detail-type": "Glue Job State Change", "detail": detail})


def rings(name: str, *values: float, also: str = "") -> None:
    detail = {
        "alarmName": PREFIX + name,
        "state": {"value": "ALARM", "reasonData": json.dumps({"recentDatapoints": values})},
        "configuration": {"description": DESCRIPTION.format(name) + also},
    }
    alert.lambda_handler({"detail-type": "CloudWatch Alarm State Change", "detail": detail})


def values(message: str, name: str) -> list[str]:
    return re.findall(rf"^{name} +(.*)$", message, re.MULTILINE)


def error(code: str, message: str, *, retryable: bool = False) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "line": None, "retryable": retryable}}


def test_a_failed_run_is_told_with_the_files_it_left_undone(aws: AwsServices, told: Callable[[], list[str]]) -> None:
    left, done, refused = upload(aws, "orders/a.csv"), upload(aws, "orders/b.csv"), upload(aws, "orders/c.csv")
    run_id = run_of(aws, left, done, refused)
    record(aws, left, State.RUNNING, run_id=run_id)
    record(aws, done, State.SUCCEEDED, run_id=run_id)
    record(aws, refused, State.FAILED, run_id=run_id, **error("empty_file", "It holds no record."))
    write(OUTPUT, f"{run_id}-driver", "Traceback (most recent call last):", "  File ...", "MemoryError: no room")
    run_fails(run_id)
    [message] = told()
    assert values(message, "File") == [left.source_file]
    assert values(message, "Run") == [run_id]
    assert values(message, "Reason") == ["the run ended as FAILED: SystemExit: 1"]
    assert values(message, "Error") == ["MemoryError: no room"]
    assert values(message, "Log")[0].endswith(f"$3FlogStreamNameFilter$3D{run_id}")
    assert values(message, "Replay") == ["gluepipe replay dev orders/a.csv"]
    assert values(message, "Runbook") == ["docs/operations.md#job-failed"]
    assert values(message, "Look") == [f"gluepipe logs dev --run {run_id}"]


def test_a_file_that_the_sweep_was_faster_to_queue_again_is_told_of(
    aws: AwsServices, told: Callable[[], list[str]]
) -> None:
    left = upload(aws)
    run_id = run_of(aws, left)
    record(aws, left, State.CLAIMED, attempts=2, run_id="jr_next")
    run_fails(run_id)
    assert values(told()[0], "File") == [left.source_file]


@pytest.mark.parametrize("state", [State.RUNNING, State.FAILED])
def test_the_second_failure_of_the_same_files_is_not_told_again(
    aws: AwsServices, told: Callable[[], list[str]], state: State
) -> None:
    left = upload(aws)
    run_id = run_of(aws, left)
    record(aws, left, state, attempts=2, run_id=run_id, **error("run_died", "it died", retryable=True))
    run_fails(run_id)
    assert told() == []


def test_a_run_without_a_manifest_is_told_of_without_files(aws: AwsServices, told: Callable[[], list[str]]) -> None:
    manifest = {"--manifest": f"s3://{aws.config.assets_bucket}/manifests/none.json"}
    run_id = boto3.client("glue").start_job_run(JobName=aws.config.job_name, Arguments=manifest)["JobRunId"]
    run_fails(run_id)
    assert values(told()[0], "File") == ["none known"]
    assert values(told()[0], "Error") == ["SystemExit: 1"]


def test_failed_files_are_told_with_their_reason(aws: AwsServices, told: Callable[[], list[str]]) -> None:
    bad, worn_out, old = upload(aws, "orders/bad.csv"), upload(aws, "orders/worn.csv"), upload(aws, "orders/old.csv")
    record(aws, bad, State.FAILED, run_id="jr_1", **error("empty_file", "It holds no record."))
    record(aws, worn_out, State.FAILED, run_id="jr_1", attempts=3, **error("run_died", "it died"))
    before = timestamp(datetime.now(UTC) - timedelta(hours=2))
    record(aws, old, State.FAILED, run_id="jr_0", finished_at=before, **error("empty_file", "It holds no record."))
    line = {"level": "ERROR", "message": "File failed", "error": {"message": "It holds no record."}}
    write(OUTPUT, "jr_1-driver", json.dumps(line), json.dumps({"level": "INFO", "message": "Error?"}), "SystemExit: 1")
    rings("failed-files", 1)
    [message] = told()
    assert message.startswith("Something rings.\n\n")
    assert values(message, "File") == [bad.source_file]
    assert values(message, "Reason") == ["empty_file: It holds no record."]
    assert values(message, "Error") == ["File failed: It holds no record."]
    assert values(message, "Look") == ["gluepipe files dev --since 1h"]


def test_files_that_gave_up_are_told_as_dead_letters(aws: AwsServices, told: Callable[[], list[str]]) -> None:
    bad, worn_out = upload(aws, "orders/bad.csv"), upload(aws, "orders/worn.csv")
    record(aws, bad, State.FAILED, run_id="jr_1", **error("empty_file", "It holds no record."))
    record(aws, worn_out, State.FAILED, run_id="jr_1", attempts=3, **error("run_died", "it died"))
    rings("dead-letters", 1)
    assert values(told()[0], "File") == [worn_out.source_file]
    assert values(told()[0], "Reason") == ["run_died: it died"]


def test_a_dead_letter_about_no_file_has_a_command_all_the_same(
    aws: AwsServices, told: Callable[[], list[str]]
) -> None:
    write(TRIGGER, "s", json.dumps({"level": "ERROR", "message": "message moved", "reason": "the body is no JSON"}))
    rings("dead-letters", 1)
    assert values(told()[0], "Replay") == ["gluepipe replay dev --dead-letters"]
    assert values(told()[0], "Error") == ["message moved: the body is no JSON"]


def test_the_worst_of_the_files_with_bad_rows_comes_first(aws: AwsServices, told: Callable[[], list[str]]) -> None:
    for name, rows in (("some", 2), ("clean", 0), ("most", 9)):
        record(aws, upload(aws, f"orders/{name}.csv"), State.SUCCEEDED, rows_read=10, rows_quarantined=rows)
    rings("quarantine-rate", 37)
    assert [name.rpartition("/")[2] for name in values(told()[0], "File")] == ["most.csv", "some.csv"]
    assert values(told()[0], "Reason") == ["9 of 10 rows were set aside", "2 of 10 rows were set aside"]


def test_unusual_row_counts_are_told_as_the_job_found_them(aws: AwsServices, told: Callable[[], list[str]]) -> None:
    record(aws, upload(aws, "orders/usual.csv"), State.SUCCEEDED)
    record(
        aws, upload(aws, "orders/odd.csv"), State.SUCCEEDED, unusual="3 rows, where the 20 files before had 100 to 120"
    )
    rings("row-counts", 1)
    assert values(told()[0], "Reason") == ["3 rows, where the 20 files before had 100 to 120"]


def test_stuck_files_are_told_wherever_they_are_by_now(aws: AwsServices, told: Callable[[], list[str]]) -> None:
    now = timestamp(datetime.now(UTC))
    stuck = {"requeued": {"at": now, "why": Why.STUCK, "run_id": "jr_dead"}}
    record(aws, upload(aws, "orders/stuck.csv"), State.SUCCEEDED, **stuck)
    record(aws, upload(aws, "orders/asked.csv"), State.CLAIMED, requeued={"at": now, "why": Why.REPLAY})
    rings("stuck-files", 1)
    assert values(told()[0], "File") == [f"s3://{aws.config.input_bucket}/orders/stuck.csv"]
    assert values(told()[0], "Run") == ["jr_dead"]


def test_files_that_wait_are_found_among_the_events_of_the_bucket(
    aws: AwsServices, told: Callable[[], list[str]]
) -> None:
    def event(key: str, sequencer: str) -> str:
        described = {"key": key, "size": 1, "etag": "e", "version-id": sequencer, "sequencer": sequencer}
        detail = {"bucket": {"name": aws.config.input_bucket}, "object": described}
        at = "2026-11-25T10:00:00Z"
        return json.dumps({"source": "aws.s3", "detail-type": "Object Created", "time": at, "detail": detail})

    done = FileVersion(aws.config.input_bucket, "orders/done.csv", "02", "e", "02", 1, "02")
    record(aws, done, State.SUCCEEDED)
    write(ARRIVALS, "s", event("orders/a b.csv", "01"), event("orders/done.csv", "02"), event("_tmp/x.csv", "03"))
    rings("queue-age", 7200)
    assert values(told()[0], "File") == [f"s3://{aws.config.input_bucket}/orders/a b.csv"]
    assert values(told()[0], "Reason") == ["waits since 2026-11-25 10:00:00 UTC"]
    assert values(told()[0], "Replay") == ["gluepipe replay dev 'orders/a b.csv'"]


def test_the_budget_names_the_files_that_took_longest_and_freshness_the_last_one(
    aws: AwsServices, told: Callable[[], list[str]]
) -> None:
    quick, slow = upload(aws, "orders/quick.csv"), upload(aws, "orders/slow.csv")
    earlier = timestamp(datetime.now(UTC) - timedelta(hours=1))
    record(aws, slow, State.SUCCEEDED, seconds={"total": 300}, claimed_at=earlier)
    record(aws, quick, State.SUCCEEDED, seconds={"total": 1})
    rings("budget", 11)
    rings("freshness")
    budget, freshness = sorted(told(), key=lambda message: "budget" in message, reverse=True)
    assert values(budget, "Reason") == ["took 300 s of its run", "took 1 s of its run"]
    assert values(freshness, "File") == [quick.source_file]


def set_aside(aws: AwsServices, event: Any, **attributes: str) -> None:
    """Put an event where EventBridge and Lambda put what reached nobody."""
    url = aws.sqs.get_queue_url(QueueName="events-dead")["QueueUrl"]
    told: Any = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    body = event if isinstance(event, str) else json.dumps(event)
    aws.sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=told)


def test_events_that_reached_nobody_are_told_with_their_files_and_stay_in_the_queue(
    aws: AwsServices, told: Callable[[], list[str]]
) -> None:
    done, left, odd = upload(aws, "orders/done.csv"), upload(aws, "orders/left.csv"), upload(aws, "orders/odd.csv")
    run_id = run_of(aws, done, left)
    record(aws, done, State.SUCCEEDED, run_id=run_id)
    record(aws, left, State.RUNNING, run_id=run_id)
    record(aws, odd, State.SUCCEEDED, run_id="jr_odd", unusual="1 row, where the 20 files before had 100 to 120")
    detail = {"jobName": aws.config.job_name, "jobRunId": run_id, "state": "SUCCEEDED"}
    set_aside(aws, {"detail-type": "Glue Job State Change", "detail": detail}, ERROR_MESSAGE="no such function")
    rang = {"alarmName": PREFIX + "row-counts", "state": {"value": "ALARM"}}
    set_aside(aws, {"detail-type": "CloudWatch Alarm State Change", "detail": rang}, ErrorMessage="it failed")
    arrived = {"bucket": {"name": aws.config.input_bucket}, "object": {"key": "orders/new.csv", "etag": "e"}}
    set_aside(aws, {"source": "aws.s3", "detail-type": "Object Created", "detail": arrived}, ERROR_MESSAGE="no log")
    set_aside(aws, {"detail-type": "Scheduled Event", "detail": {}})
    set_aside(aws, "no JSON")
    rings("undelivered-events", 5)
    rings("undelivered-events", 5)
    message, again = told()
    assert message == again
    reasons = dict(zip(values(message, "File"), values(message, "Reason"), strict=True))
    assert sorted(reasons) == sorted(
        [done.source_file, left.source_file, odd.source_file, f"s3://{aws.config.input_bucket}/orders/new.csv"]
    )
    assert reasons[left.source_file] == f"that its run {run_id} ended (SUCCEEDED) reached nobody: no such function"
    assert reasons[odd.source_file] == "1 row, where the 20 files before had 100 to 120"
    assert reasons[f"s3://{aws.config.input_bucket}/orders/new.csv"] == "its event was not logged: no log"
    assert values(message, "File").index(left.source_file) < values(message, "File").index(done.source_file)
    assert set(values(message, "Run")) == {run_id, "jr_odd", "none"}


def test_an_undelivered_event_about_no_file_is_told_with_its_reason(
    aws: AwsServices, told: Callable[[], list[str]]
) -> None:
    set_aside(aws, {"detail-type": "Scheduled Event", "detail": {}}, ERROR_MESSAGE="no such function")
    rings("undelivered-events", 1)
    assert values(told()[0], "Error") == ["no such function"]
    assert values(told()[0], "Replay") == ["gluepipe replay dev --undelivered"]


def test_failures_of_the_alert_function_are_told_with_all_that_may_have_gone_untold(
    aws: AwsServices, told: Callable[[], list[str]]
) -> None:
    bad, again = upload(aws, "orders/bad.csv"), upload(aws, "orders/again.csv")
    record(aws, bad, State.FAILED, run_id="jr_1", **error("empty_file", "It holds no record."))
    before = {"at": timestamp(datetime.now(UTC)), "why": Why.FAILED, "run_id": "jr_2"}
    record(aws, again, State.CLAIMED, requeued={**before, **error("run_died", "it died")})
    record(aws, upload(aws, "orders/asked.csv"), State.CLAIMED, requeued={**before, "why": Why.REPLAY})
    write(FUNCTION, "s", json.dumps({"level": "ERROR", "message": "LEDGER_TABLE is not set"}))
    rings("alert-errors", 3)
    [message] = told()
    assert values(message, "File") == [bad.source_file, again.source_file]
    assert values(message, "Reason") == ["empty_file: It holds no record.", "run_died: it died"]
    assert values(message, "Run") == ["jr_1", "jr_2"]


def test_the_first_command_is_told_apart_from_the_one_that_replays(
    aws: AwsServices, told: Callable[[], list[str]]
) -> None:
    write(FUNCTION, "s", json.dumps({"level": "ERROR", "message": "LEDGER_TABLE is not set"}))
    rings("alert-errors", 3, also=" Replay: gluepipe replay dev --undelivered")
    assert values(told()[0], "Look") == ["gluepipe files dev --since 1h"]
    assert values(told()[0], "Error") == ["LEDGER_TABLE is not set"]
