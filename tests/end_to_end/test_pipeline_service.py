"""The emulated service runs the infrastructure pipeline by itself: started, watched and approved by command."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from gluepipe import delivery_demo
from gluepipe import project as projects
from gluepipe.access import open_account, open_account_directly
from gluepipe.delivery_demo import Demo
from gluepipe.errors import GluePipeError
from tests.end_to_end.conftest import ROOT

pytestmark = pytest.mark.slow

# The copy that is delivered holds no tests; what it is a copy of was tested.
LEFT_OUT = "\ncheck test:\n\t@echo left out here\n"
IMPATIENT = '\n[terraform]\nlock_timeout = "2s"\n'
MINUTES = 60
LOCK = {"ID": "0", "Who": "anna@laptop", "Operation": "OperationTypeApply", "Created": "2026-11-25T12:00:00Z"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A checkout of its own with its pipelines applied."""
    demo = delivery_demo.check_out(ROOT, tmp_path_factory.mktemp("delivered"), print)
    for name, text in {"Makefile": LEFT_OUT, "gluepipe.toml": IMPATIENT}.items():
        with (demo.root / name).open("a") as file:
            file.write(text)
    demo.git("commit", "-qam", "Test elsewhere")
    try:
        demo.gluepipe("emulator", "up")
        for account in ("pipeline", "dev", "prod"):
            demo.gluepipe("bootstrap", account)
        demo.gluepipe("pipeline", "apply")
        yield demo
    finally:
        demo.gluepipe("emulator", "down")


@pytest.fixture(scope="module")
def waiting(demo: Demo) -> dict[str, Any]:
    """The states of the stages once the pipeline waits for approval."""
    demo.gluepipe("pipeline", "start", "infrastructure")
    return reaches(demo, "Approve", "InProgress")


def reaches(demo: Demo, stage: str, status: str) -> dict[str, Any]:
    deadline = time.monotonic() + 20 * MINUTES
    while True:
        listed = json.loads(demo.gluepipe("pipeline", "status", "--json"))["infrastructure"]
        states = {state["stage"]: state for state in listed}
        if states[stage]["status"] == status:
            return states
        assert "Failed" not in [state["status"] for state in listed], f"{listed}\n{logs(demo)}"
        assert time.monotonic() < deadline, f"{listed}\n{logs(demo)}"
        time.sleep(5)


def logs(demo: Demo) -> str:
    project = projects.load(demo.root)
    client = open_account_directly(project, project.settings.account("pipeline")).logs
    events = client.filter_log_events(logGroupName="/gluepipe/delivery/infrastructure")["events"]
    return "\n".join(event["message"] for event in events[-60:])


def test_it_stops_for_approval_with_prod_untouched(demo: Demo, waiting: dict[str, Any]) -> None:
    assert waiting["Approve"]["summary"].startswith("Plan prod-infrastructure-")
    assert waiting["DeployProd"]["status"] == "NotStarted"
    assert json.loads(demo.gluepipe("releases", "prod", "--json"))["releases"] == []


def test_somebodys_approval_lets_prod_have_what_dev_proved(demo: Demo, waiting: dict[str, Any]) -> None:
    demo.gluepipe("pipeline", "approve", "infrastructure", "--reason", "read the summary")
    reaches(demo, "DeployProd", "Succeeded")
    (prod,) = json.loads(demo.gluepipe("releases", "prod", "--json"))["releases"]
    (dev,) = json.loads(demo.gluepipe("releases", "dev", "--json"))["releases"]
    assert prod["version"] == dev["version"]
    assert (prod["origin"]["kind"], prod["result"]) == ("promotion", "applied")
    assert prod["origin"]["approved_by"].startswith("arn:aws:")
    assert prod["by"] != prod["origin"]["approved_by"]


def test_nothing_is_promoted_under_somebody_elses_lock(demo: Demo, waiting: dict[str, Any]) -> None:
    project = projects.load(demo.root)
    account = project.settings.account("prod")
    place = {
        "Bucket": project.settings.account_names(account).state_bucket,
        "Key": "prod/infrastructure.tfstate.tflock",
    }
    s3 = open_account(project, account).s3
    s3.put_object(**place, Body=json.dumps(LOCK).encode())
    with pytest.raises(GluePipeError, match="anna@laptop"):
        demo.gluepipe("promote", "dev", "prod", "--stack", "infrastructure", "--save")
    demo.gluepipe("plan", "prod", "--stack", "infrastructure")
    s3.delete_object(**place)


def test_the_pipeline_account_can_be_given_back(demo: Demo, waiting: dict[str, Any]) -> None:
    with pytest.raises(GluePipeError, match="gluepipe pipeline destroy"):
        demo.gluepipe("bootstrap", "pipeline", "--destroy")
    demo.gluepipe("pipeline", "destroy")
    demo.gluepipe("bootstrap", "pipeline", "--destroy")
    with pytest.raises(GluePipeError, match=r"prod/infrastructure holds \d+ resources: gluepipe destroy prod"):
        demo.gluepipe("bootstrap", "prod", "--destroy")
