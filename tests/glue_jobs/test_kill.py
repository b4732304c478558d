"""The job killed at every AWS call it makes, then run again: the table holds each row once."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from glue_jobs.manifest import FileVersion
from tests.glue_jobs.lake import Lake
from tests.kill import Killed, killed_at

OLD = [(1, "a"), (2, "b")]
NEW = [(1, "A"), (2, "B"), (9, "Z")]
NEIGHBOUR = [(3, "c")]

# How another run gets hold of the files of a dead one.
Rerun = Callable[[Lake, FileVersion], None]


def glue_retries(lake: Lake, version: FileVersion) -> None:
    """Glue starts the same arguments again under a new run id."""
    lake.run(version, manifest="manifests/killed.json", run_id="jr_retry")


def sweep_requeues(lake: Lake, version: FileVersion) -> None:
    """The sweep gives the file back to the trigger, which claims it for a run with another manifest."""
    if lake.item(version.file_id).get("state") == "running":
        lake.items.update_item(
            Key={"file_id": version.file_id},
            UpdateExpression="SET #state = :claimed, manifest = :manifest",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":claimed": "claimed", ":manifest": "s3://assets/manifests/again.json"},
        )
    lake.run(version, manifest="manifests/again.json")


def csv_of(rows: list[tuple[int, str]]) -> str:
    return "id,v\n" + "".join(f"{number},{text}\n" for number, text in rows)


def seen(lake: Lake, dataset: str) -> Counter[tuple[int, str]]:
    return Counter(lake.values(dataset, "id", "v"))


def kills(lake: Lake, prepare: Callable[[str], FileVersion]) -> Iterator[tuple[str, FileVersion, str]]:
    """Kill one run at its first call, another at its second ... each on a dataset of its own, until one survives."""
    for call in count(1):
        dataset = f"killed_at_{call}"
        version = prepare(dataset)
        killed, made = was_killed(lake, version, call)
        if not killed:
            assert call > 10, f"a run makes more calls than {made}"
            return
        yield dataset, version, f"killed at call {call}, after {made}"


def was_killed(lake: Lake, version: FileVersion, call: int) -> tuple[bool, list[str]]:
    with killed_at(call) as made:
        try:
            lake.run(version, manifest="manifests/killed.json", run_id="jr_killed")
        except Killed:
            return True, made
        return False, made


@pytest.mark.parametrize(
    ("rerun", "unit_size"), [(glue_retries, 1 << 20), (sweep_requeues, 1 << 20), (glue_retries, 4)]
)
def test_a_first_version_is_there_once_whenever_its_run_was_killed(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, rerun: Rerun, unit_size: int
) -> None:
    monkeypatch.setattr("glue_jobs.load.RANGE", unit_size)
    for dataset, version, when in kills(lake, lambda dataset: lake.upload(f"{dataset}/one.csv", csv_of(OLD))):
        assert seen(lake, dataset) in (Counter(), Counter(OLD)), when

        rerun(lake, version)
        assert seen(lake, dataset) == Counter(OLD), when
        assert lake.item(version.file_id)["state"] == "succeeded", when
        assert "announced" not in lake.item(lake.key_id(version.key)), when


def test_a_new_version_replaces_the_old_whenever_its_run_was_killed(lake: Lake) -> None:
    old, new, both = Counter(OLD + NEIGHBOUR), Counter(NEW + NEIGHBOUR), Counter(OLD + NEW + NEIGHBOUR)
    states = []

    def prepare(dataset: str) -> FileVersion:
        first = lake.upload(f"{dataset}/one.csv", csv_of(OLD))
        lake.run(first, lake.upload(f"{dataset}/two.csv", csv_of(NEIGHBOUR)))
        return lake.upload(f"{dataset}/one.csv", csv_of(NEW))

    for dataset, version, when in kills(lake, prepare):
        states.append(seen(lake, dataset))
        assert states[-1] in (old, new, both), when

        glue_retries(lake, version)
        assert seen(lake, dataset) == new, when
        assert lake.item(lake.key_id(version.key))["outputs"] == lake.item(version.file_id)["outputs"], when

    assert old in states
    assert new in states
    assert states.count(both) == 1, "only between showing the new object and deleting the old one"
