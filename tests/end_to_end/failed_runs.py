"""Runs that fail, for what is to be seen of them."""

from __future__ import annotations

from gluepipe.operations.deployed import Deployed
from tests.waiting import eventually


def a_failed_run(environment: Deployed) -> str:
    """Start a run whose manifest is not there; return its id once it has failed."""
    glue, names = environment.access.glue, environment.names
    missing = {"--manifest": f"s3://{names.assets_bucket}/manifests/none.json"}
    run_id = glue.start_job_run(JobName=names.job, Arguments=missing)["JobRunId"]
    eventually(lambda: glue.get_job_run(JobName=names.job, RunId=run_id)["JobRun"]["JobRunState"] == "FAILED")
    return run_id
