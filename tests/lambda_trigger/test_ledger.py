"""The ledger's transitions, on moto's DynamoDB and on the table in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from glue_jobs.items import Items
from glue_jobs.ledger import Ledger as JobLedger
from glue_jobs.manifest import FileVersion as JobFile
from glue_jobs.settings import Settings
from lambda_trigger.decide import Reason
from lambda_trigger.events import FileEvent
from lambda_trigger.file_version import FileVersion
from lambda_trigger.ledger import Claim, Ledger
from lambda_trigger.ledger_item import LEASE, State, may_take, new_item, timestamp
from lambda_trigger.manifest import Batch
from tests.lambda_trigger.account import create_ledger
from tests.lambda_trigger.memory_table import MemoryTable, WireTable

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FILE = FileVersion("in", "orders/a.csv", "v1", "e1", "01", 120, "01".ljust(32, "0"))
NEWER = replace(FILE, version_id="v2", order="02".ljust(32, "0"))
MANIFEST = "s3://assets/manifests/{}.json"


class Harness:
    """A ledger, and the job's view of the same table."""

    def __init__(self, client: Any, wire: Any) -> None:
        self.client = client
        self.wire = wire
        self.ledger = Ledger(client, "ledger")

    def claim(self, file: FileVersion, batch: str, *, after: str | None = None, now: datetime = NOW) -> Claim:
        event = FileEvent("ObjectCreated:Put", file, after)
        return self.ledger.claim(event, Batch(batch, now), MANIFEST.format(batch))

    def job(self, batch: str, run_id: str) -> JobLedger:
        settings = Settings(run_id, "job", MANIFEST.format(batch), "out", "db", "ledger", "eu-central-1", "dev", "r1")
        return JobLedger(Items(self.wire, "ledger"), settings)

    def item(self, file_id: str) -> dict[str, Any]:
        if isinstance(self.client, MemoryTable):
            return self.client.items[file_id]
        return dict(self.client.get_item(TableName="ledger", Key={"file_id": file_id})["Item"])


@pytest.fixture(params=["moto", "memory"])
def harness(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    if request.param == "memory":
        table = MemoryTable()
        yield Harness(table, WireTable(table))
        return
    for name, value in (("DEFAULT_REGION", "eu-central-1"), ("ACCESS_KEY_ID", "x"), ("SECRET_ACCESS_KEY", "x")):
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        create_ledger("ledger")
        yield Harness(boto3.resource("dynamodb").meta.client, boto3.client("dynamodb"))


def job_file(file: FileVersion) -> JobFile:
    names = ("file_id", "bucket", "key", "version_id", "etag", "sequencer", "size", "dataset", "order")
    return JobFile(**{name: getattr(file, name) for name in names})


def test_a_new_file_is_claimed_with_the_attributes_of_the_contract(harness: Harness) -> None:
    assert harness.claim(FILE, "b1") is Claim.HELD
    item = harness.item(FILE.file_id)
    assert item["state"] == "claimed"
    assert item["state_shard"] == f"claimed#{FILE.file_id[0]}"
    assert item["dataset_shard"] == f"orders#{FILE.file_id[0]}"
    assert item["source_file"] == "s3://in/orders/a.csv"
    assert item["claimed_at"] == "2026-11-25T12:00:00.000Z"
    assert item["lease_until"] == "2026-11-25T12:03:00.000Z"
    assert (item["batch_id"], item["manifest"]) == ("b1", MANIFEST.format("b1"))
    assert item["attempts"] == 0
    assert item["expires_at"] > NOW.timestamp()
    assert harness.item(FILE.key_id)["newest"] == FILE.file_id
    assert "expires_at" not in harness.item(FILE.key_id)


def test_a_claimed_file_is_a_duplicate_for_everybody_else(harness: Harness) -> None:
    harness.claim(FILE, "b1")
    assert harness.claim(FILE, "b2") is Claim.DUPLICATE


def test_a_claim_past_its_lease_is_taken_over(harness: Harness) -> None:
    harness.claim(FILE, "b1")
    assert harness.claim(FILE, "b2", now=NOW + LEASE) is Claim.HELD
    assert harness.item(FILE.file_id)["batch_id"] == "b2"


def test_a_claim_whose_run_was_started_is_not_taken_over_however_old(harness: Harness) -> None:
    harness.claim(FILE, "b1")
    harness.ledger.record_start(FILE, Batch("b1", NOW), "jr_1")
    assert harness.claim(FILE, "b2", now=NOW + timedelta(days=1)) is Claim.DUPLICATE


def test_a_released_claim_can_be_taken_at_once(harness: Harness) -> None:
    harness.claim(FILE, "b1")
    harness.ledger.release(FILE, Batch("b1", NOW))
    assert harness.claim(FILE, "b2", now=NOW + timedelta(seconds=1)) is Claim.HELD
    assert harness.item(FILE.file_id)["attempts"] == 0


def test_a_started_run_is_recorded_and_counted(harness: Harness) -> None:
    harness.claim(FILE, "b1")
    harness.ledger.record_start(FILE, Batch("b1", NOW), "jr_1")
    assert (harness.item(FILE.file_id)["run_id"], harness.item(FILE.file_id)["attempts"]) == ("jr_1", 1)


def test_a_start_recorded_late_does_not_touch_somebody_elses_claim(harness: Harness) -> None:
    harness.claim(FILE, "b1")
    harness.claim(FILE, "b2", now=NOW + LEASE)
    harness.ledger.record_start(FILE, Batch("b1", NOW), "jr_1")
    assert "run_id" not in harness.item(FILE.file_id)


def test_an_older_version_that_comes_late_is_superseded(harness: Harness) -> None:
    assert harness.claim(NEWER, "b1") is Claim.HELD
    assert harness.claim(FILE, "b2") is Claim.SUPERSEDED
    item = harness.item(FILE.file_id)
    assert (item["state"], item["error"]["code"]) == ("ignored", "superseded")
    assert item["state_shard"].startswith("ignored#")
    assert harness.item(FILE.key_id)["newest"] == NEWER.file_id


def test_a_newer_version_takes_the_key_over(harness: Harness) -> None:
    assert harness.claim(FILE, "b1") is Claim.HELD
    assert harness.claim(NEWER, "b2") is Claim.HELD
    assert harness.item(FILE.key_id)["newest"] == NEWER.file_id


def test_an_ignored_file_is_recorded_once_and_never_over_a_known_one(harness: Harness) -> None:
    harness.ledger.record_ignored(FILE, Reason.SUFFIX, NOW)
    assert harness.item(FILE.file_id)["error"]["code"] == "suffix"
    assert "Upload it again" in harness.item(FILE.file_id)["error"]["message"]
    harness.claim(NEWER, "b1")
    harness.ledger.record_ignored(NEWER, Reason.SUFFIX, NOW)
    assert harness.item(NEWER.file_id)["state"] == "claimed"


def test_a_move_needs_the_state_and_the_holder_that_were_seen(harness: Harness) -> None:
    harness.claim(FILE, "b1")
    seen = dict(harness.item(FILE.file_id))
    assert harness.ledger.move(seen, {"batch_id": "sweep"}, remove=("run_id",))
    assert not harness.ledger.move(seen, {"batch_id": "sweep-2"})


def test_an_item_no_batch_ever_held_can_be_moved(harness: Harness) -> None:
    harness.ledger.record_ignored(FILE, Reason.SUFFIX, NOW)
    assert harness.ledger.move(harness.item(FILE.file_id), {"state": "claimed", "batch_id": "replay"})


def test_the_job_starts_only_what_its_own_manifest_claimed(harness: Harness) -> None:
    harness.claim(FILE, "b1")
    harness.claim(FILE, "b2", now=NOW + LEASE)
    assert not harness.job("b1", "jr_1").start(job_file(FILE))
    assert harness.job("b2", "jr_2").start(job_file(FILE))
    assert harness.claim(FILE, "b3", now=NOW + timedelta(days=1)) is Claim.DUPLICATE
    assert harness.job("b2", "jr_2").finish(job_file(FILE), "succeeded", {"rows_read": 3})
    assert harness.claim(FILE, "b4", now=NOW + timedelta(days=1)) is Claim.DUPLICATE


def test_a_message_that_continues_a_claim_takes_it_whatever_its_lease() -> None:
    item = new_item(FILE, State.CLAIMED, NOW) | {"batch_id": "sweep", "lease_until": timestamp(NOW + LEASE)}
    assert may_take(item, FileEvent("ObjectCreated:Put", FILE, "sweep"), NOW)
    assert not may_take(item, FileEvent("ObjectCreated:Put", FILE, "older"), NOW)
    assert not may_take(item | {"state": "succeeded"}, FileEvent("ObjectCreated:Put", FILE, "sweep"), NOW)
