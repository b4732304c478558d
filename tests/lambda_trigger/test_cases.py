"""The cases of S3 events: as pure decisions, and through the handler in a moto account."""

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
from tests.event_cases import TESTS, EventCase, event_cases
from tests.lambda_trigger.fakes import FakeServices

REFERENCE = TESTS / "cases"
CASES = [pytest.param(case, id=case.name) for case in event_cases()]
BUSY = EventCase(REFERENCE / "b09_concurrent_runs_exceeded")
SAID_BY_RUNS = {"object_missing"}  # the trigger does not look at objects
IDLE = [pytest.param(case, id=case.name) for case in event_cases() if not case.is_busy]


def rules_of(expected: dict[str, Any]) -> Rules:
    config = expected["config"]
    return Rules(
        input_bucket=config["input_bucket"],
        accepted_suffixes=tuple(config["accepted_suffixes"]),
        output_prefixes=tuple(config.get("output_prefixes", ())),
    )


@pytest.mark.parametrize("case", IDLE)
def test_a_case_is_decided_as_expected(case: EventCase) -> None:
    plan = plan_batch(parse_batch(case.event), rules_of(case.expected))
    assert sorted(start.event.file.key for start in plan.starts) == sorted(case.keys_to_start)
    assert [message.message_id for message in plan.rejected] == case.expected["batch_item_failures"]


@pytest.mark.parametrize("case", CASES)
def test_what_a_case_ignores_is_ignored_for_the_reason_expected(case: EventCase) -> None:
    plan = plan_batch(parse_batch(case.event), rules_of(case.expected))
    found = [(note.file.source_file if note.file else "", str(note.reason)) for note in plan.ignored]
    ignored = [(note["uri"], note["reason"].split(" ")[0]) for note in case.expected["ignore"]]
    wanted = [(uri if uri.startswith("s3://") else "", reason) for uri, reason in ignored if reason not in SAID_BY_RUNS]
    assert sorted(found) == sorted(wanted)


@pytest.mark.parametrize("case", CASES)
def test_a_case_starts_what_it_should_and_nothing_when_it_comes_again(
    case: EventCase, aws: Any, manifests: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTPUT_PREFIXES", ",".join(case.expected["config"].get("output_prefixes", ())))
    handler.services.cache_clear()
    response = handler.lambda_handler(case.event, None)
    keys, failures = case.keys_to_start, case.expected["batch_item_failures"]
    if case.is_busy:  # this account's job is not: nothing is refused
        keys, failures = {described.key for described in case.described}, []
    started = [entry["key"] for manifest in manifests() for entry in manifest]
    assert sorted(started) == sorted(keys)
    assert [failure["itemIdentifier"] for failure in response["batchItemFailures"]] == failures
    assert handler.lambda_handler(case.event, None) == response
    assert len([entry for manifest in manifests() for entry in manifest]) == len(started)


@pytest.mark.parametrize(
    "code",
    ["ConcurrentRunsExceededException", "ThrottlingException", "ResourceNumberLimitExceededException"],
)
def test_files_whose_run_is_refused_come_back_and_the_started_ones_do_not(config: Config, code: str) -> None:
    event, expected = BUSY.event, BUSY.expected
    given = [code if answer != "ok" else "ok" for answer in expected["given"]["glue_start_job_run"]]
    services = FakeServices(answers=given)
    report = process_batch(event, replace(config, files_per_run=1), services)
    assert services.started_keys() == [start["key"] for start in expected["start"]]
    failures = [failure["itemIdentifier"] for failure in report.response()["batchItemFailures"]]
    assert failures == expected["batch_item_failures"]
    assert [message.message_id for message in services.postponed] == failures


def test_files_of_a_job_not_deployed_yet_come_back_loudly(aws: Any, caplog: pytest.LogCaptureFixture) -> None:
    boto3.client("glue").delete_job(JobName=aws.config.job_name)
    response = handler.lambda_handler(BUSY.event, None)
    assert len(response["batchItemFailures"]) == 4
    assert any(line.levelname == "ERROR" and "does not exist" in line.message for line in caplog.records)


def test_a_burst_of_5000_files_starts_each_exactly_once(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case b19: three slots of a minute, fed by Lambda in the batches it would form."""
    monkeypatch.setattr(sys, "argv", ["generate.py", str(tmp_path)])
    runpy.run_path(str(REFERENCE / "b19_huge_burst" / "generate.py"))
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
