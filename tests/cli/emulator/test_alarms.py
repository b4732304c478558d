"""Alarms of the emulated accounts are judged by what was recorded, and tell of a change."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.cloudwatch.models import Alarm, CloudWatchBackend

from gluepipe.emulator.alarms import verdict
from gluepipe.emulator.recorded_metrics import RecordedMetrics
from tests.cli.emulator.account import OPEN_TO_SERVICES, Account
from tests.cli.emulator.test_functions import metric_sum
from tests.cli.emulator.test_targets import messages, rule
from tests.waiting import eventually

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def put(account: Account, name: str, value: float = 1.0) -> None:
    account.client("cloudwatch").put_metric_data(Namespace="team", MetricData=[{"MetricName": name, "Value": value}])


def alarm(account: Account, name: str, metric: str, **options: Any) -> None:
    account.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="team",
        MetricName=metric,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=0,
        EvaluationPeriods=1,
        Period=300,
        Statistic="Sum",
        TreatMissingData="notBreaching",
        **options,
    )


def state(account: Account, name: str) -> str:
    answer = account.client("cloudwatch").describe_alarms(
        AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    [found] = answer["MetricAlarms"] + answer["CompositeAlarms"]
    return str(found["StateValue"])


def test_an_alarm_rings_and_tells_the_bus_and_its_topic(account: Account) -> None:
    queue, sns = account.queue("alarm-told"), account.client("sns")
    topic = sns.create_topic(Name="alarm-told", Attributes={"Policy": json.dumps(OPEN_TO_SERVICES)})["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=account.queue_arn(queue))
    events = account.queue("alarm-events")
    pattern = {"source": ["aws.cloudwatch"], "detail": {"alarmName": ["calm", "loud"], "state": {"value": ["ALARM"]}}}
    rule(account, "alarm-events", pattern, account.queue_arn(events))
    alarm(account, "calm", "Silence")
    alarm(account, "loud", "Noise", AlarmActions=[topic], AlarmDescription="it is loud")
    account.client("cloudwatch").put_composite_alarm(AlarmName="any", AlarmRule='ALARM("calm") OR ALARM("loud")')
    put(account, "Noise")
    eventually(lambda: state(account, "loud") == "ALARM")
    assert state(account, "calm") == "OK"
    eventually(lambda: state(account, "any") == "ALARM")
    [envelope] = eventually(lambda: messages(account, queue))
    assert json.loads(envelope["Message"])["AlarmDescription"] == "it is loud"
    [event] = eventually(lambda: messages(account, events))
    assert (event["detail-type"], event["detail"]["alarmName"]) == ("CloudWatch Alarm State Change", "loud")
    assert event["detail"]["configuration"]["description"] == "it is loud"
    assert json.loads(event["detail"]["state"]["reasonData"])["recentDatapoints"] == [1.0]


def test_queues_report_how_many_messages_wait_and_for_how_long(account: Account) -> None:
    queue = account.queue("measured")
    account.client("sqs").send_message(QueueUrl=queue, MessageBody="m")
    dimensions = {"QueueName": "measured"}
    eventually(lambda: metric_sum(account, "AWS/SQS", "ApproximateNumberOfMessagesVisible", dimensions) == 1)
    eventually(lambda: metric_sum(account, "AWS/SQS", "ApproximateAgeOfOldestMessage", dimensions) >= 1)


def test_a_function_without_concurrency_is_throttled(account: Account) -> None:
    account.function("held", "def handler(event, context):\n    return 1\n")
    account.client("lambda").put_function_concurrency(FunctionName="held", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        account.client("lambda").invoke(FunctionName="held", Payload=b"{}")
    assert metric_sum(account, "AWS/Lambda", "Throttles", {"FunctionName": "held"}) >= 1
    account.client("lambda").delete_function_concurrency(FunctionName="held")
    assert account.client("lambda").invoke(FunctionName="held", Payload=b"{}")["Payload"].read() == b"1"


def judged(values: dict[int, float], missing: str, periods: int, operator: str = "GreaterThanThreshold") -> str:
    """The state of an alarm above 5, with periods of a minute, given values by the seconds before now."""
    backend = CloudWatchBackend("eu-central-1", "222222222222")
    for seconds, value in values.items():
        datum = {
            "MetricName": "Files",
            "Value": value,
            "Timestamp": NOW - timedelta(seconds=seconds),
            "Dimensions": [{"Name": "environment", "Value": "dev"}],
        }
        backend.put_metric_data("team", [datum])
    dimensions = [{"Name": "environment", "Value": "dev"}]
    made: Alarm = backend.put_metric_alarm(
        "a", "team", "Files", operator, periods, 60, 5, "Sum", "", dimensions, [], treat_missing_data=missing
    )
    recorded = RecordedMetrics(backend)
    recorded.catch_up()
    return verdict(made, recorded, NOW)[0]


@pytest.mark.parametrize(
    ("values", "missing", "periods", "state"),
    [
        ({10: 4, 20: 3}, "notBreaching", 1, "ALARM"),
        ({10: 4, 70: 3}, "notBreaching", 1, "OK"),
        ({10: 9}, "notBreaching", 2, "OK"),
        ({10: 9, 70: 9}, "notBreaching", 2, "ALARM"),
        ({10: 9}, "breaching", 2, "ALARM"),
        ({130: 9}, "notBreaching", 1, "ALARM"),
        ({190: 9}, "notBreaching", 1, "OK"),
        ({10: 4, 130: 9}, "notBreaching", 1, "OK"),
        ({10: 9, 190: 9}, "notBreaching", 2, "ALARM"),
        ({130: 4}, "breaching", 2, "OK"),
        ({}, "breaching", 1, "ALARM"),
        ({}, "notBreaching", 1, "OK"),
        ({}, "missing", 1, "INSUFFICIENT_DATA"),
    ],
)
def test_periods_are_added_up_and_missing_data_count_as_they_should(
    values: dict[int, float], missing: str, periods: int, state: str
) -> None:
    assert judged(values, missing, periods) == state


def test_too_little_can_ring_too() -> None:
    assert judged({10: 4}, "breaching", 1, "LessThanThreshold") == "ALARM"
    assert judged({10: 6}, "breaching", 1, "LessThanThreshold") == "OK"
