"""What a run cost: as Glue bills it, shared out among its files, once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.glue.models import FakeJobRun

from lambda_trigger import sweep
from lambda_trigger.charge import WEIGHT_OF_A_FILE, Usage, shared_out
from lambda_trigger.file_version import FileVersion, order_of
from lambda_trigger.ledger_item import State, new_item
from lambda_trigger.manifest import manifest_body
from lambda_trigger.services import AwsServices
from tests.lambda_trigger.account import created
from tests.lambda_trigger.test_sweep import NOW

MIB = 1 << 20


@pytest.mark.parametrize(
    ("run", "used", "billed"),
    [
        ({"ExecutionTime": 90, "WorkerType": "G.1X", "NumberOfWorkers": 10, "DPUSeconds": 200.0}, 200, 200),
        ({"ExecutionTime": 90, "WorkerType": "G.2X", "NumberOfWorkers": 10}, 1800, 1800),
        ({"ExecutionTime": 120, "MaxCapacity": 0.0625}, 7.5, 7.5),
        ({"ExecutionTime": 20, "DPUSeconds": 40.0}, 40, 120),
        ({"ExecutionTime": 0, "WorkerType": "G.1X", "NumberOfWorkers": 2}, 0, 0),
        ({}, 0, 0),
    ],
    ids=["scaled by itself", "all workers all the time", "no workers", "a minute at least", "never began", "unknown"],
)
def test_a_run_is_billed_as_glue_does(run: Any, used: float, billed: float) -> None:
    usage = Usage.of(run)
    assert (usage.used, usage.billed) == (used, billed)


@given(st.floats(0, 1e7), st.dictionaries(st.text(), st.integers(0, 1 << 40), min_size=1))
def test_shares_add_up_and_larger_files_pay_no_less(amount: float, sizes: dict[str, int]) -> None:
    shares = shared_out(amount, sizes)
    assert sum(shares.values()) == pytest.approx(amount)
    by_size = [shares[name] for name in sorted(sizes, key=sizes.__getitem__)]
    assert by_size == sorted(by_size)


def test_a_file_weighs_its_bytes_and_its_calls() -> None:
    assert WEIGHT_OF_A_FILE == MIB
    assert shared_out(100, {"empty": 0, "large": 3 * MIB}) == {"empty": 20, "large": 80}


@pytest.fixture
def ended(aws: AwsServices, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run of 20 seconds on two workers with two files, one of them unknown to the ledger; its id."""
    files = [
        FileVersion(aws.config.input_bucket, key, "v1", "e", "01", size, order_of("", NOW))
        for key, size in (("orders/a.csv", 0), ("orders/b.csv", 3 * MIB))
    ]
    aws.s3.put_object(Bucket=aws.config.assets_bucket, Key="manifests/m.json", Body=manifest_body(map(created, files)))
    run_id = boto3.client("glue").start_job_run(
        JobName=aws.config.job_name, Arguments={"--manifest": f"s3://{aws.config.assets_bucket}/manifests/m.json"}
    )["JobRunId"]
    item = new_item(files[0], State.SUCCEEDED, NOW) | {"run_id": run_id, "attempts": 1, "batch_id": "b1"}
    aws.ledger.client.put_item(TableName=aws.ledger.table, Item=item)
    described = FakeJobRun.as_dict
    facts = {"ExecutionTime": 20, "DPUSeconds": 40.0, "JobRunState": "SUCCEEDED"}
    monkeypatch.setattr(FakeJobRun, "as_dict", lambda run: {**described(run), **facts})
    return str(run_id)


def end(aws: AwsServices, run_id: str) -> None:
    detail = {"jobName": aws.config.job_name, "jobRunId": run_id, "state": "SUCCEEDED"}
    sweep.lambda_handler({"detail-type": "Glue Job State Change", "detail": detail}, None)


def items(aws: AwsServices) -> dict[str, dict[str, Any]]:
    found = aws.ledger.client.scan(TableName=aws.ledger.table)["Items"]
    return {str(item["file_id"]): dict(item) for item in found}


def test_the_end_of_a_run_charges_its_files_once_however_often_it_is_told(aws: AwsServices, ended: str) -> None:
    end(aws, ended)
    end(aws, ended)
    found = items(aws)
    run = found.pop(f"run#{ended}")
    [file] = found.values()
    assert (file["dpu_seconds"], file["charged_runs"]) == (Decimal(24), {ended})
    assert (run["dpu_seconds"], run["dpu_seconds_used"], run["seconds"], run["run_state"]) == (120, 40, 20, "SUCCEEDED")
    assert (run["files"], run["bytes_in"]) == (2, 3 * MIB)


def test_what_another_run_cost_is_added(aws: AwsServices, ended: str) -> None:
    end(aws, ended)
    [file_id] = [name for name in items(aws) if "#" not in name]
    aws.ledger.charge(file_id, "jr_2", Decimal("1.5"))
    assert items(aws)[file_id]["dpu_seconds"] == Decimal("25.5")


def test_runs_are_listed_beside_the_files_and_never_among_them(aws: AwsServices, ended: str) -> None:
    end(aws, ended)
    assert [item["key"] for state in State for item in aws.ledger.items_of(state)] == ["orders/a.csv"]


@pytest.mark.parametrize("body", [None, b"not json", b'[{"file_id": "x"}]'])
def test_a_run_without_a_readable_manifest_is_recorded_without_files(
    aws: AwsServices, ended: str, body: bytes | None
) -> None:
    aws.s3.delete_object(Bucket=aws.config.assets_bucket, Key="manifests/m.json")
    if body is not None:
        aws.s3.put_object(Bucket=aws.config.assets_bucket, Key="manifests/m.json", Body=body)
    end(aws, ended)
    run = items(aws)[f"run#{ended}"]
    assert (run["dpu_seconds"], run["files"]) == (120, 0)


def test_a_run_that_glue_does_not_know_charges_nobody(aws: AwsServices) -> None:
    end(aws, "jr_gone")
    assert items(aws) == {}
