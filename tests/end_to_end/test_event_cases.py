"""The cases of S3 events, as messages on the real queue; b19, the huge burst, is in `test_burst`."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as pq
import pytest

from benchmarks.burst_check import manifest_of
from benchmarks.deployment import administered
from gluepipe.operations import event_source
from gluepipe.operations.deployed import Deployed, open_environment
from gluepipe.operations.ledger import Filter, Item, list_files
from gluepipe.operations.runs import list_runs
from lambda_trigger.decide import EXPLANATIONS
from tests.end_to_end.conftest import Checkout
from tests.end_to_end.event_cases import Sending, no_slot, paused, put_unnoticed, send, variables
from tests.end_to_end.queues import purge
from tests.event_cases import event_cases
from tests.waiting import eventually

SENDINGS = [Sending(case) for case in event_cases()]
CASES = [pytest.param(sending, id=sending.name) for sending in SENDINGS]
PATIENCE_SECONDS = 180
REJECTED = sum(len(each.case.expected["batch_item_failures"]) for each in SENDINGS if not each.case.is_busy)
FINAL = {"succeeded", "failed", "ignored"}


@dataclass(frozen=True)
class Sent:
    """The environment after all cases, and how many messages were left to come back."""

    deployed: Deployed
    left: int
    began: datetime

    def items(self, sending: Sending) -> list[Item]:
        return list(list_files(self.deployed.ledger, Filter(dataset=sending.name)))


@pytest.fixture(scope="module")
def sent(deployed: Checkout) -> Iterator[Sent]:
    """First the case of the busy job; then, while its messages wait, the others at once."""
    began = datetime.now(UTC)
    environment = open_environment(deployed.project, "dev")
    busy = [sending for sending in SENDINGS if sending.case.is_busy]
    others = [sending for sending in SENDINGS if not sending.case.is_busy]
    prefixes = [prefix for sending in SENDINGS for prefix in sending.output_prefixes]
    with variables(environment, OUTPUT_PREFIXES=",".join(prefixes), SLOT_WAIT_SECONDS="1"):
        with paused(environment):
            put = put_unnoticed(environment, SENDINGS)
        with no_slot(environment):
            send(environment, [body for sending in busy for body in sending.messages(environment, put)])
            eventually(
                lambda: _were_handed_back(environment), PATIENCE_SECONDS, "a busy job's messages are handed back"
            )
        send(environment, [body for sending in others for body in sending.messages(environment, put)])
        eventually(lambda: not _unfinished(environment), PATIENCE_SECONDS, "every file is done")
        eventually(lambda: _left(environment) == REJECTED, PATIENCE_SECONDS, "only what nobody understands is left")
        yield Sent(environment, _left(environment), began)
        for queue in (environment.names.queue, environment.names.dead_letter_queue):
            purge(administered(deployed.project), queue)


def _were_handed_back(environment: Deployed) -> bool:
    group = f"/aws/lambda/{environment.names.trigger_function}"
    lines = environment.access.logs.filter_log_events(logGroupName=group, filterPattern='"messages handed back"')
    return any("no free slot" in event["message"] for event in lines["events"])


def _unfinished(environment: Deployed) -> set[str]:
    keys: set[str] = set()
    for sending in SENDINGS:
        items = list_files(environment.ledger, Filter(dataset=sending.name))
        keys |= sending.keys_to_start - {item["key"] for item in items if item["state"] in FINAL}
    return keys


def _left(environment: Deployed) -> int:
    """Messages that come back, or were buried when they had come back often enough."""
    return event_source.waiting(environment) + event_source.dead_letters(environment)


def _rows(environment: Deployed, item: Item) -> list[dict[str, Any]]:
    bucket = environment.names.output_bucket
    rows: list[dict[str, Any]] = []
    for key in item["outputs"]:
        body = environment.access.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        rows += pq.read_table(io.BytesIO(body), columns=["v", "source_file"]).to_pylist()
    return rows


@pytest.mark.parametrize("sending", CASES)
def test_what_a_case_starts_is_loaded_once_and_from_the_right_key(sent: Sent, sending: Sending) -> None:
    started = [item for item in sent.items(sending) if item["state"] != "ignored"]
    assert sorted(item["key"] for item in started) == sorted(sending.keys_to_start)
    for item in started:
        if item["key"] in sending.missing:
            assert (item["state"], item["error"]["code"]) == ("failed", "object_missing")
        else:
            assert (item["state"], item["attempts"]) == ("succeeded", 1)
            assert _rows(sent.deployed, item) == [{"v": "right", "source_file": item["source_file"]}]


@pytest.mark.parametrize("sending", CASES)
def test_what_a_case_ignores_is_recorded_with_its_reason_or_left_no_trace(sent: Sent, sending: Sending) -> None:
    expected = sending.case.expected
    recorded = [
        (sending.key(note["uri"].removeprefix(f"s3://{expected['config']['input_bucket']}/")), note["reason"])
        for note in expected["ignore"]
        if note["reason"] in EXPLANATIONS
    ]
    found = [(item["key"], item["error"]["code"]) for item in sent.items(sending) if item["state"] == "ignored"]
    assert sorted(found) == sorted(recorded)


def test_no_file_was_given_to_two_runs(sent: Sent) -> None:
    runs = [run for run in list_runs(sent.deployed) if run.started_at >= sent.began]
    starts = Counter(name for run in runs for name in manifest_of(sent.deployed, run))
    ours = [item for sending in SENDINGS for item in sent.items(sending) if item["state"] != "ignored"]
    assert {item["file_id"]: starts[item["file_id"]] for item in ours} == {item["file_id"]: 1 for item in ours}


def test_the_messages_nobody_understands_come_back_and_no_other(sent: Sent) -> None:
    assert sent.left == REJECTED
