"""The shared event cases, as messages on the real queue; b19, the huge burst, is in `benchmarks.burst`."""

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
from gluepipe import event_source
from gluepipe.deployed import Deployed, open_environment
from gluepipe.ledger import Filter, Item, list_files
from gluepipe.runs import list_runs
from lambda_trigger.services import RECORDED_REASONS
from tests.end_to_end.conftest import Checkout
from tests.end_to_end.event_cases import CASES, Case, no_slot, paused, put_unnoticed, send, variables, wait_until

NAMES = sorted(path.parent.name for path in CASES.glob("b*/input.json"))
FINAL = {"succeeded", "failed", "ignored"}


@dataclass(frozen=True)
class Sent:
    """The environment after all cases, and how many messages were left to come back."""

    deployed: Deployed
    left: int
    began: datetime

    def items(self, case: Case) -> dict[str, Item]:
        found = list(list_files(self.deployed.ledger, Filter(dataset=case.name)))
        assert len({item["key"] for item in found}) == len(found)
        return {item["key"]: item for item in found}


@pytest.fixture(scope="module")
def sent(deployed: Checkout) -> Iterator[Sent]:
    """First the case of the busy job; then, while its messages wait, the others at once."""
    began = datetime.now(UTC)
    environment = open_environment(deployed.project, "dev")
    cases = [Case(name) for name in NAMES]
    prefixes = [prefix for case in cases for prefix in case.output_prefixes]
    rejected = sum(len(case.expected["batch_item_failures"]) for case in cases if not case.is_busy)
    with variables(environment, OUTPUT_PREFIXES=",".join(prefixes), SLOT_WAIT_SECONDS="1"):
        with paused(environment):
            put = put_unnoticed(environment, cases)
        with no_slot(environment):
            send(environment, [body for case in cases if case.is_busy for body in case.messages(environment, put)])
            wait_until(lambda: _were_handed_back(environment), "a busy job's messages are handed back")
        send(environment, [body for case in cases if not case.is_busy for body in case.messages(environment, put)])
        wait_until(lambda: _unfinished(environment, cases) == set(), "every file is done")
        wait_until(lambda: _left(environment) == rejected, "only what nobody understands is left")
        yield Sent(environment, _left(environment), began)
        for queue in (environment.names.queue, environment.names.dead_letter_queue):
            environment.access.sqs.purge_queue(QueueUrl=environment.queue_url(queue))


def _were_handed_back(environment: Deployed) -> bool:
    group = f"/aws/lambda/{environment.names.trigger_function}"
    lines = environment.access.logs.filter_log_events(logGroupName=group, filterPattern='"messages handed back"')
    return any("no free slot" in event["message"] for event in lines["events"])


def _unfinished(environment: Deployed, cases: list[Case]) -> set[str]:
    keys: set[str] = set()
    for case in cases:
        items = list_files(environment.ledger, Filter(dataset=case.name))
        keys |= case.keys_to_start - {item["key"] for item in items if item["state"] in FINAL}
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


@pytest.mark.parametrize("name", NAMES)
def test_what_a_case_starts_is_loaded_once_and_from_the_right_key(sent: Sent, name: str) -> None:
    case = Case(name)
    items = sent.items(case)
    for key in case.objects.keys() & case.keys_to_start:
        assert (items[key]["state"], items[key]["attempts"]) == ("succeeded", 1)
        source = f"s3://{sent.deployed.names.input_bucket}/{key}"
        assert _rows(sent.deployed, items[key]) == [{"v": "right", "source_file": source}]
    for key in map(case.key, case.missing):
        assert (items[key]["state"], items[key]["error"]["code"]) == ("failed", "object_missing")


@pytest.mark.parametrize("name", NAMES)
def test_what_a_case_ignores_is_recorded_with_its_reason_or_left_no_trace(sent: Sent, name: str) -> None:
    case = Case(name)
    recorded = {
        case.key(note["uri"].removeprefix(f"s3://{case.expected['config']['input_bucket']}/")): note["reason"]
        for note in case.expected["ignore"]
        if note["reason"] in RECORDED_REASONS
    }
    items = sent.items(case)
    assert {key: items[key]["error"]["code"] for key in items.keys() - case.keys_to_start} == recorded


def test_no_file_was_given_to_two_runs(sent: Sent) -> None:
    runs = [run for run in list_runs(sent.deployed) if run.started_at >= sent.began]
    starts = Counter(name for run in runs for name in manifest_of(sent.deployed, run))
    ours = [item for name in NAMES for item in sent.items(Case(name)).values() if item["state"] != "ignored"]
    assert {item["file_id"]: starts[item["file_id"]] for item in ours} == {item["file_id"]: 1 for item in ours}
    assert len(ours) == sum(len(Case(name).keys_to_start) for name in NAMES)


def test_the_messages_nobody_understands_come_back_and_no_other(sent: Sent) -> None:
    assert sent.left == len(Case("b08_partial_batch_failure").expected["batch_item_failures"])
