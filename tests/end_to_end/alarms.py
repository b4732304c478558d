"""The alarms of a deployed environment, and what its topic tells the people on call."""

from __future__ import annotations

import json
import re
import shlex
import time
from dataclasses import dataclass, field
from typing import Any

from gluepipe.operations.deployed import Deployed

PATIENCE_SECONDS = 90


@dataclass(frozen=True)
class Message:
    """One message of the alert function."""

    text: str

    def named(self, name: str) -> list[str]:
        """The values of a line such as `File`, in the order of the files."""
        return re.findall(rf"^{name} +(.*)$", self.text, re.MULTILINE)

    @property
    def alarm(self) -> str:
        return self.named("Runbook")[0].partition("#")[2]

    @property
    def replays(self) -> list[list[str]]:
        """The arguments of each replay command."""
        return [shlex.split(line)[1:] for line in self.named("Replay")]


@dataclass(frozen=True)
class Alarms:
    """The alarms, by their names without the environment's prefix."""

    deployed: Deployed

    def all(self) -> dict[str, dict[str, Any]]:
        prefix = self.deployed.names.component("")
        found = self.deployed.access.cloudwatch.describe_alarms(
            AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        alarms: list[Any] = [*found["MetricAlarms"], *found["CompositeAlarms"]]
        return {alarm["AlarmName"].removeprefix(prefix): dict(alarm) for alarm in alarms}

    def rings(self, name: str) -> bool:
        """Whether the account, which evaluates the alarm on what was recorded, says that it rings."""
        return bool(self.all()[name]["StateValue"] == "ALARM")

    def forget(self, name: str) -> None:
        """Let an alarm ring anew, if it still has a reason to."""
        self.deployed.access.cloudwatch.set_alarm_state(
            AlarmName=self.deployed.names.component(name), StateValue="OK", StateReason="a test begins"
        )


@dataclass
class OnCall:
    """Somebody who gets every message of the topic, through a queue."""

    deployed: Deployed
    alarms: Alarms
    messages: list[Message] = field(default_factory=list)
    direct: list[dict[str, Any]] = field(default_factory=list)

    def subscribe(self) -> None:
        names, sqs = self.deployed.names, self.deployed.access.sqs
        self.url = sqs.create_queue(QueueName=names.component("on-call"))["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topic = arn.replace(":sqs:", ":sns:").replace(names.component("on-call"), names.alarm_topic)
        self.sns = self.deployed.access.client("sns")
        self.subscription = self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]

    def leave(self) -> None:
        self.sns.unsubscribe(SubscriptionArn=self.subscription)
        self.deployed.access.sqs.delete_queue(QueueUrl=self.url)

    def told_of(self, alarm: str) -> Message:
        """The message about an alarm, once it is there; the alarm must have a reason to ring."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := self.of(alarm)):
            assert time.monotonic() < deadline, f"nobody told of {alarm}; {[each.alarm for each in self.messages]}"
            self._receive()
        return found[-1]

    def told_directly_of(self, alarm: str) -> str:
        """What CloudWatch itself says of an alarm, once it does."""
        deadline, name = time.monotonic() + PATIENCE_SECONDS, self.deployed.names.component(alarm)
        while not (found := [each for each in self.direct if each["AlarmName"] == name]):
            assert time.monotonic() < deadline, f"CloudWatch did not tell of {alarm}"
            self._receive()
        return str(found[-1]["AlarmDescription"])

    def of(self, alarm: str) -> list[Message]:
        """The messages about an alarm so far."""
        return [message for message in self.messages if message.alarm == alarm]

    def _receive(self) -> None:
        sqs = self.deployed.access.sqs
        answer = sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=2)
        for received in answer.get("Messages", []):
            text = json.loads(received["Body"])["Message"]
            if text.startswith("{"):
                self.direct.append(json.loads(text))
            else:
                self.messages.append(Message(text))
            sqs.delete_message(QueueUrl=self.url, ReceiptHandle=received["ReceiptHandle"])
