"""CodePipeline: dates that SDKs can read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.codepipeline.models import CodePipeline, PipelineExecution

from gluepipe.emulator.gaps.patching import replaces


def give_dates_as_numbers() -> None:
    """moto gives the dates of pipelines and executions as text, where the protocol has numbers."""
    textual = PipelineExecution.to_summary_dict

    def metadata(self: CodePipeline) -> dict[str, Any]:
        return {"pipelineArn": self._arn, "created": _seconds(self._created), "updated": _seconds(self._updated)}

    @replaces(PipelineExecution)
    def to_summary_dict(self: PipelineExecution) -> dict[str, Any]:
        times = {"startTime": _seconds(self.start_time), "lastUpdateTime": _seconds(self.last_update_time)}
        return {**textual(self), **times}

    replaces(CodePipeline)(property(metadata))


def _seconds(moment: datetime) -> float:
    return moment.replace(tzinfo=UTC).timestamp()
