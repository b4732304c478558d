"""Each condition is brought about with real traffic; the alarm's own expression then tells whether it would ring."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gluepipe.deployed import Deployed
from tests.end_to_end.alarms import Alarms
from tests.end_to_end.conftest import ROOT, Checkout
from tests.end_to_end.queues import purge
from tests.waiting import eventually

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.fixture
def environment(deployed: Checkout) -> Deployed:
    return Deployed(deployed.dev, deployed.names)


@pytest.fixture
def alarms(environment: Deployed) -> Alarms:
    return Alarms(environment)


@pytest.fixture
def told(environment: Deployed) -> Iterator[Callable[[], str]]:
    """What the alarm topic says: the next message, or nothing yet."""
    session, endpoint = environment.access.session, environment.access.endpoint
    sns, sqs = session.client("sns", endpoint_url=endpoint), environment.access.sqs
    queue = sqs.create_queue(QueueName=environment.names.component("on-call"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = arn.replace(":sqs:", ":sns:").replace(environment.names.component("on-call"), environment.names.alarm_topic)
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]

    def message() -> str:
        found = sqs.receive_message(QueueUrl=queue).get("Messages", [])
        return str(json.loads(found[0]["Body"])["Message"]) if found else ""

    yield message
    sns.unsubscribe(SubscriptionArn=subscription)
    sqs.delete_queue(QueueUrl=queue)


def run_of(message: str) -> list[str]:
    """The arguments of the `gluepipe` that a message says to run; its runbook must stand in the page."""
    about, _, command = message.strip('"').partition(" Run: gluepipe ")
    assert f"\n## {about.rpartition('docs/operations.md#')[2]}\n" in PAGE
    return shlex.split(command)


def test_every_alarm_names_its_runbook_and_a_command_that_runs(deployed: Checkout, alarms: Alarms) -> None:
    messages = {name: alarm["AlarmDescription"] for name, alarm in alarms.all().items()}
    assert len(messages) == 7
    for name, message in messages.items():
        assert f"#{name} " in message
        finished = deployed.gluepipe(*run_of(message))
        assert finished.returncode == 0 or run_of(message)[0] == "status", finished.stderr


def test_dead_letters_ring_and_the_command_shows_them(
    deployed: Checkout, environment: Deployed, alarms: Alarms
) -> None:
    names, sqs = environment.names, environment.access.sqs
    alarms.report_queue(names.dead_letter_queue)
    assert not alarms.rings("dead-letters")
    sqs.send_message(QueueUrl=environment.queue_url(names.queue), MessageBody="nobody understands this")

    def reported() -> bool:
        alarms.report_queue(names.dead_letter_queue)
        return alarms.rings("dead-letters")

    eventually(reported, seconds=180)  # it is handed back twice, for half a minute each
    unwell = deployed.gluepipe("status", "dev", "--json")
    assert unwell.returncode == 1
    assert json.loads(unwell.stdout)["backlog"]["dead_letters"] == 1
    shown = deployed.succeed(*run_of(alarms.all()["dead-letters"]["AlarmDescription"]))
    assert shown.splitlines() == ["nobody understands this"]
    purge(environment, names.dead_letter_queue)


def test_a_failed_run_is_told_with_its_runbook_and_the_command_that_shows_its_log(
    deployed: Checkout, environment: Deployed, told: Callable[[], str]
) -> None:
    missing = f"s3://{environment.names.assets_bucket}/manifests/none.json"
    run_id = environment.access.glue.start_job_run(JobName=environment.names.job, Arguments={"--manifest": missing})[
        "JobRunId"
    ]
    message = eventually(told)
    assert f"Job {environment.names.job}, run {run_id}: FAILED." in message
    assert run_of(message) == ["logs", "dev", "--run", run_id]
    assert missing in deployed.succeed(*run_of(message))


def test_a_file_that_fails_rings_and_is_listed_by_the_command(
    deployed: Checkout, alarms: Alarms, tmp_path: Path
) -> None:
    broken = tmp_path / "unreadable.csv"
    broken.write_bytes(b"%PDF-1.7\n" + bytes(range(256)))
    finished = deployed.gluepipe("upload", "dev", broken, "--wait", "--json")
    [outcome] = json.loads(finished.stdout)["files"]
    assert outcome["state"] == "failed"
    assert alarms.rings("failed-files")
    assert "unreadable.csv" in deployed.succeed(*run_of(alarms.all()["failed-files"]["AlarmDescription"]))


def test_the_quarantine_rate_rings_above_its_share(deployed: Checkout, alarms: Alarms, tmp_path: Path) -> None:
    dirty, clean = tmp_path / "dirty.csv", tmp_path / "clean.csv"
    dirty.write_text("id,v\n1,a\n2,b\n3,c,surplus\n4,d,surplus\n")
    clean.write_text("id,v\n" + "1,a\n" * 1000)
    deployed.upload(dirty)
    assert alarms.rings("quarantine-rate")
    assert "dirty.csv" in deployed.succeed(*run_of(alarms.all()["quarantine-rate"]["AlarmDescription"]))
    deployed.upload(clean)
    assert not alarms.rings("quarantine-rate")
