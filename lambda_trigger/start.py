"""Starts runs of the Glue job, and tells a busy job from one that cannot be started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from lambda_trigger.errors import JobBusyError, JobUnavailableError, TransientError

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient
    from mypy_boto3_glue.type_defs import JobRunTypeDef

ACTIVE_STATES = frozenset({"STARTING", "RUNNING", "STOPPING", "WAITING"})
MISSING = "EntityNotFoundException"
BUSY_CODES = frozenset(
    {
        "ConcurrentRunsExceededException",
        "ResourceNumberLimitExceededException",
        "ThrottlingException",
        "Throttling",
        "TooManyRequestsException",
        "OperationTimeoutException",
        "InternalServiceException",
    }
)
# Glue lists the newest runs first; an active run older than this many others is one slot counted too many, and then
# StartJobRun itself refuses.
RUNS_LOOKED_AT = 200


@dataclass(frozen=True)
class Job:
    """The job as the trigger sees it."""

    glue: GlueClient
    name: str

    def free_slots(self) -> int:
        """How many more runs Glue would take now; raises TransientError if the job is not there."""
        try:
            job = self.glue.get_job(JobName=self.name)["Job"]
            runs = self.glue.get_job_runs(JobName=self.name, MaxResults=RUNS_LOOKED_AT)["JobRuns"]
        except (ClientError, BotoCoreError) as cause:
            raise refusal(self.name, cause) from cause
        active = sum(run.get("JobRunState") in ACTIVE_STATES for run in runs)
        return int(job.get("ExecutionProperty", {}).get("MaxConcurrentRuns", 1)) - active

    def start(self, manifest_uri: str) -> str:
        """Start a run for a manifest and return its id; raises TransientError when Glue refuses."""
        try:
            return self.glue.start_job_run(JobName=self.name, Arguments={"--manifest": manifest_uri})["JobRunId"]
        except (ClientError, BotoCoreError) as cause:
            raise refusal(self.name, cause) from cause

    def has_ended(self, run_id: str) -> bool:
        """Whether a run is over; one that Glue does not know (any more) is."""
        run = self.describe(run_id)
        return run is None or run["JobRunState"] not in ACTIVE_STATES

    def describe(self, run_id: str) -> JobRunTypeDef | None:
        """A run in Glue's words; None when Glue does not know it (any more)."""
        try:
            return self.glue.get_job_run(JobName=self.name, RunId=run_id)["JobRun"]
        except ClientError as cause:
            if cause.response["Error"]["Code"] == MISSING:
                return None
            raise


def refusal(job_name: str, cause: ClientError | BotoCoreError) -> TransientError:
    """What a failed call to Glue means for the files: it is never their fault."""
    if not isinstance(cause, ClientError):
        return JobBusyError(f"Glue did not answer for the job {job_name}: {cause}")
    code = cause.response["Error"]["Code"]
    if code in BUSY_CODES:
        return JobBusyError(f"The job {job_name} takes no run now ({code}); its files wait.")
    if code == MISSING:
        return JobUnavailableError(
            f"The job {job_name} does not exist; its files wait until the application stack is applied."
        )
    return JobUnavailableError(f"The job {job_name} cannot be started: {cause}")
