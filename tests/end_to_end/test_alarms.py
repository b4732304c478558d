"""Real traffic brings each condition about; the alarm rings on what was recorded, and people are told what to do.

The tests build on each other: the first ones need an environment that has not seen a file.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks.deployment import administered
from gluepipe.operations.deployed import Deployed
from tests.end_to_end.alarms import Alarms, Message, OnCall
from tests.end_to_end.conftest import Checkout
from tests.end_to_end.queues import purge
from tests.places import REPOSITORY
from tests.waiting import eventually

PAGE = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
BROKEN_RELEASE = b"import sys\nsys.exit('this release cannot start')\n"


@pytest.fixture(scope="module")
def environment(deployed: Checkout) -> Deployed:
    return administered(deployed.project)


@pytest.fixture(scope="module")
def alarms(environment: Deployed) -> Alarms:
    return Alarms(environment)


@pytest.fixture(scope="module")
def on_call(environment: Deployed, alarms: Alarms) -> Iterator[OnCall]:
    somebody = OnCall(environment, alarms)
    somebody.subscribe()
    yield somebody
    somebody.leave()
    for queue in (environment.names.queue, environment.names.dead_letter_queue, environment.names.undelivered_queue):
        purge(environment, queue)


@contextmanager
def broken(environment: Deployed, function: str, variable: str) -> Iterator[None]:
    """A function without one of its settings, as a bad change by hand would leave it."""
    functions = environment.access.functions
    before = functions.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    functions.update_function_configuration(FunctionName=function, Environment={"Variables": {**before, variable: ""}})
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=function, Environment={"Variables": before})


@contextmanager
def broken_release(environment: Deployed) -> Iterator[None]:
    """The job with a script that cannot start."""
    glue, s3, names = environment.access.glue, environment.access.s3, environment.names
    job: Any = glue.get_job(JobName=names.job)["Job"]
    update: Any = {key: job[key] for key in job if key not in ("Name", "CreatedOn", "LastModifiedOn")}
    s3.put_object(Bucket=names.assets_bucket, Key="jobs/broken.py", Body=BROKEN_RELEASE)
    command = {**update["Command"], "ScriptLocation": f"s3://{names.assets_bucket}/jobs/broken.py"}
    glue.update_job(JobName=names.job, JobUpdate={**update, "Command": command})
    try:
        yield
    finally:
        glue.update_job(JobName=names.job, JobUpdate=update)


def state_of(deployed: Checkout, key: str) -> str:
    finished = deployed.gluepipe("file", "dev", key, "--json")
    return str(json.loads(finished.stdout)["file"]["state"]) if finished.returncode == 0 else "unknown"


def put(environment: Deployed, key: str, body: str = "id,v\n1,a\n") -> str:
    """Upload without waiting; the file's URI."""
    environment.access.s3.put_object(Bucket=environment.names.input_bucket, Key=key, Body=body.encode())
    return f"s3://{environment.names.input_bucket}/{key}"


def nothing_runs(environment: Deployed) -> bool:
    """Whether every run has ended, which is some moments after its last file was loaded."""
    runs = environment.access.glue.get_job_runs(JobName=environment.names.job)["JobRuns"]
    return all("CompletedOn" in run for run in runs)


def repair(deployed: Checkout, message: Message, uri: str) -> None:
    """Run the replay command that a message gives for a file, to the letter; it must be loaded then."""
    command = message.replays[message.named("File").index(uri)]
    deployed.succeed(*command)
    eventually(lambda: state_of(deployed, uri) == "succeeded")


def check_form(deployed: Checkout, message: Message) -> None:
    """Every message leads to its runbook, to a log and to commands that run."""
    assert f"\n## {message.alarm}\n" in PAGE
    assert message.named("Log")[0].startswith("https://eu-central-1.console.aws.amazon.com/cloudwatch/home?")
    [look] = message.named("Look")
    finished = deployed.gluepipe(*shlex.split(look)[1:])
    assert finished.returncode == 0 or " status " in look, finished.stderr


def test_there_is_an_alarm_for_everything_that_can_go_wrong(alarms: Alarms) -> None:
    assert set(alarms.all()) == {
        *("alert-errors", "budget", "dead-letters", "failed-files", "freshness", "quarantine-rate", "queue-age"),
        *("row-counts", "stuck-files", "sweep-errors", "throttles", "trigger-errors", "undelivered-events"),
        "unhealthy",
    }
    eventually(lambda: not any(alarm["StateReason"].startswith("Unchecked") for alarm in alarms.all().values()))
    for name, alarm in alarms.all().items():
        assert f"Runbook: docs/operations.md#{name} Run: gluepipe " in alarm["AlarmDescription"]


def test_no_file_for_too_long_is_told(alarms: Alarms, on_call: OnCall, environment: Deployed) -> None:
    alarms.forget("freshness")
    message = on_call.told_of("freshness")
    assert message.named("File") == ["none known"]
    assert alarms.rings("unhealthy")


def test_bad_and_unreadable_files_are_told_with_their_reasons(
    deployed: Checkout, environment: Deployed, on_call: OnCall, tmp_path: Path
) -> None:
    (unreadable := tmp_path / "unreadable.csv").write_bytes(b"%PDF-1.7\n" + bytes(range(256)))
    (dirty := tmp_path / "dirty.csv").write_text("id,v\n1,a\n2,b\n3,c,surplus\n4,d,surplus\n")
    finished = deployed.gluepipe("upload", "dev", unreadable, dirty, "--dataset", "mixed", "--wait", "--json")
    failed, loaded = json.loads(finished.stdout)["files"]
    message = on_call.told_of("failed-files")
    check_form(deployed, message)
    assert message.named("File") == [failed["source_file"]]
    assert message.named("Reason")[0].startswith("unsupported_format: ")
    assert message.named("Run") == [failed["run_id"]]
    assert message.named("Error")[0].startswith("File failed: ")
    key = failed["source_file"].removeprefix(f"s3://{environment.names.input_bucket}/")
    assert message.replays == [["replay", "dev", key]]
    message = on_call.told_of("quarantine-rate")
    check_form(deployed, message)
    assert (message.named("File"), message.named("Run")) == ([loaded["source_file"]], [loaded["run_id"]])
    assert message.named("Reason") == ["2 of 4 rows were set aside"]


def test_an_unusual_number_of_rows_and_a_used_up_budget_are_told(
    deployed: Checkout, on_call: OnCall, tmp_path: Path
) -> None:
    usual = [tmp_path / f"usual{number}.csv" for number in range(10)]
    for file in usual:
        file.write_text("id,v\n" + "1,a\n" * 100)
    deployed.upload(*usual, "--dataset", "counted")
    (odd := tmp_path / "odd.csv").write_text("id,v\n1,a\n")
    [outcome] = deployed.upload(odd, "--dataset", "counted")
    message = on_call.told_of("row-counts")
    check_form(deployed, message)
    assert (message.named("File"), message.named("Run")) == ([outcome["source_file"]], [outcome["run_id"]])
    assert message.named("Reason") == ["1 rows, where the 10 files before had 100 to 100"]
    message = on_call.told_of("budget")
    check_form(deployed, message)
    assert message.named("Reason")[0].endswith(" s of its run")


def test_a_release_that_cannot_start_is_told_once_and_its_files_are_replayed(
    deployed: Checkout, environment: Deployed, alarms: Alarms, on_call: OnCall
) -> None:
    rule = environment.names.component("job-ended")
    events = environment.access.client("events")
    with broken_release(environment):
        events.disable_rule(Name=rule)  # nobody tells the sweep of the end of this run
        left = put(environment, "left/left.csv")
        message = on_call.told_of("job-failed")
        check_form(deployed, message)
        assert message.named("File") == [left]
        events.enable_rule(Name=rule)
        worn_out = put(environment, "worn/out it's.csv")
        given_up = on_call.told_of("dead-letters")
    check_form(deployed, given_up)
    assert given_up.named("File") == [worn_out]
    assert given_up.named("Reason")[0].startswith("run_died: ")
    assert given_up.named("Error") == ["this release cannot start"]
    told = [each for each in on_call.of("job-failed") if worn_out in each.named("File")]
    assert len(told) == 1  # of three runs that failed
    assert told[0].named("Error") == ["this release cannot start"]
    assert told[0].named("Run")[0].startswith("jr_")
    repair(deployed, told[0], worn_out)

    functions, sweep = environment.access.functions, environment.names.sweep_function
    functions.invoke(FunctionName=sweep, Payload=b"{}")
    message = on_call.told_of("stuck-files")
    check_form(deployed, message)
    assert message.named("File") == [left]
    assert message.named("Run")[0].startswith("jr_")
    eventually(lambda: state_of(deployed, left) == "succeeded")
    assert not on_call.of("sweep-errors")


def test_a_function_that_fails_is_told_with_the_files_that_wait_for_it(
    deployed: Checkout, environment: Deployed, on_call: OnCall
) -> None:
    with broken(environment, environment.names.trigger_function, "LEDGER_TABLE"):
        waiting = put(environment, "failing/trigger.csv")
        message = on_call.told_of("trigger-errors")
    check_form(deployed, message)
    assert waiting in message.named("File")
    assert "LEDGER_TABLE is not set" in message.named("Error")[0]
    repair(deployed, message, waiting)

    with broken(environment, environment.names.sweep_function, "LEDGER_TABLE"):
        unswept = put(environment, "failing/sweep.csv")
        message = on_call.told_of("sweep-errors")
    check_form(deployed, message)
    assert unswept in message.named("File")
    assert message.named("Run")[message.named("File").index(unswept)].startswith("jr_")


def test_what_keeps_the_alert_function_from_telling_is_told_by_its_standby(
    deployed: Checkout, environment: Deployed, on_call: OnCall
) -> None:
    with broken(environment, environment.names.alert_function, "LEDGER_TABLE"), broken_release(environment):
        untold = put(environment, "untold/run.csv")
        message = on_call.told_of("alert-errors")
    check_form(deployed, message)
    place = message.named("File").index(untold)
    assert message.named("Run")[place].startswith("jr_")
    assert message.named("Reason")[place].startswith("run_died: ")
    assert message.named("Error")[place] == "this release cannot start"
    repair(deployed, message, untold)
    description = on_call.told_directly_of("alert-errors")
    assert "Runbook: docs/operations.md#alert-errors Run: gluepipe " in description
    assert description.endswith("Replay: gluepipe replay dev --undelivered")
    assert {name for name, alarm in on_call.alarms.all().items() if alarm.get("AlarmActions")} == {"alert-errors"}


def test_events_that_reach_nobody_are_told_with_the_files_they_are_about(
    deployed: Checkout, environment: Deployed, on_call: OnCall
) -> None:
    rule = environment.names.component("job-ended")
    events = environment.access.client("events")
    [target] = events.list_targets_by_rule(Rule=rule)["Targets"]
    eventually(lambda: nothing_runs(environment))  # the end of an earlier test's run would be told of, too
    events.put_targets(Rule=rule, Targets=[{**target, "Arn": target["Arn"] + "-gone"}])
    lost = put(environment, "undelivered/end.csv")
    try:
        message = on_call.told_of("undelivered-events")
    finally:
        events.put_targets(Rule=rule, Targets=[target])
    check_form(deployed, message)
    [run_id] = message.named("Run")
    assert message.named("File") == [lost]
    assert message.named("Reason")[0].startswith(f"that its run {run_id} ended (SUCCEEDED) reached nobody: ")
    assert message.named("Log")[0].endswith(f"FlogStreamNameFilter$3D{run_id}")
    repair(deployed, message, lost)


def test_files_that_wait_are_told_and_found_by_the_replay_command(
    deployed: Checkout, environment: Deployed, alarms: Alarms, on_call: OnCall
) -> None:
    functions, trigger = environment.access.functions, environment.names.trigger_function
    assert not alarms.rings("throttles")
    functions.put_function_concurrency(FunctionName=trigger, ReservedConcurrentExecutions=0)
    try:
        held = put(environment, "held/back.csv")
        message = on_call.told_of("throttles")
        assert held in message.named("File")
        unknown = deployed.gluepipe("file", "dev", "held/back.csv")
        assert unknown.returncode == 1
        assert "is not in the ledger yet; the bucket said last: Object Created" in unknown.stderr
        message = on_call.told_of("queue-age")
    finally:
        functions.delete_function_concurrency(FunctionName=trigger)
    check_form(deployed, message)
    place = message.named("File").index(held)
    assert message.named("Reason")[place].startswith("waits since ")
    unwell = json.loads(deployed.gluepipe("status", "dev", "--json").stdout)
    assert unwell["backlog"]["oldest_seconds"] >= 60
    repair(deployed, message, held)


def test_an_upload_that_never_arrived_is_told_as_such(deployed: Checkout) -> None:
    finished = deployed.gluepipe("file", "dev", "orders/never.csv")
    assert finished.returncode == 2
    assert "did not arrive within 14 days" in finished.stderr
