"""runs: the job's runs, newest first, each found by the beginning of its id."""

from __future__ import annotations

import pytest

from gluepipe.errors import UsageProblem
from gluepipe.operations.runs import find_run
from tests.cli.operated import NAMES, Account, documents, run

pytestmark = pytest.mark.usefixtures("project")


def test_runs_are_listed_and_filtered_by_state(account: Account) -> None:
    glue = account.access.glue
    started = glue.start_job_run(JobName=NAMES.job, Arguments={"--manifest": "s3://m"})["JobRunId"]
    found = documents("runs", "dev")
    assert [(each["run_id"], each["manifest"]) for each in found] == [(started, "s3://m")]
    assert documents("runs", "dev", "--state", "failed") == []
    assert run("runs", "dev").stdout.splitlines()[1].split()[0] == started[:11]


def test_runs_says_where_there_is_no_job(account: Account) -> None:
    account.access.glue.delete_job(JobName=NAMES.job)
    result = run("runs", "dev")
    assert result.exit_code == 1
    assert "dev has no job gluepipe-dev-file-processor." in result.stderr


def test_the_beginning_of_an_id_is_enough_to_find_a_run(account: Account) -> None:
    run_ids = [account.access.glue.start_job_run(JobName=NAMES.job)["JobRunId"] for _ in range(2)]
    for run_id in run_ids:
        assert find_run(account.deployed, run_id[:20]).run_id == run_id
    with pytest.raises(UsageProblem, match="has no run jr_00000000"):
        find_run(account.deployed, "jr_00000000")
