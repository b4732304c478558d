"""What becomes of a batch, and of the messages that have to come back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from lambda_trigger import handler, services
from lambda_trigger.batch import process_batch, runs_of
from lambda_trigger.config import Config
from lambda_trigger.decide import plan_batch
from lambda_trigger.errors import ConfigError, JobBusyError, JobUnavailableError
from lambda_trigger.events import Message, parse_batch, parse_message
from lambda_trigger.services import AwsServices, wait_of
from tests.lambda_trigger.account import batch_of, s3_event, sqs_record
from tests.lambda_trigger.conftest import environment_of
from tests.lambda_trigger.fakes import FakeServices

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def events(number: int, **changes: Any) -> dict[str, Any]:
    return batch_of(*(s3_event(f"orders/{n}.csv", **changes) for n in range(number)))


def test_a_batch_is_one_run(config: Config) -> None:
    fake = FakeServices()
    report = process_batch(events(100), config, fake)
    assert [len(run) for run in fake.runs.values()] == [100]
    assert report.response() == {"batchItemFailures": []}


def test_runs_are_limited_by_files_and_by_bytes(config: Config) -> None:
    starts = plan_batch(parse_batch(events(5, size=40)), config.rules).starts
    assert [len(run) for run in runs_of(starts, replace(config, files_per_run=2))] == [2, 2, 1]
    assert [len(run) for run in runs_of(starts, replace(config, bytes_per_run=80))] == [2, 2, 1]
    assert [len(run) for run in runs_of(starts, replace(config, bytes_per_run=1))] == [1] * 5


def test_without_a_free_slot_nothing_is_claimed_and_everything_comes_back(config: Config) -> None:
    fake = FakeServices(slots=0)
    report = process_batch(events(3), config, fake)
    assert list(report.failed) == ["m0", "m1", "m2"]
    assert not fake.held
    assert isinstance(report.refusal, JobBusyError)


def test_a_refused_run_gives_its_claims_back(config: Config) -> None:
    fake = FakeServices(answers=["ConcurrentRunsExceededException"])
    report = process_batch(events(2), config, fake)
    assert list(report.failed) == ["m0", "m1"]
    assert not fake.held
    assert process_batch(events(2), config, fake).failed == {}


def test_a_file_the_ledger_does_not_take_comes_back_alone(config: Config) -> None:
    fake = FakeServices(broken_keys={"orders/1.csv"})
    report = process_batch(events(3), config, fake)
    assert list(report.failed) == ["m1"]
    assert fake.started_keys() == ["orders/0.csv", "orders/2.csv"]


def test_a_batch_of_duplicates_starts_no_run(config: Config) -> None:
    fake = FakeServices()
    process_batch(events(2), config, fake)
    report = process_batch(events(2), config, fake)
    assert len(fake.runs) == 1
    assert [note.reason for note in report.ignored] == ["duplicate_event"] * 2


@pytest.mark.parametrize(("receives", "buried"), [(1, 0), (2, 0), (3, 1), (7, 1)])
def test_the_third_time_a_message_nobody_understands_is_buried(config: Config, receives: int, buried: int) -> None:
    fake = FakeServices()
    report = process_batch({"Records": [sqs_record("no json {", "m0", receives)]}, config, fake)
    assert len(fake.buried) == buried
    assert len(report.failed) == 1 - buried


def test_a_buried_message_is_in_the_dead_letter_queue(aws: AwsServices) -> None:
    handler.lambda_handler({"Records": [sqs_record("no json {", "m0", 3)]}, None)
    answer = aws.sqs.receive_message(QueueUrl=aws.config.dead_letter_queue_url)
    assert [message["Body"] for message in answer["Messages"]] == ["no json {"]


def message(age: timedelta) -> Message:
    record = sqs_record({"Records": []})
    record["attributes"]["SentTimestamp"] = str(int((NOW - age).timestamp() * 1000))
    return parse_message(record)


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        (timedelta(), timedelta(seconds=30)),
        (timedelta(minutes=4), timedelta(seconds=30)),
        (timedelta(hours=8), timedelta(hours=1)),
        (timedelta(days=13), timedelta(hours=11, minutes=55)),
    ],
)
def test_a_message_handed_back_waits_an_eighth_of_its_age(age: timedelta, wait: timedelta) -> None:
    assert wait_of(message(age), NOW) == wait


def test_a_message_lives_its_fourteen_days_on_fewer_than_100_receives() -> None:
    age, receives = timedelta(), 0
    while age < timedelta(days=14):
        age += wait_of(message(age), NOW)
        receives += 1
    assert receives < 100


def test_messages_handed_back_are_hidden_in_the_queue(aws: AwsServices) -> None:
    for number in range(12):
        aws.sqs.send_message(QueueUrl=aws.config.queue_url, MessageBody=f"no json {number}")
    received = [
        found
        for _ in range(2)
        for found in aws.sqs.receive_message(
            QueueUrl=aws.config.queue_url, MaxNumberOfMessages=10, VisibilityTimeout=1
        )["Messages"]
    ]
    records = [
        sqs_record(found["Body"], found["MessageId"]) | {"receiptHandle": found["ReceiptHandle"]} for found in received
    ]
    assert len(handler.lambda_handler({"Records": records}, None)["batchItemFailures"]) == 12
    queue = boto3.client("sqs").get_queue_attributes(
        QueueUrl=aws.config.queue_url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
    )
    assert queue["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "12"


def test_the_trigger_waits_for_a_slot_before_it_hands_back(aws: AwsServices, monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    answers = iter([0, 0, 2])
    monkeypatch.setattr("lambda_trigger.start.Job.free_slots", lambda _job: next(answers))
    monkeypatch.setattr(services.time, "sleep", naps.append)
    assert aws.free_slots() == 2
    assert len(naps) == 2


def test_active_runs_take_slots(aws: AwsServices, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [{"JobRunState": state} for state in ("RUNNING", "STARTING", "SUCCEEDED", "FAILED")]
    monkeypatch.setattr(aws.job.glue, "get_job_runs", lambda **_: {"JobRuns": runs})
    assert aws.job.free_slots() == 1


def test_a_job_that_may_not_be_started_is_not_just_busy(aws: AwsServices) -> None:
    boto3.client("glue").delete_job(JobName=aws.config.job_name)
    with pytest.raises(JobUnavailableError, match="until the application stack is applied"):
        aws.job.start("s3://m")


def test_settings_are_read_from_the_environment(config: Config) -> None:
    config = replace(config, queue_url="q", dead_letter_queue_url="d")
    assert Config.from_environment(environment_of(config) | {"FILES_PER_RUN": "7"}).files_per_run == 7
    assert Config.from_environment(environment_of(config)) == config


@pytest.mark.parametrize("missing", ["JOB_NAME", "QUEUE_URL", "ENVIRONMENT"])
def test_a_missing_setting_names_itself(config: Config, missing: str) -> None:
    variables = environment_of(replace(config, queue_url="q", dead_letter_queue_url="d"))
    del variables[missing]
    with pytest.raises(ConfigError, match=f"{missing} is not set"):
        Config.from_environment(variables)


def test_a_setting_that_is_no_number_names_itself(config: Config) -> None:
    variables = environment_of(replace(config, queue_url="q", dead_letter_queue_url="d"))
    with pytest.raises(ConfigError, match="FILES_PER_RUN is 'many'"):
        Config.from_environment(variables | {"FILES_PER_RUN": "many"})


def test_the_handler_logs_each_file_and_counts_the_batch(
    aws: AwsServices, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    handler.lambda_handler(events(2), None)
    started = [record for record in caplog.records if record.message == "file started"]
    assert Counter(record.__dict__["source_file"] for record in started) == {
        "s3://example-raw-in/orders/0.csv": 1,
        "s3://example-raw-in/orders/1.csv": 1,
    }
    assert '"FilesStarted":[2.0]' in capsys.readouterr().out
