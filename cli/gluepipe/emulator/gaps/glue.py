"""Glue: tables with versions, jobs that can be updated, and runs that take as long, and end, as their scripts do."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.glue.exceptions import ConcurrentRunsExceededException
from moto.glue.models import FakeJob, FakeJobRun
from moto.glue.responses import GlueResponse

from gluepipe.emulator.gaps.patching import adds, replaces
from gluepipe.emulator.job_runs import TERMINAL, is_full

if TYPE_CHECKING:
    from gluepipe.emulator.job_runs import JobRuns

JOB_ATTRIBUTES = {
    "Description": "description",
    "LogUri": "log_uri",
    "Role": "role",
    "ExecutionProperty": "execution_property",
    "Command": "command",
    "DefaultArguments": "default_arguments",
    "NonOverridableArguments": "non_overridable_arguments",
    "Connections": "connections",
    "MaxRetries": "max_retries",
    "AllocatedCapacity": "allocated_capacity",
    "Timeout": "timeout",
    "MaxCapacity": "max_capacity",
    "WorkerType": "worker_type",
    "NumberOfWorkers": "number_of_workers",
    "SecurityConfiguration": "security_configuration",
    "NotificationProperty": "notification_property",
    "GlueVersion": "glue_version",
    "CodeGenConfigurationNodes": "code_gen_configuration_nodes",
    "ExecutionClass": "execution_class",
    "SourceControlDetails": "source_control_details",
    "JobRunQueuingEnabled": "job_run_queuing_enabled",
}
EMPTY_WHEN_UNSET = ("ExecutionProperty", "DefaultArguments")

_starting = threading.RLock()
_cataloguing = threading.RLock()


def refuse_outdated_table_updates() -> None:
    """moto ignores UpdateTable's VersionId, and lets two threads create one table."""
    creating, updating = GlueResponse.create_table, GlueResponse.update_table

    @replaces(GlueResponse)
    def create_table(self: GlueResponse) -> ActionResult:
        with _cataloguing:
            return creating(self)

    @replaces(GlueResponse)
    def update_table(self: GlueResponse) -> ActionResult:
        name, expected = self.parameters["TableInput"]["Name"], self.parameters.get("VersionId")
        with _cataloguing:
            table = self.glue_backend.get_table(self.parameters["DatabaseName"], name)
            if expected and expected != str(table._current_version):
                message = f"Table {name} is at version {table._current_version}, not {expected}."
                raise JsonRESTError("ConcurrentModificationException", message)
            return updating(self)


def keep_job_run_queuing() -> None:
    """moto forgets JobRunQueuingEnabled."""
    forgetful_create, forgetful_dict = GlueResponse.create_job, FakeJob.as_dict

    @replaces(GlueResponse)
    def create_job(self: GlueResponse) -> ActionResult:
        result = forgetful_create(self)
        job = self.glue_backend.get_job(self._get_param("Name"))
        job.job_run_queuing_enabled = self._get_param("JobRunQueuingEnabled")
        return result

    @replaces(FakeJob)
    def as_dict(self: FakeJob) -> dict[str, Any]:
        return {**forgetful_dict(self), "JobRunQueuingEnabled": bool(_queues(self))}


def add_update_job() -> None:
    """moto has no UpdateJob. As on AWS, whatever the update leaves out is unset."""

    @adds(GlueResponse)
    def update_job(self: GlueResponse) -> ActionResult:
        name, update = self._get_param("JobName"), self._get_param("JobUpdate")
        job = self.glue_backend.get_job(name)
        for key, attribute in JOB_ATTRIBUTES.items():
            setattr(job, attribute, update.get(key, {} if key in EMPTY_WHEN_UNSET else None))
        job.last_modified_on = utcnow()
        return ActionResult({"JobName": name})


def describe_runs_truthfully() -> None:
    """moto's runs succeed when first looked at, and are listed oldest first with made-up times."""
    replaces(FakeJobRun, "_get_last_status")(lambda _run, previous: previous)
    made_up = FakeJobRun.as_dict

    @replaces(FakeJobRun)
    def as_dict(self: FakeJobRun) -> dict[str, Any]:
        described = {**made_up(self), **getattr(self, "facts", {})}
        if self.status in TERMINAL:
            described["CompletedOn"] = self.completed_on
        else:
            del described["CompletedOn"]
            described["ExecutionTime"] = 0
        return described

    @replaces(FakeJob)
    def get_job_runs(self: FakeJob) -> list[FakeJobRun]:
        return list(reversed(self.job_runs))


def run_deployed_scripts(job_runs: JobRuns) -> None:
    """moto starts runs that run nothing. A full job refuses; with queuing enabled its runs wait instead.

    To moto a run that is being stopped has left its slot already.
    """
    starting_nothing = FakeJob.start_job_run

    @replaces(FakeJob)
    def start_job_run(self: FakeJob, **kwargs: Any) -> str:
        with _starting:
            full = is_full(self)
            if full and not _queues(self):
                raise ConcurrentRunsExceededException(f"Concurrent runs exceeded for {self.name}")
            refusing = self.execution_property
            if full:
                self.execution_property = {"MaxConcurrentRuns": len(self.job_runs) + 1}
            try:
                run_id: str = starting_nothing(self, **kwargs)
            finally:
                self.execution_property = refusing
            run = self.job_runs[-1]
            run.status = "WAITING" if full else "STARTING"
        job_runs.start(self, run)
        return run_id


def add_batch_stop_job_run(job_runs: JobRuns) -> None:
    """moto has no BatchStopJobRun."""

    @adds(GlueResponse)
    def batch_stop_job_run(self: GlueResponse) -> ActionResult:
        name = self._get_param("JobName")
        job = self.glue_backend.get_job(name)
        stopped, errors = [], []
        for run_id in self._get_param("JobRunIds"):
            run = next((run for run in job.job_runs if run.job_run_id == run_id), None)
            if run is not None and job_runs.stop(run):
                stopped.append({"JobName": name, "JobRunId": run_id})
            else:
                code = "EntityNotFoundException" if run is None else "InvalidInputException"
                message = "There is no such run." if run is None else f"The run is {run.status}."
                errors.append(
                    {"JobName": name, "JobRunId": run_id, "ErrorDetail": {"ErrorCode": code, "ErrorMessage": message}}
                )
        return ActionResult({"SuccessfulSubmissions": stopped, "Errors": errors})


def _queues(job: FakeJob) -> bool:
    return bool(getattr(job, "job_run_queuing_enabled", False))
