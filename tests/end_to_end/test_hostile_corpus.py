"""Hundreds of files made to break a reader, dropped into the bucket of a deployed environment at once."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as pq
import pytest

from gluepipe.emulator.job_runs import TERMINAL
from gluepipe.operations.deployed import Deployed, open_environment
from gluepipe.operations.ledger import Filter, Item, list_files
from gluepipe.operations.runs import Run, list_runs
from lambda_trigger.file_version import dataset_name
from tests.end_to_end.conftest import Checkout
from tests.end_to_end.event_cases import paused
from tests.end_to_end.memory_watch import MemoryWatch, watched
from tests.hostile import corpus
from tests.hostile.hostile_file import TABLE, HostileFile
from tests.hostile.texts import HARMFUL_CELLS
from tests.waiting import eventually

FINAL = {"succeeded", "failed", "ignored"}
# A fifth of what the smallest worker has; eight files are worked on at a time.
MOST_MEMORY = 3 << 30


@dataclass(frozen=True)
class Fallen:
    """What became of the corpus."""

    deployed: Deployed
    items: dict[str, Item]
    runs: list[Run]
    memory: MemoryWatch

    def rows(self, key: str) -> list[dict[str, Any]]:
        bucket, (name,) = self.deployed.names.output_bucket, self.items[key]["outputs"]
        body = self.deployed.access.s3.get_object(Bucket=bucket, Key=name)["Body"].read()
        return pq.read_table(io.BytesIO(body)).to_pylist()


@pytest.fixture(scope="module")
def files() -> list[HostileFile]:
    return list(corpus.files())


@pytest.fixture(scope="module")
def fallen(deployed: Checkout, files: list[HostileFile]) -> Fallen:
    """A sound file for every shared dataset first: with its table there, the others are worked on side by side."""
    began = datetime.now(UTC)
    environment = open_environment(deployed.project, "dev")
    datasets = Counter(dataset_name(file.key) for file in files)
    sound = [f"{dataset}/neighbour.csv" for dataset, count in datasets.items() if count > 1]
    with watched(deployed.project.emulator_folder) as memory:
        put(environment, [HostileFile(key, TABLE) for key in sound])
        put(environment, files)
        eventually(lambda: all(run.state in TERMINAL for run in list_runs(environment)), what="every run has ended")
    runs = [run for run in list_runs(environment) if run.started_at >= began]
    return Fallen(environment, ended(environment, began), runs, memory)


def put(environment: Deployed, files: list[HostileFile]) -> None:
    """Upload files as one burst and wait until each is done."""
    began = datetime.now(UTC)
    with paused(environment):
        for file in files:
            environment.access.s3.put_object(Bucket=environment.names.input_bucket, Key=file.key, Body=file.content)
    keys = {file.key for file in files}
    eventually(lambda: keys <= ended(environment, began).keys(), seconds=900, what="every file is done")


def ended(environment: Deployed, since: datetime) -> dict[str, Item]:
    return {item["key"]: item for item in list_files(environment.ledger, Filter(since=since)) if item["state"] in FINAL}


def test_the_corpus_is_large_and_its_keys_are_different(files: list[HostileFile]) -> None:
    assert len(files) >= 200
    assert len({file.key for file in files}) == len(files)


def test_every_file_is_loaded_or_refused_with_the_reason_foreseen(fallen: Fallen, files: list[HostileFile]) -> None:
    surprises = {}
    for file in files:
        item = fallen.items[file.key]
        error = item.get("error") or {"code": "", "message": "", "retryable": False}
        told = item["state"] == "succeeded" or (item["state"] == "failed" and error["code"] and error["message"])
        if not told or error["retryable"] or not file.may_end_with(error["code"]):
            surprises[file.key] = (item["state"], error)
    assert not surprises, json.dumps(surprises, indent=1)


def test_the_job_never_dies(fallen: Fallen) -> None:
    assert fallen.runs
    assert {run.run_id: run.error for run in fallen.runs if run.state != "SUCCEEDED"} == {}


def test_no_file_was_tried_twice(fallen: Fallen) -> None:
    assert {key: item["attempts"] for key, item in fallen.items.items() if item["attempts"] != 1} == {}


def test_memory_stays_bounded(fallen: Fallen) -> None:
    assert fallen.memory.peaks
    assert max(fallen.memory.peaks.values()) < MOST_MEMORY, fallen.memory.peaks


def test_sound_neighbours_are_loaded_whole(fallen: Fallen) -> None:
    for key in (key for key in fallen.items if key.endswith("/neighbour.csv")):
        rows = [(row["id"], row["name"]) for row in fallen.rows(key)]
        assert rows == [(number, f"name of {number}") for number in range(500)], key


def test_cells_that_harm_elsewhere_stay_what_they_are(fallen: Fallen) -> None:
    assert [row["name"] for row in fallen.rows("cells_harmful/t.csv")] == HARMFUL_CELLS


def test_odd_keys_are_told_in_full(fallen: Fallen, files: list[HostileFile]) -> None:
    for file in (file for file in files if file.content == TABLE and file.codes == ("",)):
        (source,) = {row["source_file"] for row in fallen.rows(file.key)}
        assert source == f"s3://{fallen.deployed.names.input_bucket}/{file.key}"


def test_the_sweep_finds_nothing_left_behind(deployed: Checkout, fallen: Fallen) -> None:
    answer = deployed.dev.functions.invoke(
        FunctionName=deployed.names.sweep_function, Payload=json.dumps({"source": "test"})
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
