"""The public cases of family (b): as pure decisions, and through the handler in a moto account."""

from __future__ import annotations

import json
import runpy
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from lambda_trigger import handler
from lambda_trigger.batch import process_batch
from lambda_trigger.config import Config
from lambda_trigger.decide import Rules, plan_batch
from lambda_trigger.events import parse_batch
from tests.lambda_trigger.fakes import FakeServices

CASES = Path(__file__).parents[1] / "cases"
NAMES = sorted(path.parent.name for path in CASES.glob("b*/input.json"))


def load(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    folder = CASES / name
    return json.loads((folder / "input.json").read_text()), json.loads((folder / "expected.json").read_text())


def rules_of(expected: dict[str, Any]) -> Rules:
    config = expected["config"]
    return Rules(
        input_bucket=config["input_bucket"],
        accepted_suffixes=tuple(config["accepted_suffixes"]),
        output_prefixes=tuple(config.get("output_prefixes", ())),
    )


def keys_to_start(expected: dict[str, Any]) -> set[str]:
    """The trigger does not look at objects: a missing one starts, and its run says object_missing."""
    missing = set(expected.get("given", {}).get("s3_missing_keys", ()))
    return {start["key"] for start in expected["start"]} | missing


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("b09")])
def test_a_case_is_decided_as_expected(name: str) -> None:
    event, expected = load(name)
    plan = plan_batch(parse_batch(event), rules_of(expected))
    assert sorted(start.event.file.key for start in plan.starts) == sorted(keys_to_start(expected))
    assert [message.message_id for message in plan.rejected] == expected["batch_item_failures"]


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("b10")])
def test_what_a_case_ignores_is_ignored_for_the_reason_expected(name: str) -> None:
    event, expected = load(name)
    plan = plan_batch(parse_batch(event), rules_of(expected))
    found = [(note.file.source_file if note.file else "", str(note.reason)) for note in plan.ignored]
    wanted = [(item["uri"], item["reason"].split(" ")[0]) for item in expected["ignore"]]
    assert sorted(found) == sorted((uri if uri.startswith("s3://") else "", reason) for uri, reason in wanted)


@pytest.mark.parametrize("name", NAMES)
def test_a_case_runs_through_the_handler(name: str, aws: Any, manifests: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    event, expected = load(name)
    monkeypatch.setenv("OUTPUT_PREFIXES", ",".join(expected["config"].get("output_prefixes", ())))
    handler.services.cache_clear()
    response = handler.lambda_handler(event, None)
    if name.startswith("b09"):
        expected["start"], expected["batch_item_failures"] = [{"key": f"incoming/f{n}.csv"} for n in range(4)], []
    started = [entry["key"] for manifest in manifests() for entry in manifest]
    assert sorted(started) == sorted(keys_to_start(expected))
    failures = [failure["itemIdentifier"] for failure in response["batchItemFailures"]]
    assert failures == expected["batch_item_failures"]


def test_a_second_delivery_of_a_whole_batch_starts_nothing_new(aws: Any, manifests: Any) -> None:
    event, _ = load("b04_duplicate_events")
    handler.lambda_handler(event, None)
    assert handler.lambda_handler(event, None) == {"batchItemFailures": []}
    assert len(manifests()) == 1


@pytest.mark.parametrize(
    "code",
    ["ConcurrentRunsExceededException", "ThrottlingException", "ResourceNumberLimitExceededException"],
)
def test_files_whose_run_is_refused_come_back_and_the_started_ones_do_not(config: Config, code: str) -> None:
    event, expected = load("b09_concurrent_runs_exceeded")
    given = [code if answer != "ok" else "ok" for answer in expected["given"]["glue_start_job_run"]]
    services = FakeServices(answers=given)
    report = process_batch(event, replace(config, files_per_run=1), services)
    assert services.started_keys() == [start["key"] for start in expected["start"]]
    failures = [failure["itemIdentifier"] for failure in report.response()["batchItemFailures"]]
    assert failures == expected["batch_item_failures"]
    assert [message.message_id for message in services.postponed] == failures


def test_files_of_a_job_not_deployed_yet_come_back_loudly(aws: Any, caplog: pytest.LogCaptureFixture) -> None:
    boto3.client("glue").delete_job(JobName=aws.config.job_name)
    event, _ = load("b09_concurrent_runs_exceeded")
    response = handler.lambda_handler(event, None)
    assert len(response["batchItemFailures"]) == 4
    assert any(line.levelname == "ERROR" and "does not exist" in line.message for line in caplog.records)


def test_a_burst_of_5000_files_starts_each_exactly_once(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case b19: three slots of a minute, fed by Lambda in the batches it would form."""
    monkeypatch.setattr(sys, "argv", ["generate.py", str(tmp_path)])
    runpy.run_path(str(CASES / "b19_huge_burst" / "generate.py"))
    queue = [record for path in sorted(tmp_path.iterdir()) for record in json.loads(path.read_text())["Records"]]
    services = FakeServices(slots=3)
    minutes = 0
    while queue:
        batch, queue = queue[:1000], queue[1000:]
        report = process_batch({"Records": batch}, config, services)
        back = set(report.failed)
        queue += [record for record in batch if record["messageId"] in back]
        if back:
            services.finish_runs()
            minutes += 1
    keys = services.started_keys()
    assert sorted(keys) == [f"incoming/burst/{number:05d}.csv" for number in range(5000)]
    assert not services.buried
    assert minutes <= 2
