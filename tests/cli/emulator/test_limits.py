"""What services refuse beyond what their models say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gluepipe.emulator import limits
from gluepipe.emulator.requests import SignedRequest
from tests.cli.emulator.account import ASSUMABLE, ROLE, Account, zipped
from tests.cli.emulator.test_constraints import refusal

DAY = 86_400


def policy(characters: int) -> str:
    """A policy of so many characters that count: blanks do not."""

    def with_resource(name: str) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}"}
        return {"Version": "2012-10-17", "Statement": [statement]}

    rest = len(json.dumps(with_resource(""), separators=(",", ":")))
    return json.dumps(with_resource("x" * (characters - rest)), indent=4)


def exceeded(service: str, operation: str, **parameters: Any) -> str | None:
    """The message of the error that a request ends in."""
    found = limits.exceeded(SignedRequest("AKIA", "eu-central-1", service, "POST", "/", {}), operation, parameters)
    return found and found[1]


def test_a_managed_policy_has_no_more_characters_than_iam_takes(account: Account) -> None:
    iam = account.client("iam")
    arn = iam.create_policy(PolicyName="full", PolicyDocument=policy(6144))["Policy"]["Arn"]

    assert refusal(iam.create_policy, PolicyName="over", PolicyDocument=policy(6145)) == (
        "LimitExceeded",
        "Cannot exceed quota for PolicySize: 6144",
    )
    assert refusal(iam.create_policy_version, PolicyArn=arn, PolicyDocument=policy(6145))[0] == "LimitExceeded"


def test_the_inline_policies_of_a_role_are_counted_together(account: Account) -> None:
    iam, role = account.client("iam"), {"RoleName": "wordy"}
    iam.create_role(**role, AssumeRolePolicyDocument=json.dumps(ASSUMABLE))
    iam.put_role_policy(**role, PolicyName="first", PolicyDocument=policy(8000))

    iam.put_role_policy(**role, PolicyName="first", PolicyDocument=policy(8000))
    _, message = refusal(iam.put_role_policy, **role, PolicyName="second", PolicyDocument=policy(3000))

    assert message == "Maximum policy size of 10240 bytes exceeded for role wordy"


def test_a_role_has_no_more_than_ten_policies_and_a_short_trust_policy(account: Account) -> None:
    iam, role = account.client("iam"), {"RoleName": "attached"}
    trust = json.dumps({**ASSUMABLE, "Statement": ASSUMABLE["Statement"] * 20})
    assert refusal(iam.create_role, **role, AssumeRolePolicyDocument=trust)[0] == "LimitExceeded"
    iam.create_role(**role, AssumeRolePolicyDocument=json.dumps(ASSUMABLE))
    arns = [
        iam.create_policy(PolicyName=f"part{number}", PolicyDocument=policy(200))["Policy"]["Arn"]
        for number in range(11)
    ]
    for arn in arns[:10]:
        iam.attach_role_policy(**role, PolicyArn=arn)

    iam.attach_role_policy(**role, PolicyArn=arns[0])
    _, message = refusal(iam.attach_role_policy, **role, PolicyArn=arns[10])

    assert message == "Cannot exceed quota for PoliciesPerRole: 10"


def test_a_function_has_small_variables_of_its_own_names(account: Account) -> None:
    def made_with(**variables: str) -> tuple[str, str]:
        return refusal(
            account.client("lambda").create_function,
            FunctionName="unfit",
            Runtime="python3.13",
            Role=ROLE,
            Handler="app.handler",
            Code={"ZipFile": zipped({"app.py": ""})},
            Environment={"Variables": variables},
        )

    code, message = made_with(LARGE="x" * 4090)
    assert code == "InvalidParameterValueException"
    assert "exceeded the 4KB limit" in message
    assert "reserved keys: AWS_REGION" in made_with(AWS_REGION="eu-central-1")[1]


def test_a_function_ends_within_fifteen_minutes() -> None:
    assert exceeded("lambda", "UpdateFunctionConfiguration", Timeout=900) is None
    assert "less than or equal to 900" in str(exceeded("lambda", "UpdateFunctionConfiguration", Timeout=901))


@pytest.mark.parametrize(
    ("period", "most"), [(60, 1440), (300, 288), (3600, 168), (DAY, 7)], ids=["minute", "5 minutes", "hour", "day"]
)
def test_an_alarm_looks_back_a_day_or_a_week_at_most(period: int, most: int) -> None:
    query = [{"Id": "m", "MetricStat": {"Period": period}}, {"Id": "e", "Expression": "m / 2"}]

    assert exceeded("monitoring", "PutMetricAlarm", Period=period, EvaluationPeriods=most) is None
    assert exceeded("monitoring", "PutMetricAlarm", Metrics=query, EvaluationPeriods=most) is None
    assert "checked across more than" in str(
        exceeded("monitoring", "PutMetricAlarm", Period=period, EvaluationPeriods=most + 1)
    )
    assert "checked across more than" in str(
        exceeded("monitoring", "PutMetricAlarm", Metrics=query, EvaluationPeriods=most + 1)
    )


def test_periods_are_whole_minutes_or_short() -> None:
    assert exceeded("monitoring", "PutMetricAlarm", Period=30, EvaluationPeriods=1) is None
    assert exceeded("monitoring", "PutMetricAlarm", Period=90, EvaluationPeriods=1)


def test_a_data_point_has_a_hundred_and_fifty_values_and_a_call_a_thousand_data_points(account: Account) -> None:
    put = account.client("cloudwatch").put_metric_data
    put(Namespace="n", MetricData=[{"MetricName": "m", "Values": list(range(150))}])

    _, message = refusal(put, Namespace="n", MetricData=[{"MetricName": "m", "Values": list(range(151))}])
    assert message == "The collection MetricData.member.1.Values must not have a size greater than 150."
    _, message = refusal(put, Namespace="n", MetricData=[{"MetricName": "m", "Value": 1}] * 1001)
    assert message == "The collection MetricData must not have a size greater than 1000."


@pytest.mark.parametrize("subject", ["x" * 100, "two\nlines", ""])
def test_a_subject_is_a_short_line(subject: str) -> None:
    assert exceeded("sns", "Publish", Subject=subject, Message="m") == "Invalid parameter: Subject"


def test_a_message_says_something() -> None:
    assert exceeded("sns", "Publish", Subject="x" * 99, Message="Größe") is None
    assert exceeded("sns", "Publish", Message="") == "Invalid parameter: Empty message"
