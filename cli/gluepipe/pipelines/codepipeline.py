"""The two delivery pipelines in the pipeline account: their stages, and how people steer them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gluepipe.access import open_account_directly
from gluepipe.errors import GluePipeError
from gluepipe.moments import stamp
from gluepipe.settings import PIPELINE_ACCOUNT

if TYPE_CHECKING:
    from gluepipe.project import Project

APPROVAL_STAGE = "Approve"
UPDATE_STAGE = "UpdatePipeline"


@dataclass(frozen=True)
class StageState:
    """Where one stage has got to; `execution` is the pipeline execution that was there last."""

    stage: str
    status: str
    execution: str = ""
    changed_at: str = ""
    summary: str = ""


@dataclass(frozen=True)
class Approver:
    """Who let an execution pass its approval stage, and the comment that was left."""

    by: str
    comment: str


@dataclass(frozen=True)
class Pipelines:
    """The pipelines of a project, by the stack that each delivers; `client` is a CodePipeline client."""

    client: Any
    project: str

    def name(self, stack: str) -> str:
        """Return the name of a stack's pipeline."""
        return f"{self.project}-{stack}"

    def definition(self, stack: str) -> Mapping[str, Any]:
        """Return the pipeline as the service has it."""
        found: Mapping[str, Any] = self._ask("get_pipeline", stack, name=self.name(stack))["pipeline"]
        return found

    def stages(self, stack: str) -> list[StageState]:
        """Return the state of each stage, in order; raises GluePipeError where there is no pipeline yet."""
        return [_stage_state(state) for state in self._state(stack)["stageStates"]]

    def start(self, stack: str) -> str:
        """Start the pipeline on the newest commit; return the execution's id."""
        answer = self._ask("start_pipeline_execution", stack, name=self.name(stack))
        return str(answer["pipelineExecutionId"])

    def decide(self, stack: str, approved: bool, comment: str) -> None:
        """Answer what waits in the approval stage; raises GluePipeError when nothing does."""
        stage = self._stage(stack, APPROVAL_STAGE)
        action = stage["actionStates"][0]
        token = action.get("latestExecution", {}).get("token")
        if token is None:
            raise GluePipeError(f"Nothing waits for approval in {self.name(stack)}.", "`gluepipe pipeline status`")
        self.client.put_approval_result(
            pipelineName=self.name(stack),
            stageName=APPROVAL_STAGE,
            actionName=action["actionName"],
            result={"summary": comment, "status": "Approved" if approved else "Rejected"},
            token=token,
        )

    def retry(self, stack: str) -> str:
        """Run the failed actions of the failed stage again; return the stage's name."""
        failed = [state for state in self.stages(stack) if state.status == "Failed"]
        if not failed:
            raise GluePipeError(f"No stage of {self.name(stack)} has failed.", "`gluepipe pipeline status`")
        stage = failed[-1]
        self.client.retry_stage_execution(
            pipelineName=self.name(stack),
            stageName=stage.stage,
            pipelineExecutionId=stage.execution,
            retryMode="FAILED_ACTIONS",
        )
        return stage.stage

    def restart(self, stack: str, execution: str) -> str:
        """Start the pipeline anew and stop an execution that still runs its former definition; return the new id."""
        started = self.start(stack)
        self.client.stop_pipeline_execution(
            pipelineName=self.name(stack),
            pipelineExecutionId=execution,
            abandon=False,
            reason=f"{UPDATE_STAGE} changed the pipeline; {started} goes on with the new one",
        )
        return started

    def approver(self, stack: str, execution: str) -> Approver:
        """Return who approved an execution; raises GluePipeError where nobody did."""
        pages = self.client.get_paginator("list_action_executions").paginate(
            pipelineName=self.name(stack), filter={"pipelineExecutionId": execution}
        )
        for detail in (detail for page in pages for detail in page["actionExecutionDetails"]):
            if detail["stageName"] == APPROVAL_STAGE and detail["status"] == "Succeeded":
                result = detail.get("output", {}).get("executionResult", {})
                return Approver(str(detail.get("updatedBy", "")), str(result.get("externalExecutionSummary", "")))
        raise GluePipeError(f"Nobody approved execution {execution} of {self.name(stack)}.", "Approve it first.")

    def _stage(self, stack: str, name: str) -> Mapping[str, Any]:
        found: list[Mapping[str, Any]] = self._state(stack)["stageStates"]
        return next(stage for stage in found if stage["stageName"] == name)

    def _state(self, stack: str) -> Mapping[str, Any]:
        return self._ask("get_pipeline_state", stack, name=self.name(stack))

    def _ask(self, operation: str, stack: str, **arguments: str) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = getattr(self.client, operation)(**arguments)
        except self.client.exceptions.PipelineNotFoundException:
            fix = "Make it: gluepipe pipeline apply"
            raise GluePipeError(f"There is no pipeline {self.name(stack)}.", fix) from None
        return answer


def open_pipelines(project: Project) -> Pipelines:
    """Open the pipelines; raises GluePipeError for credentials of another account than the pipeline account."""
    access = open_account_directly(project, project.settings.accounts[PIPELINE_ACCOUNT])
    return Pipelines(access.client("codepipeline"), project.settings.project)


def _stage_state(state: Mapping[str, Any]) -> StageState:
    latest = state.get("latestExecution", {})
    action = (state.get("actionStates") or [{}])[0].get("latestExecution", {})
    changed = action.get("lastStatusChange")
    return StageState(
        stage=state["stageName"],
        status=latest.get("status", "NotStarted"),
        execution=latest.get("pipelineExecutionId", ""),
        changed_at=stamp(changed) if changed else "",
        summary=action.get("summary") or action.get("errorDetails", {}).get("message", ""),
    )
