"""What is known of a pipeline's executions: which actions ran, how each ended, and what the API says of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.codepipeline.models import PipelineExecution
from moto.core.utils import utcnow

IN_PROGRESS, SUCCEEDED, FAILED, ABANDONED = "InProgress", "Succeeded", "Failed", "Abandoned"
STOPPING, STOPPED, SUPERSEDED = "Stopping", "Stopped", "Superseded"


@dataclass
class ActionRun:
    """One run of an action; `token` is what an approval that waits is answered with, `by` who did."""

    stage: str
    action: Mapping[str, Any]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = IN_PROGRESS
    summary: str = ""
    error: str = ""
    by: str = ""
    token: str = ""
    external_id: str = ""
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    changed: datetime = field(default_factory=lambda: datetime.now(UTC))
    exported: Mapping[str, str] = field(default_factory=dict)

    def end(self, status: str, summary: str = "", error: str = "", by: str = "") -> None:
        """Say how it ended."""
        self.status, self.summary, self.error, self.by, self.token = status, summary, error, by, ""
        self.changed = datetime.now(UTC)

    def state(self) -> dict[str, Any]:
        """Return it as GetPipelineState does."""
        optional = {
            "summary": self.summary,
            "token": self.token,
            "lastUpdatedBy": self.by,
            "externalExecutionId": self.external_id,
            "errorDetails": {"code": "JobFailed", "message": self.error} if self.error else None,
        }
        present = {name: value for name, value in optional.items() if value}
        latest = {"actionExecutionId": self.id, "status": self.status, "lastStatusChange": self.changed.timestamp()}
        return {"actionName": self.action["name"], "latestExecution": latest | present}

    def detail(self, execution: PipelineExecution) -> dict[str, Any]:
        """Return it as ListActionExecutions does."""
        result = {"externalExecutionId": self.external_id, "externalExecutionSummary": self.summary}
        failure = {"errorDetails": {"code": "JobFailed", "message": self.error}} if self.error else {}
        return {
            "pipelineExecutionId": execution.pipeline_execution_id,
            "actionExecutionId": self.id,
            "pipelineVersion": execution.pipeline_version,
            "stageName": self.stage,
            "actionName": self.action["name"],
            "startTime": self.started.timestamp(),
            "lastUpdateTime": self.changed.timestamp(),
            "updatedBy": self.by,
            "status": self.status,
            "input": {"actionTypeId": self.action["actionTypeId"], "configuration": self.action["configuration"]},
            "output": {"executionResult": result | failure, "outputVariables": dict(self.exported)},
        }


@dataclass
class Delivery:
    """One execution of a pipeline, with the definition that it began with; a retry of it goes on with that one."""

    account_id: str
    region: str
    pipeline: Mapping[str, Any]
    record: PipelineExecution
    runs: list[ActionRun] = field(default_factory=list)
    stages: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.record.pipeline_execution_id)

    @property
    def name(self) -> str:
        return str(self.pipeline["name"])

    @property
    def is_superseding(self) -> bool:
        """Whether it takes the place of an earlier execution that waits for the same stage."""
        return str(self.pipeline.get("executionMode", "SUPERSEDED")) == "SUPERSEDED"

    @property
    def artifact_key(self) -> str:
        """Where in the artifact bucket the source's artifact is."""
        return f"{self.name}/source/{self.id}"

    @property
    def status(self) -> str:
        return str(self.record.status)

    @status.setter
    def status(self, status: str) -> None:
        self.record.status, self.record.last_update_time = status, utcnow()

    def latest(self, stage: str, action: str) -> ActionRun | None:
        """Return the last run of an action, None where it has not run yet."""
        runs = (run for run in reversed(self.runs) if (run.stage, run.action["name"]) == (stage, action))
        return next(runs, None)
