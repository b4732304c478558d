from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gluepipe.emulator import job_runs
from tests.cli.emulator.account import ACCOUNTS, Account, zipped
from tests.waiting import eventually

FACTS = """
import json, os, sys
import boto3

s3 = boto3.client("s3")
facts = {"arguments": sys.argv[1:], "identity": boto3.client("sts", "eu-central-1").get_caller_identity()["Arn"]}
s3.put_object(Bucket=os.environ.get("BUCKET", "facts-job-assets"), Key="facts.json", Body=json.dumps(facts))
"""

SLEEP = "import time\nprint('asleep', flush=True)\ntime.sleep(60)\n"


def start(account: Account, job: str) -> str:
    run_id: str = account.client("glue").start_job_run(JobName=job)["JobRunId"]
    return run_id


def state(account: Account, job: str, run_id: str) -> str:
    found: str = account.client("glue").get_job_run(JobName=job, RunId=run_id)["JobRun"]["JobRunState"]
    return found


def is_running(account: Account, job: str, run_id: str) -> bool:
    return state(account, job, run_id) == "RUNNING"


def test_script_gets_default_and_run_arguments_and_the_role(account: Account) -> None:
    job = account.job("facts-job", FACTS, DefaultArguments={"--level": "low", "--kept": "yes"})
    run = account.run(job, **{"--level": "high"})
    assert run["JobRunState"] == "SUCCEEDED"
    facts = json.loads(account.client("s3").get_object(Bucket=f"{job}-assets", Key="facts.json")["Body"].read())
    arguments = dict(zip(facts["arguments"][::2], facts["arguments"][1::2], strict=True))
    assert (arguments["--level"], arguments["--kept"]) == ("high", "yes")
    assert (arguments["--JOB_NAME"], arguments["--JOB_RUN_ID"]) == (job, run["Id"])
    assert facts["identity"].startswith(f"arn:aws:sts::{ACCOUNTS['dev']}:assumed-role/worker/GlueJobRunnerSession")


def test_failing_script_fails_its_run_with_the_error_as_message(account: Account) -> None:
    job = account.job("failing-job", "import sys\nprint('so far')\nraise ValueError('row 7 is no row')\n")
    run = account.run(job)
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "ValueError: row 7 is no row")
    output = account.log_lines("/aws-glue/jobs/output", run["Id"])
    assert "so far" in output
    assert output[-1] == "ValueError: row 7 is no row"
    assert not any("job_driver" in line for line in output)
    [told] = account.log_lines("/aws-glue/jobs/error", run["Id"])
    assert told.endswith("ValueError: row 7 is no row")


def test_exit_code_decides_about_success(account: Account) -> None:
    assert account.run(account.job("exit-zero", "raise SystemExit(0)"))["JobRunState"] == "SUCCEEDED"
    run = account.run(account.job("exit-three", "raise SystemExit(3)"))
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "SystemExit: 3")


def test_missing_script_is_a_launch_error_that_names_it(account: Account) -> None:
    job = account.job("scriptless", "")
    account.client("s3").delete_object(Bucket="scriptless-assets", Key="script.py")
    run = account.run(job)
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"] == "LAUNCH ERROR | File not found: s3://scriptless-assets/script.py"


def test_libraries_come_from_the_bucket_not_from_this_repository(account: Account) -> None:
    script = "import glue_jobs\nprint(glue_jobs.WHOSE, glue_jobs.__file__.rsplit('/', 2)[1])\nimport lambda_trigger\n"
    uri = "s3://library-job-assets/glue_jobs.zip"
    job = account.job("library-job", script, DefaultArguments={"--extra-py-files": uri})
    library = zipped({"glue_jobs/__init__.py": "WHOSE = 'deployed'\n"})
    account.client("s3").put_object(Bucket="library-job-assets", Key="glue_jobs.zip", Body=library)
    run = account.run(job)
    assert "deployed glue_jobs" in account.log_lines("/aws-glue/jobs/output", run["Id"])
    assert run["ErrorMessage"] == "ModuleNotFoundError: No module named 'lambda_trigger'"


def test_logs_go_to_the_groups_that_the_job_names(account: Account) -> None:
    arguments = {"--custom-logGroup-prefix": "/aws-glue/jobs/own-logs"}
    run = account.run(account.job("own-logs", "print('here')", DefaultArguments=arguments))
    assert account.log_lines("/aws-glue/jobs/own-logs/output", run["Id"]) == ["here"]


def test_log_lines_arrive_while_the_script_runs_and_stopping_it_ends_it(account: Account) -> None:
    job = account.job("stopped-job", SLEEP)
    run_id = start(account, job)
    assert eventually(lambda: is_running(account, job, run_id))
    assert "CompletedOn" not in account.client("glue").get_job_run(JobName=job, RunId=run_id)["JobRun"]
    eventually(lambda: _lines(account, run_id) == ["asleep"])
    answer = account.client("glue").batch_stop_job_run(JobName=job, JobRunIds=[run_id, "jr_unknown"])
    assert [entry["JobRunId"] for entry in answer["SuccessfulSubmissions"]] == [run_id]
    assert answer["Errors"][0]["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
    assert account.ended(job, run_id)["JobRunState"] == "STOPPED"
    again = account.client("glue").batch_stop_job_run(JobName=job, JobRunIds=[run_id])
    assert again["Errors"][0]["ErrorDetail"]["ErrorMessage"] == "The run is STOPPED."


def _lines(account: Account, run_id: str) -> list[str]:
    try:
        return account.log_lines("/aws-glue/jobs/output", run_id)
    except account.client("logs").exceptions.ResourceNotFoundException:
        return []


def test_run_killed_from_outside_fails_without_a_word_from_the_script(account: Account) -> None:
    script = "import boto3, os, time\nboto3.client('s3').put_object(Bucket='killed-job-assets', Key='pid', "
    job = account.job("killed-job", script + "Body=str(os.getpid()))\ntime.sleep(60)\n")
    run_id = start(account, job)
    s3 = account.client("s3")
    eventually(lambda: s3.list_objects_v2(Bucket="killed-job-assets", Prefix="pid").get("Contents"))
    os.kill(int(s3.get_object(Bucket="killed-job-assets", Key="pid")["Body"].read()), signal.SIGKILL)
    run = account.ended(job, run_id)
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "Command failed with exit code -9")


def test_full_job_refuses_and_takes_runs_again_when_one_has_ended(account: Account) -> None:
    job, glue = account.job("full-job", SLEEP, ExecutionProperty={"MaxConcurrentRuns": 2}), account.client("glue")
    runs = [start(account, job), start(account, job)]
    with pytest.raises(glue.exceptions.ConcurrentRunsExceededException):
        glue.start_job_run(JobName=job)
    glue.batch_stop_job_run(JobName=job, JobRunIds=runs[:1])
    account.ended(job, runs[0])
    last = start(account, job)
    assert [run["Id"] for run in glue.get_job_runs(JobName=job)["JobRuns"]] == [last, runs[1], runs[0]]
    glue.batch_stop_job_run(JobName=job, JobRunIds=[runs[1], last])


def test_run_keeps_its_slot_until_it_has_stopped(account: Account) -> None:
    job, glue = account.job("stopping-job", SLEEP), account.client("glue")
    first = start(account, job)
    eventually(lambda: is_running(account, job, first))
    glue.batch_stop_job_run(JobName=job, JobRunIds=[first])

    def started() -> str | None:
        try:
            return start(account, job)
        except glue.exceptions.ConcurrentRunsExceededException:
            return None

    second = eventually(started)
    assert state(account, job, first) == "STOPPED"
    glue.batch_stop_job_run(JobName=job, JobRunIds=[second])


def test_full_job_with_queuing_lets_runs_wait(account: Account) -> None:
    job, glue = account.job("queuing-job", SLEEP, JobRunQueuingEnabled=True), account.client("glue")
    assert glue.get_job(JobName=job)["Job"]["JobRunQueuingEnabled"] is True
    first, second = start(account, job), start(account, job)
    eventually(lambda: is_running(account, job, first))
    assert state(account, job, second) == "WAITING"
    glue.batch_stop_job_run(JobName=job, JobRunIds=[first])
    assert eventually(lambda: is_running(account, job, second))
    glue.batch_stop_job_run(JobName=job, JobRunIds=[second])
    assert account.ended(job, second)["JobRunState"] == "STOPPED"


def test_waiting_run_can_be_stopped(account: Account) -> None:
    job, glue = account.job("impatient-job", SLEEP, JobRunQueuingEnabled=True), account.client("glue")
    first, second = start(account, job), start(account, job)
    glue.batch_stop_job_run(JobName=job, JobRunIds=[second])
    assert account.ended(job, second)["JobRunState"] == "STOPPED"
    glue.batch_stop_job_run(JobName=job, JobRunIds=[first])


def test_updated_job_runs_with_the_new_definition(account: Account) -> None:
    job, glue = account.job("updated-job", "print('old')", Timeout=5, MaxRetries=1), account.client("glue")
    account.client("s3").put_object(Bucket="updated-job-assets", Key="new.py", Body="print('new')")
    command = {"Name": "glueetl", "ScriptLocation": "s3://updated-job-assets/new.py"}
    role = glue.get_job(JobName=job)["Job"]["Role"]
    glue.update_job(JobName=job, JobUpdate={"Role": role, "Command": command, "Timeout": 9})
    updated = glue.get_job(JobName=job)["Job"]
    assert (updated["Timeout"], updated["Command"]) == (9, command)
    assert "MaxRetries" not in updated
    run = account.run(job)
    assert account.log_lines("/aws-glue/jobs/output", run["Id"]) == ["new"]


def test_run_tells_how_long_it_took_and_what_it_cost(account: Account) -> None:
    run = account.run(account.job("timed-job", "import time\ntime.sleep(1.2)\n"))
    assert run["ExecutionTime"] in (1, 2, 3)
    assert 2 * 1.2 <= run["DPUSeconds"] <= 2 * 4  # two G.1X workers
    assert run["CompletedOn"] >= run["StartedOn"]


def test_run_beyond_its_timeout_is_killed_and_its_end_told(tmp_path: Path) -> None:
    process, told = _process_that_never_ends(), _Told()
    runs = job_runs.JobRuns("http://127.0.0.1:1", tmp_path / "runs", targets=told)
    runs._spawn = lambda job, run, folder: runs._processes.setdefault(run.job_run_id, process)
    backend = SimpleNamespace(account_id=ACCOUNTS["dev"], region_name="eu-central-1")
    run = SimpleNamespace(
        job_run_id="jr_1", status="RUNNING", timeout=0.3 / 60, arguments={}, worker_type="G.1X", number_of_workers=2
    )
    runs._carry_out(SimpleNamespace(name="late", backend=backend, role="worker"), run)
    message = "Job run exceeded its timeout of 0.005 minutes"
    assert (run.status, run.facts["ErrorMessage"], process.returncode) == ("TIMEOUT", message, -signal.SIGKILL)
    [(*_, detail)] = told.events
    assert detail == {"jobName": "late", "severity": "WARN", "state": "TIMEOUT", "jobRunId": "jr_1", "message": message}


class _Told:
    """What the rules are told."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def put(self, *event: Any) -> None:
        self.events.append(event)


def _process_that_never_ends() -> Any:
    import subprocess

    return subprocess.Popen(
        ["sleep", "60"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
