"""CodePipeline: executions that run, and the operations that steer them. moto ends them the moment they start."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.codepipeline.models import CodePipeline, CodePipelineBackend
from moto.codepipeline.responses import CodePipelineResponse
from moto.core.exceptions import JsonRESTError
from moto.sts.models import sts_backends

from gluepipe.emulator.executions import FAILED, IN_PROGRESS, Delivery
from gluepipe.emulator.gaps.patching import adds, replaces

if TYPE_CHECKING:
    from gluepipe.emulator.deliveries import Deliveries


def run_executions(deliveries: Deliveries) -> None:
    """Carry out what is started, where moto calls it a success at once."""
    keep_record = CodePipelineBackend.start_pipeline_execution

    @replaces(CodePipelineBackend)
    def start_pipeline_execution(self: CodePipelineBackend, name: str, variables: list[dict[str, str]] | None) -> str:
        execution_id: str = keep_record(self, name, variables)
        kept = self.pipelines[name]
        deliveries.start(self.account_id, self.region_name, kept.pipeline, kept.executions[execution_id])
        return execution_id


def add_get_pipeline_state(deliveries: Deliveries) -> None:
    """moto has no GetPipelineState: of each stage, the execution that was there last."""

    @adds(CodePipelineResponse)
    def get_pipeline_state(self: CodePipelineResponse) -> str:
        kept = _pipeline(self, self._get_param("name"))
        executions = _executions(self, deliveries, kept)
        stages = [_stage_state(stage, executions) for stage in kept.pipeline["stages"]]
        answer = {
            "pipelineName": kept.pipeline["name"],
            "pipelineVersion": kept.pipeline["version"],
            "stageStates": stages,
            **{name: kept.metadata[name] for name in ("created", "updated")},
        }
        return json.dumps(answer)


def add_put_approval_result(deliveries: Deliveries) -> None:
    """moto has no PutApprovalResult."""

    @adds(CodePipelineResponse)
    def put_approval_result(self: CodePipelineResponse) -> str:
        kept = _pipeline(self, self._get_param("pipelineName"))
        place, result = (self._get_param("stageName"), self._get_param("actionName")), self._get_param("result")
        runs = [run for each in _executions(self, deliveries, kept) if (run := each.latest(*place))]
        run = next((run for run in runs if run.token == self._get_param("token")), None)
        if run is None:
            raise JsonRESTError("InvalidApprovalTokenException", "No approval waits for this token.")
        _, by, _ = sts_backends[self.current_account]["aws"].get_caller_identity(self.get_access_key(), self.region)
        deliveries.decide(run, result["status"] == "Approved", result["summary"], by)
        return json.dumps({"approvedAt": run.changed.timestamp()})


def add_retry_stage_execution(deliveries: Deliveries) -> None:
    """moto has no RetryStageExecution."""

    @adds(CodePipelineResponse)
    def retry_stage_execution(self: CodePipelineResponse) -> str:
        kept = _pipeline(self, self._get_param("pipelineName"))
        delivery, stage = _find(self, deliveries, kept), self._get_param("stageName")
        if delivery is not _executions(self, deliveries, kept)[-1]:
            raise JsonRESTError("NotLatestPipelineExecutionException", "A later execution has started meanwhile.")
        if delivery.status != FAILED or delivery.stages.get(stage) != FAILED:
            raise JsonRESTError("StageNotRetryableException", f"Stage {stage} has not failed.")
        deliveries.retry(delivery, stage)
        return json.dumps({"pipelineExecutionId": delivery.id})


def add_stop_pipeline_execution(deliveries: Deliveries) -> None:
    """moto has no StopPipelineExecution."""

    @adds(CodePipelineResponse)
    def stop_pipeline_execution(self: CodePipelineResponse) -> str:
        delivery = _find(self, deliveries, _pipeline(self, self._get_param("pipelineName")))
        if delivery.status != IN_PROGRESS:
            message = f"Execution {delivery.id} is {delivery.status}."
            raise JsonRESTError("PipelineExecutionNotStoppableException", message)
        deliveries.stop(delivery)
        return json.dumps({"pipelineExecutionId": delivery.id})


def add_list_action_executions(deliveries: Deliveries) -> None:
    """moto has no ListActionExecutions: the newest first, of one execution where the filter names one."""

    @adds(CodePipelineResponse)
    def list_action_executions(self: CodePipelineResponse) -> str:
        kept = _pipeline(self, self._get_param("pipelineName"))
        wanted = (self._get_param("filter") or {}).get("pipelineExecutionId")
        executions = [each for each in _executions(self, deliveries, kept) if wanted in (None, each.id)]
        details = [run.detail(each.record) for each in reversed(executions) for run in reversed(each.runs)]
        return json.dumps({"actionExecutionDetails": details})


def _pipeline(response: CodePipelineResponse, name: str) -> CodePipeline:
    response.codepipeline_backend.get_pipeline(name)  # raises where there is none
    return response.codepipeline_backend.pipelines[name]


def _executions(response: CodePipelineResponse, deliveries: Deliveries, kept: CodePipeline) -> list[Delivery]:
    return deliveries.of(response.current_account, response.region, kept.pipeline["name"])


def _find(response: CodePipelineResponse, deliveries: Deliveries, kept: CodePipeline) -> Delivery:
    wanted = response._get_param("pipelineExecutionId")
    found = [each for each in _executions(response, deliveries, kept) if each.id == wanted]
    if not found:
        raise JsonRESTError("PipelineExecutionNotFoundException", f"There is no execution {wanted}.")
    return found[0]


def _stage_state(stage: dict[str, Any], executions: list[Delivery]) -> dict[str, Any]:
    name = stage["name"]
    state: dict[str, Any] = {"stageName": name, "inboundTransitionState": {"enabled": True}}
    latest = next((each for each in reversed(executions) if name in each.stages), None)
    if latest is None:
        return {**state, "actionStates": [{"actionName": action["name"]} for action in stage["actions"]]}
    runs = {action["name"]: latest.latest(name, action["name"]) for action in stage["actions"]}
    return {
        **state,
        "latestExecution": {"pipelineExecutionId": latest.id, "status": latest.stages[name]},
        "actionStates": [run.state() if run else {"actionName": action} for action, run in runs.items()],
    }
