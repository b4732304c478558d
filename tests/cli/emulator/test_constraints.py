"""Requests that AWS would refuse by the models of its services are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gluepipe.emulator import constraints, requests
from tests.cli.emulator.account import ASSUMABLE, ROLE, Account


def refusal(call: Callable[..., object], **parameters: Any) -> tuple[str, str]:
    """Code and message of the error that a call must end in."""
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def violations(service: str, operation: str, parameters: dict[str, Any]) -> list[str]:
    return list(constraints.violations(requests.operation_model(service, operation).input_shape, parameters))


def with_comment(comment: str) -> dict[str, Any]:
    """What CreateTable takes, with a comment on its only column."""
    return {"TableInput": {"Name": "t", "StorageDescriptor": {"Columns": [{"Name": "c", "Comment": comment}]}}}


def test_a_comment_that_is_too_long_is_refused(account: Account) -> None:
    glue = account.client("glue")
    glue.create_database(DatabaseInput={"Name": "constraints"})

    code, message = refusal(glue.create_table, DatabaseName="constraints", **with_comment("x" * 256))

    assert code == "ValidationException"
    assert message.startswith("1 validation error detected: Value 'xxx")
    assert message.endswith(
        "at 'tableInput.storageDescriptor.columns.1.member.comment' failed to satisfy constraint: "
        "Member must have length less than or equal to 255"
    )


def test_a_request_in_form_is_refused_in_its_own_form(account: Account) -> None:
    create_role, name = account.client("iam").create_role, "a-role-" + "x" * 58

    code, message = refusal(create_role, RoleName=name, AssumeRolePolicyDocument=json.dumps(ASSUMABLE))

    assert code == "ValidationError"
    assert "at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64" in message


def test_a_number_out_of_range_is_refused(account: Account) -> None:
    code, message = refusal(
        account.client("lambda").create_function,
        FunctionName="large",
        Role=ROLE,
        Runtime="python3.13",
        Handler="app.handler",
        MemorySize=1_000_000,
        Code={"ZipFile": b"x"},
    )

    assert code == "ValidationException"
    assert message.startswith("1 validation error detected: Value '1000000' at 'memorySize'")


def test_all_that_is_wrong_is_told_at_once() -> None:
    alarm = {"AlarmName": "", "ComparisonOperator": "AboveThreshold", "EvaluationPeriods": 0}

    assert violations("monitoring", "PutMetricAlarm", alarm) == [
        "Value '' at 'alarmName' failed to satisfy constraint: Member must have length greater than or equal to 1",
        "Value '0' at 'evaluationPeriods' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1",
        "Value 'AboveThreshold' at 'comparisonOperator' failed to satisfy constraint: Member must satisfy enum value "
        "set: [GreaterThanOrEqualToThreshold, GreaterThanThreshold, LessThanThreshold, LessThanOrEqualToThreshold, "
        "LessThanLowerOrGreaterThanUpperThreshold, LessThanLowerThreshold, GreaterThanUpperThreshold]",
    ]


@pytest.mark.parametrize("comment", ["Preis in €", "😀", "tab\tis fine"])
def test_patterns_in_the_spelling_of_java_are_understood(comment: str) -> None:
    assert violations("glue", "CreateTable", with_comment(comment)) == []


@pytest.mark.parametrize("comment", ["two\nlines", "\x00"])
def test_patterns_in_the_spelling_of_java_refuse(comment: str) -> None:
    (found,) = violations("glue", "CreateTable", with_comment(comment))

    assert "at 'tableInput.storageDescriptor.columns.1.member.comment' failed" in found


def test_members_that_a_model_does_not_know_are_passed_over() -> None:
    assert violations("events", "PutRule", {"Name": "rule", "NewSetting": "x" * 9999}) == []


def test_a_list_within_an_item_is_held_to_its_length() -> None:
    keys = [{"file_id": {"S": str(number)}} for number in range(101)]

    (found,) = violations("dynamodb", "BatchGetItem", {"RequestItems": {"ledger": {"Keys": keys}}})

    assert "at 'requestItems.ledger.member.keys' failed" in found
    assert found.endswith("have length less than or equal to 100")
