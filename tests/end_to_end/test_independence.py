"""Each stack is released, promoted and rolled back without the other one being planned, by Terraform's own records.

Whoever plans or applies with a deploy role locks the state, and the lock is an object that says for which operation.
The state bucket keeps every version of every object, so all plans that ever were can be read from it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from gluepipe import project as projects
from gluepipe.access import open_account_directly
from gluepipe.demo import delivery as delivery_demo
from gluepipe.demo.delivery import Demo
from tests.end_to_end.permissions import uses_in
from tests.places import REPOSITORY

pytestmark = pytest.mark.slow

ENVIRONMENTS = ("dev", "prod")
TIMES = 5
PARTS = {"application": "glue_jobs/file_processor.py", "infrastructure": "lambda_trigger/handler.py"}
APPLY, PLAN = "OperationTypeApply", "OperationTypePlan"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A checkout of its own whose first release is in dev and prod."""
    demo = delivery_demo.check_out(REPOSITORY, tmp_path_factory.mktemp("independent"), print)
    try:
        demo.gluepipe("emulator", "up")
        for account in ENVIRONMENTS:
            demo.gluepipe("bootstrap", account)
        demo.gluepipe("apply", "dev")
        demo.gluepipe("smoke", "dev")
        demo.gluepipe("promote", "dev", "prod", "--yes")
        yield demo
    finally:
        demo.gluepipe("emulator", "down")


def state_objects(demo: Demo, environment: str, stack: str) -> dict[str, str]:
    """All versions of a stack's state and of its lock, by id: what the lock was for, empty for all that is no lock."""
    project = projects.load(demo.root)
    account = project.settings.account(environment)
    s3, bucket = open_account_directly(project, account).s3, project.settings.account_names(account).state_bucket
    found: dict[str, str] = {}
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=f"{environment}/{stack}."):
        found |= {marker["VersionId"]: "" for marker in page.get("DeleteMarkers", [])}
        for version in page.get("Versions", []):
            key, number = version["Key"], version["VersionId"]
            body = s3.get_object(Bucket=bucket, Key=key, VersionId=number)["Body"].read()
            found[number] = json.loads(body)["Operation"] if key.endswith(".tflock") else ""
    return found


def releases(demo: Demo, environment: str, stack: str) -> list[dict[str, Any]]:
    listed = json.loads(demo.gluepipe("releases", environment, "--stack", stack, "--json"))
    found: list[dict[str, Any]] = listed["releases"]
    return found


def change(demo: Demo, stack: str, number: int) -> None:
    part = demo.root / PARTS[stack]
    part.write_text(f"{part.read_text()}\n# Change {number}.\n")
    demo.git("commit", "-qam", f"Change {number} of the {stack}")


@pytest.mark.parametrize(("moving", "still"), [("application", "infrastructure"), ("infrastructure", "application")])
def test_a_stack_comes_and_goes_without_the_other(demo: Demo, moving: str, still: str) -> None:
    untouched = {name: state_objects(demo, name, still) for name in ENVIRONMENTS}
    before = {name: state_objects(demo, name, moving) for name in ENVIRONMENTS}
    first = releases(demo, "prod", moving)[0]
    for number in range(TIMES):
        change(demo, moving, number)
        demo.gluepipe("apply", "dev", "--stack", moving)
        demo.gluepipe("smoke", "dev")
        demo.gluepipe("promote", "dev", "prod", "--stack", moving, "--yes")
        demo.gluepipe("rollback", "prod", "--stack", moving, "--yes")

    assert {name: state_objects(demo, name, still) for name in ENVIRONMENTS} == untouched
    for name, times in {"dev": TIMES, "prod": 2 * TIMES}.items():  # prod has each change, and goes back
        taken = Counter(
            what for number, what in state_objects(demo, name, moving).items() if number not in before[name]
        )
        assert (taken[PLAN], taken[APPLY]) == (times, times)
        assert uses_in(projects.load(demo.root), name, "gluepipe-plan") == []  # nor did anybody plan without a lock
    made = releases(demo, "prod", moving)[: 2 * TIMES]
    assert [each["origin"]["kind"] for each in made] == ["rollback", "promotion"] * TIMES
    assert {each["smoke"] for each in made} == {"passed"}
    assert [each["version"]["bundle"] for each in made[::2]] == [first["version"]["bundle"]] * TIMES
    assert len({each["version"]["bundle"] for each in made}) == TIMES + 1
