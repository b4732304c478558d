"""Deliver events to the targets of EventBridge rules."""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.events.models import Rule, events_backends
from moto.sns.models import sns_backends

from gluepipe.emulator import queue_messages
from gluepipe.emulator.arns import Arn
from gluepipe.emulator.functions import Functions, deployed
from gluepipe.emulator.iam import enforcement
from gluepipe.emulator.telemetry import LogStream

SERVICE = "events.amazonaws.com"
# What the policy of a function or queue has to allow.
NEEDED = {"lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage"}

log = logging.getLogger(__name__)
Event = dict[str, Any]


class Targets:
    """Serves Lambda, SNS, SQS and log group targets; any other kind is named in the emulator's log."""

    def __init__(self, functions: Functions) -> None:
        self._send: dict[str, Callable[[str, dict[str, Any], Any], None]] = {
            "lambda": lambda arn, _, payload: _invoke(functions, arn, payload),
            "sns": _publish,
            "sqs": _send_message,
            "logs": _write_log,
        }

    def put(
        self, account_id: str, region: str, source: str, detail_type: str, detail: dict[str, Any], *resources: str
    ) -> None:
        """Put an AWS service's own event on the default bus of an account."""
        event = new_event(account_id, region, source, detail_type, detail, *resources)
        for rule in list(events_backends[account_id][region].event_buses["default"].rules.values()):
            rule.send_to_targets(event)

    def deliver(self, rule: Rule, event: Event) -> None:
        """Send `event` to each target of `rule`; one that fails gets it into its dead-letter queue, if it has one."""
        event = {**event, "time": _iso(event["time"])}
        event.pop("ingestion-time", None)
        for target in list(rule.targets):
            send = self._send.get(Arn.of(target["Arn"]).service)
            if send is None:
                log.warning("Rule %s: no target like %s is emulated", rule.name, target["Arn"])
                continue
            try:
                _check_permission(rule, target["Arn"])
                send(target["Arn"], target, _payload(target, event))
            except Exception as error:
                log.exception("Rule %s: %s did not take an event", rule.name, target["Arn"])
                _set_aside(rule, target, event, error)


def new_event(
    account_id: str, region: str, source: str, detail_type: str, detail: dict[str, Any], *resources: str
) -> Event:
    """Return an event as rules see it, which `detail` and the ARNs of `resources` are put into."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account_id,
        "time": time.time(),
        "region": region,
        "resources": list(resources),
        "detail": detail,
    }


def _check_permission(rule: Rule, arn: str) -> None:
    """Raise PermissionError unless the target's own policy lets EventBridge deliver to it."""
    if not _may_deliver(rule, arn):
        raise PermissionError(f"The policy of {arn} does not let {SERVICE} deliver to it.")


def _may_deliver(rule: Rule, arn: str) -> bool:
    service = Arn.of(arn).service
    if service == "sns":
        return enforcement.service_may_publish(SERVICE, arn, rule.arn)
    if service == "logs":
        streams = f"{arn.removesuffix(':*')}:log-stream:"
        # For which rule it makes a stream, EventBridge does not say.
        may_make = enforcement.service_may(SERVICE, "logs:CreateLogStream", streams)
        return may_make and enforcement.service_may(SERVICE, "logs:PutLogEvents", streams, rule.arn)
    return enforcement.service_may(SERVICE, NEEDED[service], arn, rule.arn)


def _payload(target: dict[str, Any], event: Event) -> Any:
    if target.get("Input"):
        return json.loads(target["Input"])
    if target.get("InputPath"):
        return _at_path(event, target["InputPath"])
    transformer = target.get("InputTransformer")
    return _transformed(transformer, event) if transformer else event


def _transformed(transformer: dict[str, Any], event: Event) -> Any:
    text = transformer["InputTemplate"]
    for name, path in (transformer.get("InputPathsMap") or {}).items():
        value = _at_path(event, path)
        text = text.replace(f"<{name}>", value if isinstance(value, str) else json.dumps(value))
    text = text.replace("<aws.events.event.json>", json.dumps(event))
    try:
        return json.loads(text)
    except ValueError:
        return text


def _at_path(event: Event, path: str) -> Any:
    value: Any = event
    for name in path.removeprefix("$").strip(".").split("."):
        value = value.get(name) if name and isinstance(value, dict) else value
    return value


def _text(payload: Any) -> str:
    return payload if isinstance(payload, str) else json.dumps(payload)


def _invoke(functions: Functions, arn: str, payload: Any) -> None:
    if deployed(arn) is None:
        raise LookupError(f"there is no function {arn}")
    functions.invoke_async(arn, payload)


def _set_aside(rule: Rule, target: dict[str, Any], event: Event, error: Exception) -> None:
    """Put an event that a target did not take where EventBridge does, with its words for what happened."""
    queue = target.get("DeadLetterConfig", {}).get("Arn")
    if queue:
        told = {"RULE_ARN": rule.arn, "TARGET_ARN": target["Arn"], "ERROR_MESSAGE": str(error)}
        queue_messages.send(queue, json.dumps(event), told)


def _publish(arn: str, target: dict[str, Any], payload: Any) -> None:
    _, region, account_id, _ = Arn.of(arn)
    sns_backends[account_id][region].publish(_text(payload), arn=arn)


def _send_message(arn: str, target: dict[str, Any], payload: Any) -> None:
    group = target.get("SqsParameters", {}).get("MessageGroupId")
    queue_messages.send(arn, _text(payload), group=group)


def _write_log(arn: str, target: dict[str, Any], payload: Any) -> None:
    _, region, account_id, group = Arn.of(arn.removesuffix(":*"))
    LogStream(account_id, region, group.removeprefix("log-group:"), str(uuid.uuid4())).write([_text(payload)])


def _iso(moment: float | str) -> str:
    if isinstance(moment, str):
        return moment
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
