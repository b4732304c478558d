"""The sweep: what was missed, stuck or left behind comes back, once, however often and at whatever time it runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from lambda_trigger import sweep
from lambda_trigger.bucket_check import OLDEST, THOROUGH_HOUR, YOUNGEST
from lambda_trigger.events import FileEvent, parse_message
from lambda_trigger.file_version import FileVersion, order_of
from lambda_trigger.ledger import Claim
from lambda_trigger.ledger_item import LEASE, State, new_item, timestamp
from lambda_trigger.manifest import Batch, manifest_body
from lambda_trigger.services import AwsServices
from tests.lambda_trigger.account import s3_event, sqs_record

NOW = datetime.now(UTC)


def later() -> datetime:
    """A moment from which everything uploaded so far has been there long enough to be missed."""
    return datetime.now(UTC) + YOUNGEST + timedelta(minutes=1)


def upload(aws: AwsServices, key: str = "orders/a.csv", body: bytes = b"id\n1\n") -> FileVersion:
    answer = aws.s3.put_object(Bucket=aws.config.input_bucket, Key=key, Body=body)
    etag = answer["ETag"].strip('"')
    return FileVersion(aws.config.input_bucket, key, answer["VersionId"], etag, "01", len(body), order_of("", NOW))


def claim(aws: AwsServices, file: FileVersion, batch: str = "b1", after: str | None = None) -> Claim:
    return aws.ledger.claim(FileEvent("ObjectCreated:Put", file, after), Batch(batch, NOW), f"s3://m/{batch}")


def start(aws: AwsServices, file: FileVersion, state: State, attempts: int = 1) -> str:
    """A file whose run was started and is in `state` now; returns the run's id, which Glue knows as running."""
    manifest = {"Bucket": aws.config.assets_bucket, "Key": f"manifests/{file.file_id}.json"}
    aws.s3.put_object(**manifest, Body=manifest_body([FileEvent("ObjectCreated:Put", file)]))
    run_id = boto3.client("glue").start_job_run(
        JobName=aws.config.job_name, Arguments={"--manifest": f"s3://{manifest['Bucket']}/{manifest['Key']}"}
    )["JobRunId"]
    item = new_item(file, state, NOW) | {"batch_id": "b1", "run_id": run_id, "attempts": attempts}
    aws.ledger.client.put_item(TableName=aws.ledger.table, Item=item)
    return run_id


def item(aws: AwsServices, file: FileVersion) -> dict[str, Any]:
    return dict(aws.ledger.get_many([file.file_id])[file.file_id])


def messages(aws: AwsServices, queue_url: str | None = None) -> list[FileEvent]:
    answer = aws.sqs.receive_message(
        QueueUrl=queue_url or aws.config.queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    bodies = [message["Body"] for message in answer.get("Messages", [])]
    return [event for body in bodies for event in parse_message(sqs_record(body)).events]


def end_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambda_trigger.start.Job.has_ended", lambda _job, _run: True)


def test_an_object_nobody_told_us_about_is_queued(aws: AwsServices) -> None:
    file = upload(aws, "orders/a b+c.csv")
    _, missed = sweep.services().everything(later())
    assert [found["file_id"] for found in missed] == [file.file_id]
    [event] = messages(aws)
    assert (event.file.file_id, event.file.key) == (file.file_id, "orders/a b+c.csv")
    assert claim(aws, event.file, "b2", event.after) is Claim.HELD


def test_two_sweeps_queue_a_missed_object_once(aws: AwsServices) -> None:
    upload(aws)
    sweep.services().everything(later())
    assert sweep.services().everything(later())[1] == []
    assert len(messages(aws)) == 1


def test_objects_too_young_known_or_no_input_are_left_alone(aws: AwsServices) -> None:
    upload(aws, "_tmp/a.csv")
    upload(aws, "orders/")
    claim(aws, upload(aws, "orders/known.csv"))
    assert sweep.services().everything(NOW + timedelta(seconds=1))[1] == []
    assert list(sweep.services().bucket.missed(later())) == []


def test_objects_of_earlier_days_are_looked_for_in_one_hour_of_a_day(aws: AwsServices) -> None:
    file = upload(aws)
    at_night = (NOW + OLDEST - timedelta(days=1)).replace(hour=THOROUGH_HOUR)
    assert [found.file_id for found in sweep.services().bucket.missed(at_night)] == [file.file_id]
    assert list(sweep.services().bucket.missed(at_night + timedelta(hours=1))) == []
    assert list(sweep.services().bucket.missed(at_night + timedelta(days=2))) == []


def test_a_missed_newer_version_is_placed_after_the_version_we_know(aws: AwsServices) -> None:
    older = upload(aws)
    claim(aws, FileVersion(**{**older.__dict__, "order": order_of("", NOW + timedelta(seconds=1))}))
    upload(aws, body=b"id\n2\n")
    [missed] = sweep.services().bucket.missed(later())
    key_item = aws.ledger.get_many([older.key_id])[older.key_id]
    assert missed.order > str(key_item["order"])


def test_a_version_replaced_since_the_listing_is_not_brought_back(aws: AwsServices) -> None:
    listed = upload(aws)
    newer = FileVersion(**{**listed.__dict__, "version_id": "v2", "order": order_of("", NOW + timedelta(minutes=5))})
    claim(aws, newer)
    assert list(sweep.services().bucket.unknown([listed])) == []


def test_a_claim_whose_lease_ran_out_is_queued_again(aws: AwsServices) -> None:
    file = upload(aws)
    claim(aws, file)
    assert sweep.services().recovery.of_stuck_claims(NOW + LEASE - timedelta(seconds=1)) == []
    assert len(sweep.services().recovery.of_stuck_claims(NOW + LEASE)) == 1
    assert sweep.services().recovery.of_stuck_claims(NOW + LEASE) == []
    [event] = messages(aws)
    assert event.after == item(aws, file)["batch_id"] != "b1"


@pytest.mark.parametrize("state", [State.CLAIMED, State.RUNNING])
def test_files_of_a_dead_run_are_queued_again(aws: AwsServices, monkeypatch: pytest.MonkeyPatch, state: State) -> None:
    file = upload(aws)
    start(aws, file, state)
    end_runs(monkeypatch)
    recovered = sweep.services().recovery.of_ended_runs(NOW)
    assert [died["error"]["code"] for died in recovered.died] == ["run_died"]
    now = item(aws, file)
    assert (now["state"], now["attempts"], now["manifest"]) == ("claimed", 1, None)
    assert "run_id" not in now
    assert "error" not in now
    assert [event.after for event in messages(aws)] == [now["batch_id"]]


def test_files_of_a_run_that_goes_on_are_left_alone(aws: AwsServices, monkeypatch: pytest.MonkeyPatch) -> None:
    start(aws, upload(aws), State.RUNNING)
    monkeypatch.setattr("lambda_trigger.start.Job.has_ended", lambda _job, _run: False)
    assert sweep.services().recovery.of_ended_runs(NOW).requeued == []


def test_the_end_of_a_run_brings_back_its_files_and_no_others_however_far_the_index_is_behind(
    aws: AwsServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambda_trigger.ledger.Ledger.items_of", lambda _ledger, _state: iter(()))
    dead, alive = upload(aws, "orders/dead.csv"), upload(aws, "orders/alive.csv")
    run_id = start(aws, dead, State.RUNNING)
    start(aws, alive, State.RUNNING)
    detail = {"jobName": aws.config.job_name, "jobRunId": run_id, "state": "FAILED"}
    sweep.lambda_handler({"detail-type": "Glue Job State Change", "detail": detail}, None)
    assert [event.file.key for event in messages(aws)] == ["orders/dead.csv"]


def test_the_end_of_another_jobs_run_is_none_of_our_business(aws: AwsServices) -> None:
    run_id = start(aws, upload(aws), State.RUNNING)
    detail = {"jobName": "another", "jobRunId": run_id, "state": "FAILED"}
    sweep.lambda_handler({"detail-type": "Glue Job State Change", "detail": detail}, None)
    assert messages(aws) == []


def test_a_failure_that_may_pass_is_tried_again_and_a_final_one_is_not(aws: AwsServices) -> None:
    for key, retryable in (("orders/passing.csv", True), ("orders/final.csv", False)):
        file = upload(aws, key)
        error = {"code": "x", "message": "x", "line": None, "retryable": retryable}
        failed = new_item(file, State.FAILED, NOW) | {"batch_id": "b1", "attempts": 1, "error": error}
        aws.ledger.client.put_item(TableName=aws.ledger.table, Item=failed)
    sweep.services().recovery.of_ended_runs(NOW)
    assert [event.file.key for event in messages(aws)] == ["orders/passing.csv"]


def test_the_third_failure_ends_in_the_dead_letter_queue_once(
    aws: AwsServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = upload(aws)
    start(aws, file, State.RUNNING, attempts=3)
    end_runs(monkeypatch)
    assert len(sweep.services().recovery.of_ended_runs(NOW).buried) == 1
    assert sweep.services().recovery.of_ended_runs(NOW).buried == []
    assert messages(aws) == []
    assert [event.file.key for event in messages(aws, aws.config.dead_letter_queue_url)] == [file.key]
    assert (item(aws, file)["state"], item(aws, file)["error"]["code"]) == ("failed", "run_died")


def test_what_waits_behind_a_backlog_is_not_taken_for_missed(aws: AwsServices, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(aws)
    monkeypatch.setattr(sweep, "BACKLOG", 1)
    for _ in range(2):
        aws.sqs.send_message(QueueUrl=aws.config.queue_url, MessageBody="waiting")
    assert sweep.services().everything(later())[1] == []


def test_the_schedule_sweeps_everything(aws: AwsServices) -> None:
    file = upload(aws)
    aws.ledger.client.put_item(
        TableName=aws.ledger.table,
        Item=new_item(file, State.CLAIMED, NOW) | {"batch_id": "b1", "lease_until": timestamp(NOW - LEASE)},
    )
    sweep.lambda_handler({"source": "aws.events"}, None)
    assert [event.file.file_id for event in messages(aws)] == [file.file_id]


def test_a_message_of_the_sweep_names_the_same_version_as_the_event_did(aws: AwsServices) -> None:
    event = parse_message(sqs_record({"Records": [s3_event("orders/ü.csv")]})).events[0]
    aws.ledger.claim(event, Batch("b1", NOW), "s3://m")
    sweep.services().recovery.of_stuck_claims(NOW + LEASE)
    [again] = messages(aws)
    assert again.file == event.file


def metrics_of(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """The metrics that the function has put out."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    return {name: value[0] for line in lines for name, value in line.items() if isinstance(value, list)}


def test_only_what_nobody_told_of_counts_as_stuck(
    aws: AwsServices, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = upload(aws, "orders/run.csv")
    run_id = start(aws, file, State.RUNNING)
    end_runs(monkeypatch)
    detail = {"jobName": aws.config.job_name, "jobRunId": run_id}
    sweep.lambda_handler({"detail-type": "Glue Job State Change", "detail": detail}, None)
    told = metrics_of(capsys)
    assert (told["FilesOfDeadRuns"], told["FilesRequeued"], told["DpuSeconds"]) == (1, 1, 0)
    assert "FilesStuck" not in told
    assert item(aws, file)["requeued"] == {
        "at": item(aws, file)["claimed_at"], "why": "failed", "run_id": run_id,
        "error": {"code": "run_died", "message": f"the run {run_id} ended without a word about it", "line": None,
                  "retryable": True},
    }  # fmt: skip

    start(aws, upload(aws, "orders/untold.csv"), State.RUNNING)
    sweep.lambda_handler({}, None)
    assert metrics_of(capsys)["FilesStuck"] == 1
