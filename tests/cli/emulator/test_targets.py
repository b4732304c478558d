from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from gluepipe.emulator import schedules
from gluepipe.emulator.schedules import Schedules, rate_seconds
from tests.cli.emulator.account import OPEN_TO_SERVICES, Account
from tests.waiting import eventually

GLUE_ENDED = {"source": ["aws.glue"], "detail-type": ["Glue Job State Change"]}


def rule(account: Account, name: str, pattern: dict[str, Any], arn: str, **options: Any) -> None:
    events = account.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps(pattern), State=options.pop("State", "ENABLED"))
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn, **options}])


def messages(account: Account, queue: str) -> list[Any]:
    found = account.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


def put(account: Account, source: str, detail: dict[str, Any]) -> None:
    entry = {"Source": source, "DetailType": "Test", "Detail": json.dumps(detail)}
    account.client("events").put_events(Entries=[entry])


def test_end_of_a_job_run_is_an_event(account: Account) -> None:
    queue = account.queue("ended-runs")
    pattern = {**GLUE_ENDED, "detail": {"state": ["FAILED", "TIMEOUT"], "jobName": ["event-job", "calm-job"]}}
    rule(account, "ended-runs", pattern, account.queue_arn(queue))
    account.run(account.job("calm-job", "pass"))
    run = account.run(account.job("event-job", "raise ValueError('bad')"))
    (event,) = eventually(lambda: messages(account, queue))
    assert event["detail"] == {
        "jobName": "event-job",
        "severity": "ERROR",
        "state": "FAILED",
        "jobRunId": run["Id"],
        "message": "ValueError: bad",
    }
    assert event["time"].endswith("Z")


def test_event_reaches_a_function(account: Account) -> None:
    bucket = account.bucket("event-function-calls")
    source = f"""
import json
import boto3

def handler(event, context):
    boto3.client("s3").put_object(Bucket="{bucket}", Key="event.json", Body=json.dumps(event))
"""
    rule(account, "to-function", {"source": ["team.function"]}, account.function("event-function", source))
    put(account, "team.function", {"n": 1})
    s3 = account.client("s3")
    eventually(lambda: s3.list_objects_v2(Bucket=bucket).get("Contents"))
    event = json.loads(s3.get_object(Bucket=bucket, Key="event.json")["Body"].read())
    assert (event["source"], event["detail"], event["detail-type"]) == ("team.function", {"n": 1}, "Test")


def test_event_reaches_a_topic_and_from_there_a_queue(account: Account) -> None:
    queue, sns = account.queue("topic-queue"), account.client("sns")
    topic = sns.create_topic(Name="alarms", Attributes={"Policy": json.dumps(OPEN_TO_SERVICES)})["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=account.queue_arn(queue))
    rule(account, "to-topic", {"source": ["team.topic"]}, topic)
    put(account, "team.topic", {"n": 2})
    (envelope,) = eventually(lambda: messages(account, queue))
    assert json.loads(envelope["Message"])["detail"] == {"n": 2}


def test_a_target_that_does_not_let_event_rules_in_gets_nothing(account: Account) -> None:
    closed, open_ = account.queue("closed", Policy='{"Version": "2012-10-17", "Statement": []}'), account.queue("open")
    rule(account, "to-closed", {"source": ["team.closed"]}, account.queue_arn(closed))
    rule(account, "to-open", {"source": ["team.closed"]}, account.queue_arn(open_))
    put(account, "team.closed", {})
    eventually(lambda: messages(account, open_))
    assert messages(account, closed) == []


def test_event_reaches_a_log_group_if_the_account_lets_its_rule_write_there(account: Account) -> None:
    logs, queue, group = account.client("logs"), account.queue("unlogged"), "/aws/events/team"
    logs.create_log_group(logGroupName=group)
    arn = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["arn"]
    common = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Resource": arn}
    of_rule = {"Condition": {"ArnLike": {"aws:SourceArn": "*:rule/let-in"}}}
    statements = [
        {**common, "Action": "logs:CreateLogStream"},
        {**common, "Action": "logs:PutLogEvents", **of_rule},
    ]
    logs.put_resource_policy(
        policyName="events", policyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements})
    )
    set_aside = {"DeadLetterConfig": {"Arn": account.queue_arn(queue)}}
    for name in ("let-in", "left-out"):
        rule(account, name, {"source": [name]}, arn, **set_aside)
        put(account, name, {"n": 3})

    (line,) = account.log_lines(group)
    assert json.loads(line)["source"] == "let-in"
    assert [message["source"] for message in messages(account, queue)] == ["left-out"]


@pytest.mark.parametrize(
    ("shape", "received"),
    [
        ({"Input": '{"fixed": true}'}, {"fixed": True}),
        ({"InputPath": "$.detail.run"}, {"id": "r1"}),
        (
            {"InputTransformer": {"InputPathsMap": {"id": "$.detail.run.id"}, "InputTemplate": '{"run": "<id>"}'}},
            {"run": "r1"},
        ),
    ],
    ids=["constant", "path", "template"],
)
def test_target_receives_the_input_that_it_asks_for(
    account: Account, shape: dict[str, Any], received: Any, request: pytest.FixtureRequest
) -> None:
    name = f"input-{request.node.callspec.id}"
    queue = account.queue(name)
    rule(account, name, {"source": [name]}, account.queue_arn(queue), **shape)
    put(account, name, {"run": {"id": "r1"}})
    assert eventually(lambda: messages(account, queue)) == [received]


def test_event_that_its_target_cannot_take_is_set_aside(account: Account) -> None:
    queue = account.queue("set-aside")
    gone = "arn:aws:lambda:eu-central-1:222222222222:function:gone"
    rule(account, "to-nobody", {"source": ["team.gone"]}, gone, DeadLetterConfig={"Arn": account.queue_arn(queue)})
    put(account, "team.gone", {"n": 4})
    [message] = account.client("sqs").receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"]
    assert json.loads(message["Body"])["detail"] == {"n": 4}
    assert message["MessageAttributes"]["TARGET_ARN"]["StringValue"] == gone


def test_disabled_and_scheduled_rules_do_not_see_events(account: Account) -> None:
    queue = account.queue("silent")
    arn, events = account.queue_arn(queue), account.client("events")
    rule(account, "disabled", {"source": ["team.silent"]}, arn, State="DISABLED")
    events.put_rule(Name="hourly", ScheduleExpression="rate(1 hour)")
    events.put_targets(Rule="hourly", Targets=[{"Id": "1", "Arn": arn}])
    put(account, "team.silent", {})
    assert messages(account, queue) == []


def test_rates_are_understood() -> None:
    assert [rate_seconds(text) for text in ("rate(1 minute)", "rate(5 minutes)", "rate(1 day)")] == [60, 300, 86_400]
    assert rate_seconds("cron(0 * * * ? *)") is None


def test_scheduled_rule_fires_once_per_period(monkeypatch: pytest.MonkeyPatch) -> None:
    class Rule:
        arn, name, account_id, region_name = "arn:rule", "sweep", "222222222222", "eu-central-1"
        scheduled_expression = "rate(1 minute)"

    class Recorder:
        def __init__(self) -> None:
            self.events: list[dict[str, Any]] = []

        def deliver(self, rule: Any, event: dict[str, Any]) -> None:
            self.events.append(event)

    recorder = Recorder()
    monkeypatch.setattr(schedules, "_scheduled_rules", lambda: [Rule()])
    ticker = Schedules(recorder, threading.Event())
    for now in (0.0, 30.0, 59.0, 60.0, 61.0, 119.0, 121.0):
        ticker.fire_due(now)
    assert len(recorder.events) == 2
    assert (recorder.events[0]["source"], recorder.events[0]["resources"]) == ("aws.events", ["arn:rule"])
