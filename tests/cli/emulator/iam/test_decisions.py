"""Deny before allow, nothing without allow, and what boundaries and resource policies change."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gluepipe.emulator.iam import policies
from gluepipe.emulator.iam.conditions import UnsupportedPolicyError
from gluepipe.emulator.iam.decisions import Caller, Decision, ResourcePolicy, decide, serves
from gluepipe.emulator.iam.policies import Permission, Statement

HERE, ELSEWHERE = "222222222222", "333333333333"
ROLE = f"arn:aws:iam::{HERE}:role/worker"
SESSION = f"arn:aws:sts::{HERE}:assumed-role/worker/s"
READ = Permission("s3:GetObject", "arn:aws:s3:::data/a/b")
DECRYPT = Permission("kms:Decrypt", f"arn:aws:kms:eu-central-1:{HERE}:key/k")


def document(*statements: dict[str, Any], name: str = "p") -> tuple[Statement, ...]:
    filled = [{"Effect": "Allow", "Action": "*", "Resource": "*", **statement} for statement in statements]
    return policies.parse(json.dumps({"Version": "2012-10-17", "Statement": filled}), name)


def caller(*statements: dict[str, Any], boundary: tuple[Statement, ...] | None = None) -> Caller:
    return Caller(SESSION, ROLE, HERE, document(*statements) if statements else (), boundary)


def resource(*statements: dict[str, Any], account_id: str = HERE) -> ResourcePolicy:
    return ResourcePolicy(account_id, document(*statements) if statements else None)


def refusal(who: Caller, permission: Permission = READ, about: ResourcePolicy | None = None, **context: str) -> str:
    return decide(who, permission, about or resource(), context).refusal


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ({"Action": "s3:GetObject"}, True),
        ({"Action": "S3:get*"}, True),
        ({"Action": ["s3:PutObject", "s3:G?tObject"]}, True),
        ({"Action": "s3:PutObject"}, False),
        ({"Resource": "arn:aws:s3:::data/*"}, True),
        ({"Resource": "arn:aws:s3:::data/[a]/*"}, False),
        ({"Resource": "arn:aws:s3:::DATA/*"}, False),
        ({"Condition": {"StringEquals": {"aws:PrincipalArn": ROLE}}}, True),
        ({"Condition": {"StringEquals": {"aws:PrincipalAccount": ELSEWHERE}}}, False),
        ({"Action": "*", "NotAction": "s3:Get*"}, False),
        ({"NotResource": "arn:aws:s3:::other/*"}, True),
    ],
)
def test_an_action_needs_a_statement_that_covers_it(statement: dict[str, Any], allowed: bool) -> None:
    assert (refusal(caller(statement)) == "") is allowed


def test_without_any_statement_the_missing_policy_is_named() -> None:
    assert refusal(caller()) == "because no identity-based policy allows the s3:GetObject action"


def test_a_deny_wins_wherever_it_stands() -> None:
    assert refusal(caller({}, {"Effect": "Deny"})) == "with an explicit deny in an identity-based policy"
    bounded = caller({}, boundary=document({}, {"Effect": "Deny", "Action": "s3:*"}))
    assert refusal(bounded) == "with an explicit deny in a permissions boundary"
    denied = resource({"Effect": "Deny", "Principal": "*"})
    assert refusal(caller({}), about=denied) == "with an explicit deny in a resource-based policy"


def test_a_boundary_limits_and_does_not_grant() -> None:
    boundary = document({"Action": "s3:Get*"})
    assert refusal(caller({}, boundary=boundary)) == ""
    assert "identity-based" in refusal(caller(boundary=boundary))
    written = Permission("s3:PutObject", READ.resource)
    assert refusal(caller({}, boundary=boundary), written).startswith("because no permissions boundary")


def test_in_its_own_account_a_resource_may_grant_to_a_principal_but_not_to_the_account() -> None:
    assert refusal(caller(), about=resource({"Principal": {"AWS": ROLE}})) == ""
    assert refusal(caller(), about=resource({"Principal": {"AWS": SESSION}})) == ""
    assert "identity-based" in refusal(caller(), about=resource({"Principal": {"AWS": HERE}}))
    assert "identity-based" in refusal(caller(), about=resource({"Principal": {"AWS": f"{ROLE}-other"}}))


def test_another_accounts_resource_takes_both_sides() -> None:
    opened = resource({"Principal": {"AWS": f"arn:aws:iam::{HERE}:root"}}, account_id=ELSEWHERE)
    assert refusal(caller({}), about=opened) == ""
    assert "identity-based" in refusal(caller(), about=opened)
    assert "resource-based" in refusal(caller({}), about=resource(account_id=ELSEWHERE))


def test_a_key_is_ruled_by_its_own_policy() -> None:
    assert "resource-based" in refusal(caller({}), DECRYPT, resource({"Principal": {"AWS": ELSEWHERE}}))
    delegated = resource({"Principal": {"AWS": f"arn:aws:iam::{HERE}:root"}})
    assert refusal(caller({}), DECRYPT, delegated) == ""
    assert "identity-based" in refusal(caller(), DECRYPT, delegated)


@pytest.mark.parametrize("statement", [{"NotPrincipal": "*"}, {"Resource": "arn:aws:s3:::${aws:username}"}])
def test_what_cannot_be_judged_is_not_passed_over(statement: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedPolicyError, match="not emulated"):
        document({"Effect": "Deny", **statement})


def test_a_decision_names_the_statements_that_allowed_it() -> None:
    who = caller({"Sid": "Read"}, {"Sid": "Write", "Action": "s3:Put*"}, boundary=document({"Sid": "Data"}, name="b"))
    assert decide(who, READ, resource(), {}) == Decision("", ("p/Read",), ("b/Data",))


def test_a_service_is_served_by_name_and_under_conditions() -> None:
    topic = Permission("sns:Publish", f"arn:aws:sns:eu-central-1:{HERE}:alarms")
    allowed = {"Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish"}
    ours = {"Condition": {"StringEquals": {"aws:SourceAccount": HERE}}}
    assert serves("events.amazonaws.com", topic, resource(allowed), {})
    assert not serves("s3.amazonaws.com", topic, resource(allowed), {})
    assert not serves("events.amazonaws.com", topic, resource({**allowed, **ours}), {})
    assert serves("events.amazonaws.com", topic, resource({**allowed, **ours}), {"aws:SourceAccount": HERE})
    assert not serves("events.amazonaws.com", topic, resource(), {})
