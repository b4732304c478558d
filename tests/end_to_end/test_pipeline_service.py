"""The emulated service runs the infrastructure pipeline by itself: started, watched and approved by command."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gluepipe import project as projects
from gluepipe.access import Access, open_account, open_account_directly
from gluepipe.demo import delivery as delivery_demo
from gluepipe.demo.delivery import Demo
from gluepipe.errors import GluePipeError
from gluepipe.pipelines.codepipeline import open_pipelines
from tests.end_to_end.permissions import needed, refused, statements, uses_in
from tests.places import REPOSITORY

pytestmark = pytest.mark.slow

# The copy that is delivered holds no tests; what it is a copy of was tested.
LEFT_OUT = "\nbrowser check test:\n\t@echo left out here\n"
IMPATIENT = '\n[terraform]\nlock_timeout = "2s"\n'
MINUTES = 60
PIPELINES = Path("terraform/pipeline/main.tf")
# What the commit changes: a path more, and a stage less, whose project has to go.
CHANGES = {
    'includes = ["cli/**",': 'includes = ["bin/**", "cli/**",',
    "publishes_assets   = true": "publishes_assets   = false",
}
ROLES = ["gluepipe-pipeline", "gluepipe-pipeline-build", "gluepipe-pipeline-service"]
LOCK = {"ID": "0", "Who": "anna@laptop", "Operation": "OperationTypeApply", "Created": "2026-11-25T12:00:00Z"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A checkout of its own with its pipelines applied, and then a commit that changes them."""
    demo = delivery_demo.check_out(REPOSITORY, tmp_path_factory.mktemp("delivered"), print)
    for name, text in {"Makefile": LEFT_OUT, "gluepipe.toml": IMPATIENT}.items():
        with (demo.root / name).open("a") as file:
            file.write(text)
    demo.git("commit", "-qam", "Test elsewhere")
    try:
        demo.gluepipe("emulator", "up")
        for account in ("pipeline", "dev", "prod"):
            demo.gluepipe("bootstrap", account)
        demo.gluepipe("pipeline", "apply")
        pipelines = demo.root / PIPELINES
        for old, new in CHANGES.items():
            pipelines.write_text(pipelines.read_text().replace(old, new))
        demo.git("commit", "-qam", "Deliver the infrastructure when bin/ changes, too, and keep no assets ahead")
        yield demo
    finally:
        demo.gluepipe("emulator", "down")


@pytest.fixture(scope="module")
def started(demo: Demo) -> str:
    """The execution that was started."""
    return demo.gluepipe("pipeline", "start", "infrastructure").strip()


@pytest.fixture(scope="module")
def waiting(demo: Demo, started: str) -> dict[str, Any]:
    """The states of the stages once the pipeline waits for approval."""
    return reaches(demo, "Approve", "InProgress")


@pytest.fixture(scope="module")
def delivered(demo: Demo, waiting: dict[str, Any]) -> None:
    """The pipeline was approved and has gone to its end."""
    demo.gluepipe("pipeline", "approve", "infrastructure", "--reason", "read the summary")
    reaches(demo, "DeployProd", "Succeeded")


def pipeline_account(demo: Demo) -> Access:
    project = projects.load(demo.root)
    return open_account_directly(project, project.settings.account("pipeline"))


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
    events = pipeline_account(demo).logs.filter_log_events(logGroupName="/gluepipe/delivery/infrastructure")["events"]
    return "\n".join(event["message"] for event in events[-60:])


def test_it_stops_for_approval_with_prod_untouched(demo: Demo, waiting: dict[str, Any]) -> None:
    assert waiting["Approve"]["summary"].startswith("Plan prod-infrastructure-")
    assert waiting["DeployProd"]["status"] == "NotStarted"
    assert json.loads(demo.gluepipe("releases", "prod", "--json"))["releases"] == []


def test_it_brought_itself_up_to_date_and_started_anew(demo: Demo, started: str, waiting: dict[str, Any]) -> None:
    pipelines = open_pipelines(projects.load(demo.root))
    name = pipelines.name("infrastructure")
    found = pipelines.client.get_pipeline_execution(pipelineName=name, pipelineExecutionId=started)
    assert found["pipelineExecution"]["status"] == "Stopped"
    assert waiting["DeployDev"]["execution"] != started
    [trigger] = pipelines.definition("infrastructure")["triggers"]
    assert "bin/**" in trigger["gitConfiguration"]["push"][0]["filePaths"]["includes"]
    assert "Assets" not in [stage["name"] for stage in pipelines.definition("application")["stages"]]
    builds = pipeline_account(demo).client("codebuild")
    assert builds.batch_get_projects(names=[f"{pipelines.name('application')}-assets"])["projects"] == []


def test_somebodys_approval_lets_prod_have_what_dev_proved(demo: Demo, delivered: None) -> None:
    (prod,) = json.loads(demo.gluepipe("releases", "prod", "--json"))["releases"]
    (dev,) = json.loads(demo.gluepipe("releases", "dev", "--json"))["releases"]
    assert prod["version"] == dev["version"]
    assert (prod["origin"]["kind"], prod["result"]) == ("promotion", "applied")
    assert prod["origin"]["approved_by"].startswith("arn:aws:")
    assert prod["by"] != prod["origin"]["approved_by"]


@pytest.mark.parametrize("role", ROLES)
def test_without_any_one_statement_a_pipeline_would_be_refused(demo: Demo, delivered: None, role: str) -> None:
    uses = uses_in(projects.load(demo.root), "pipeline", role)
    assert set(statements(pipeline_account(demo).iam, role)) - needed(uses) == set()
    assert refused(uses) == set()


def test_nothing_is_promoted_under_somebody_elses_lock(demo: Demo, delivered: None) -> None:
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


def test_the_pipeline_account_can_be_given_back(demo: Demo, delivered: None) -> None:
    with pytest.raises(GluePipeError, match="gluepipe pipeline destroy"):
        demo.gluepipe("bootstrap", "pipeline", "--destroy")
    demo.gluepipe("pipeline", "destroy")
    demo.gluepipe("bootstrap", "pipeline", "--destroy")
    with pytest.raises(GluePipeError, match=r"prod/infrastructure holds \d+ resources: gluepipe destroy prod"):
        demo.gluepipe("bootstrap", "prod", "--destroy")
