import boto3
import pytest

from glue_jobs.items import Items
from glue_jobs.ledger import Ledger
from glue_jobs.manifest import FileVersion
from glue_jobs.settings import Settings
from tests.glue_jobs.lake import LEDGER, Lake

OURS, OTHERS = "s3://assets/manifests/ours.json", "s3://assets/manifests/others.json"


def ledger_of(run_id: str, manifest: str = OURS) -> Ledger:
    settings = Settings(run_id, "job", manifest, "out", "db", LEDGER, "eu-central-1", "test", "r1")
    return Ledger(Items(boto3.client("dynamodb"), LEDGER), settings)


@pytest.fixture
def version(lake: Lake) -> FileVersion:
    return lake.upload("orders/a.csv", "id\n1\n")


def put(lake: Lake, version: FileVersion, **attributes) -> None:
    lake.items.put_item(Item={"file_id": version.file_id, **attributes})


@pytest.mark.parametrize(
    ("attributes", "may_start"),
    [
        ({"state": "claimed", "manifest": OURS}, True),
        ({"state": "claimed"}, True),
        ({"state": "claimed", "manifest": OTHERS}, False),
        ({"state": "running", "manifest": OURS, "run_id": "jr_dead"}, True),
        ({"state": "running", "manifest": OTHERS, "run_id": "jr_other"}, False),
        ({"state": "succeeded", "manifest": OURS}, False),
        ({"state": "ignored", "manifest": OURS}, False),
        ({"state": "failed", "manifest": OURS, "error": {"retryable": True}}, True),
        ({"state": "failed", "manifest": OURS, "error": {"retryable": False}}, False),
        ({"state": "failed", "manifest": OTHERS, "error": {"retryable": True}}, False),
    ],
)
def test_a_run_takes_only_what_is_its_own_to_do(
    lake: Lake, version: FileVersion, attributes: dict, may_start: bool
) -> None:
    put(lake, version, **attributes)

    assert ledger_of("jr_1").start(version) is may_start
    assert (lake.item(version.file_id).get("run_id") == "jr_1") is may_start


def test_what_the_trigger_wrote_stays_and_an_old_error_goes(lake: Lake, version: FileVersion) -> None:
    put(lake, version, state="claimed", claimed_at="2024-05-01T00:00:00.000Z", attempts=2, error={"code": "x"})
    ledger_of("jr_1").start(version)

    item = lake.item(version.file_id)
    assert (item["claimed_at"], item["attempts"]) == ("2024-05-01T00:00:00.000Z", 2)
    assert "error" not in item


def test_a_version_without_a_claim_gets_an_item(lake: Lake, version: FileVersion) -> None:
    assert ledger_of("jr_1").start(version)

    item = lake.item(version.file_id)
    assert (item["state"], item["state_shard"]) == ("running", f"running#{version.file_id[0]}")
    assert item["dataset_shard"] == f"orders#{version.file_id[0]}"
    assert (item["key"], item["source_file"]) == ("orders/a.csv", version.source_file)
    assert item["expires_at"] > 1_700_000_000


def test_a_run_that_lost_its_file_cannot_end_it(lake: Lake, version: FileVersion) -> None:
    first, second = ledger_of("jr_1"), ledger_of("jr_2")
    first.start(version)
    second.start(version)

    assert not first.finish(version, "failed", {})
    assert second.finish(version, "succeeded", {"rows_written": 3, "seconds": {"parse": 0.25}})
    item = lake.item(version.file_id)
    assert (item["state"], item["run_id"], int(item["rows_written"])) == ("succeeded", "jr_2", 3)
    assert item["finished_at"].endswith("Z")
