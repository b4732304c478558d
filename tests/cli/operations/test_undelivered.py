"""Events that were set aside are shown, and given to the function that they were for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.operated import NAMES, Account, run

EVENT = {"time": "2026-11-25T12:00:00Z", "detail-type": "Glue Job State Change", "detail": {"jobRunId": "jr_1"}}


@pytest.fixture
def invoked(account: Account, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Which function got which event."""
    got: list[tuple[str, Any]] = []
    client: Any = account.access.functions

    def invoke(FunctionName: str, InvocationType: str, Payload: bytes) -> None:  # noqa: N803 - boto3's names
        assert InvocationType == "Event"
        got.append((FunctionName, json.loads(Payload)))

    monkeypatch.setattr(client, "invoke", invoke)
    account.access.sqs.create_queue(QueueName=NAMES.undelivered_queue)
    return got


def set_aside(account: Account, event: dict[str, Any], target: str | None = None) -> None:
    attributes: Any = {"TARGET_ARN": {"DataType": "String", "StringValue": target}} if target else {}
    account.access.sqs.send_message(
        QueueUrl=account.deployed.queue_url(NAMES.undelivered_queue),
        MessageBody=json.dumps(event),
        MessageAttributes=attributes,
    )


def test_each_event_goes_to_its_function_and_leaves_the_queue(
    account: Account, invoked: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gluepipe.operations.queue_messages.LOOKED_AT_SECONDS", 1)
    set_aside(account, EVENT, "arn:aws:lambda:eu-central-1:222222222222:function:gluepipe-dev-sweep")
    shown = run("replay", "dev", "--undelivered", "--dry-run")
    assert shown.stdout == "2026-11-25T12:00:00Z Glue Job State Change jr_1\n"
    assert "Would replay 1 event." in shown.stderr
    assert invoked == []
    assert run("replay", "dev", "--undelivered").exit_code == 0
    assert invoked == [("gluepipe-dev-sweep", EVENT)]
    assert account.messages(NAMES.undelivered_queue) == []


def test_what_lambda_set_aside_is_the_alert_functions_and_a_log_needs_nothing(
    account: Account, invoked: list[tuple[str, Any]]
) -> None:
    set_aside(account, EVENT)
    set_aside(account, EVENT, "arn:aws:logs:eu-central-1:222222222222:log-group:/aws/events/gluepipe-dev-input")
    assert run("replay", "dev", "--undelivered").exit_code == 0
    assert invoked == [(NAMES.alert_function, EVENT)]
    assert account.messages(NAMES.undelivered_queue) == []
