"""The job's runs, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gluepipe.errors import GluePipeError, UsageProblem
from gluepipe.operations.deployed import Deployed

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import JobRunTypeDef


SHORT_ID, WHOLE_ID = 11, 67  # `jr_` and so many hexadecimal digits


@dataclass(frozen=True)
class Run:
    """One job run; `seconds` is its execution time so far, `manifest` the list of files it was given."""

    run_id: str
    state: str
    started_at: datetime
    seconds: int
    manifest: str
    error: str

    def as_document(self) -> dict[str, Any]:
        return {**self.__dict__, "started_at": self.started_at.isoformat()}


def list_runs(deployed: Deployed, state: str | None = None) -> Iterator[Run]:
    """Every run, or those of one Glue state such as FAILED; raises GluePipeError when there is no job yet."""
    names, glue = deployed.names, deployed.access.glue
    pages = glue.get_paginator("get_job_runs").paginate(JobName=names.job)
    try:
        for page in pages:
            runs = map(_run, page["JobRuns"])
            yield from (run for run in runs if state is None or run.state == state.upper())
    except glue.exceptions.EntityNotFoundException:
        fix = f"Deploy it first: gluepipe apply {names.environment} --stack application"
        raise GluePipeError(f"{names.environment} has no job {names.job}.", fix) from None


def _run(run: JobRunTypeDef) -> Run:
    return Run(
        run_id=run["Id"],
        state=run["JobRunState"],
        started_at=run["StartedOn"],
        seconds=run.get("ExecutionTime", 0),
        manifest=run.get("Arguments", {}).get("--manifest", ""),
        error=run.get("ErrorMessage", ""),
    )


def short(run_id: str) -> str:
    """The beginning of a run's id, which is enough to find it by."""
    return run_id[:SHORT_ID]


def find_run(deployed: Deployed, run_id: str) -> Run:
    """One run by its id, or by the beginning of it; raises UsageProblem when the job has no such run, or several."""
    if SHORT_ID <= len(run_id) < WHOLE_ID:
        found = [run for run in list_runs(deployed) if run.run_id.startswith(run_id)]
        if len(found) == 1:
            return found[0]
    glue = deployed.access.glue
    try:
        return _run(glue.get_job_run(JobName=deployed.names.job, RunId=run_id)["JobRun"])
    except glue.exceptions.EntityNotFoundException:
        fix = f"Runs are listed by: gluepipe runs {deployed.names.environment}"
        raise UsageProblem(f"{deployed.names.job} has no run {run_id}.", fix) from None
