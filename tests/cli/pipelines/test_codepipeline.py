"""How people steer the pipelines, against the service's own request and answer shapes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from click.testing import CliRunner

from gluepipe.commands import cli
from gluepipe.demo import delivery as delivery_demo
from gluepipe.errors import GluePipeError
from gluepipe.pipelines import codepipeline as library
from gluepipe.pipelines import pipeline_stack
from gluepipe.pipelines.codepipeline import Pipelines
from gluepipe.project import Project
from gluepipe.terraform.runner import PlanResult

NAME = "gluepipe-application"
EXECUTION = "11111111-1111-4111-8111-111111111111"
NEXT = "22222222-2222-4222-8222-222222222222"
TOKEN = "33333333-3333-4333-8333-333333333333"
CHANGED = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)


@pytest.fixture
def service() -> Iterator[Stubber]:
    client = boto3.client(
        "codepipeline", region_name="eu-central-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def pipelines(service: Stubber, monkeypatch: pytest.MonkeyPatch) -> Pipelines:
    made = Pipelines(service.client, "gluepipe")
    monkeypatch.setattr(library, "open_pipelines", lambda _project: made)
    return made


def stage(name: str, status: str, **action: Any) -> dict[str, Any]:
    return {
        "stageName": name,
        "latestExecution": {"pipelineExecutionId": EXECUTION, "status": status},
        "actionStates": [{"actionName": name, "latestExecution": {"status": status, **action}}],
    }


def has(service: Stubber, *stages: dict[str, Any]) -> None:
    service.add_response("get_pipeline_state", {"stageStates": list(stages)}, {"name": NAME})


def test_each_stage_says_where_it_is(service: Stubber, pipelines: Pipelines) -> None:
    failed = stage("Build", "Failed", lastStatusChange=CHANGED, errorDetails={"message": "make test failed"})
    has(service, stage("Source", "Succeeded", summary="a commit"), failed, {"stageName": "Approve"})
    source, build, approve = pipelines.stages("application")
    assert (source.status, source.summary, source.execution) == ("Succeeded", "a commit", EXECUTION)
    assert (build.summary, build.changed_at) == ("make test failed", "2026-11-25T13:00:00Z")
    assert (approve.status, approve.execution) == ("NotStarted", "")


@pytest.mark.parametrize(("approved", "status"), [(True, "Approved"), (False, "Rejected")])
def test_what_waits_is_answered_with_its_token(
    service: Stubber, pipelines: Pipelines, approved: bool, status: str
) -> None:
    has(service, stage("Source", "Succeeded"), stage("Approve", "InProgress", token=TOKEN))
    answer = {
        "pipelineName": NAME,
        "stageName": "Approve",
        "actionName": "Approve",
        "result": {"summary": "seen", "status": status},
        "token": TOKEN,
    }
    service.add_response("put_approval_result", {}, answer)
    pipelines.decide("application", approved, "seen")


def test_nothing_may_be_waiting(service: Stubber, pipelines: Pipelines) -> None:
    has(service, stage("Approve", "Succeeded"))
    with pytest.raises(GluePipeError, match="Nothing waits for approval in gluepipe-application"):
        pipelines.decide("application", True, "")


def test_the_failed_stage_is_tried_again(service: Stubber, pipelines: Pipelines) -> None:
    has(service, stage("Build", "Succeeded"), stage("DeployDev", "Failed"))
    asked = {
        "pipelineName": NAME,
        "stageName": "DeployDev",
        "pipelineExecutionId": EXECUTION,
        "retryMode": "FAILED_ACTIONS",
    }
    service.add_response("retry_stage_execution", {"pipelineExecutionId": EXECUTION}, asked)
    assert pipelines.retry("application") == "DeployDev"


def test_without_a_failed_stage_there_is_nothing_to_retry(service: Stubber, pipelines: Pipelines) -> None:
    has(service, stage("Build", "Succeeded"))
    with pytest.raises(GluePipeError, match="No stage of gluepipe-application has failed"):
        pipelines.retry("application")


def test_a_changed_pipeline_goes_on_in_its_new_form(service: Stubber, pipelines: Pipelines) -> None:
    service.add_response("start_pipeline_execution", {"pipelineExecutionId": NEXT}, {"name": NAME})
    stopped = {
        "pipelineName": NAME,
        "pipelineExecutionId": EXECUTION,
        "abandon": False,
        "reason": f"UpdatePipeline changed the pipeline; {NEXT} goes on with the new one",
    }
    service.add_response("stop_pipeline_execution", {"pipelineExecutionId": EXECUTION}, stopped)
    assert pipelines.restart("application", EXECUTION) == NEXT


def test_who_approved_is_read_from_the_execution(service: Stubber, pipelines: Pipelines) -> None:
    details = [
        {"stageName": "Approve", "status": "Failed", "updatedBy": "arn:aws:iam::1:user/nobody"},
        {
            "stageName": "Approve",
            "status": "Succeeded",
            "updatedBy": "arn:aws:iam::1:user/grace",
            "output": {"executionResult": {"externalExecutionSummary": "seen"}},
        },
    ]
    asked = {"pipelineName": NAME, "filter": {"pipelineExecutionId": EXECUTION}}
    service.add_response("list_action_executions", {"actionExecutionDetails": details}, asked)
    assert pipelines.approver("application", EXECUTION) == library.Approver("arn:aws:iam::1:user/grace", "seen")


def test_an_execution_that_nobody_approved_is_named(service: Stubber, pipelines: Pipelines) -> None:
    service.add_response("list_action_executions", {"actionExecutionDetails": []})
    with pytest.raises(GluePipeError, match=f"Nobody approved execution {EXECUTION}"):
        pipelines.approver("application", EXECUTION)


def test_a_missing_pipeline_says_how_to_make_it(own_accounts: Project, service: Stubber, pipelines: Pipelines) -> None:
    service.add_client_error("start_pipeline_execution", "PipelineNotFoundException")
    result = CliRunner().invoke(cli, ["pipeline", "start", "application"])
    assert result.exit_code == 1
    assert "There is no pipeline gluepipe-application. Make it: gluepipe pipeline apply" in result.stderr


def test_starting_prints_the_execution(own_accounts: Project, service: Stubber, pipelines: Pipelines) -> None:
    service.add_response("start_pipeline_execution", {"pipelineExecutionId": NEXT}, {"name": NAME})
    assert CliRunner().invoke(cli, ["pipeline", "start", "application"]).stdout == f"{NEXT}\n"


def test_the_stages_are_compared_with_what_they_have_to_be(service: Stubber, pipelines: Pipelines) -> None:
    def answer(stages: list[str]) -> None:
        definition = {"name": NAME, "roleArn": "arn:aws:iam::1:role/x", "version": 1}
        service.add_response(
            "get_pipeline", {"pipeline": {**definition, "stages": [{"name": name, "actions": []} for name in stages]}}
        )

    for stages in delivery_demo.STAGES.values():
        answer(stages)
    delivery_demo.check_stages(pipelines)
    answer(delivery_demo.STAGES["infrastructure"][:-1])
    with pytest.raises(GluePipeError, match="gluepipe-infrastructure has the stages"):
        delivery_demo.check_stages(pipelines)


@pytest.mark.parametrize(("result", "restarted"), [(PlanResult.CHANGES, True), (PlanResult.NO_CHANGES, False)])
def test_an_update_restarts_the_pipeline_only_where_it_changed(
    own_accounts: Project,
    service: Stubber,
    pipelines: Pipelines,
    monkeypatch: pytest.MonkeyPatch,
    result: PlanResult,
    restarted: bool,
) -> None:
    monkeypatch.setattr(pipeline_stack, "apply", lambda *_arguments: result)
    if restarted:
        service.add_response("start_pipeline_execution", {"pipelineExecutionId": NEXT})
        service.add_response("stop_pipeline_execution", {"pipelineExecutionId": EXECUTION})
    options = ["--yes", "--restart", "application", "--execution", EXECUTION]
    done = CliRunner().invoke(cli, ["pipeline", "apply", *options])
    assert done.exit_code == 0, done.output
    assert (NEXT in done.stderr) is restarted
