import json
from typing import Any

import pytest

from gluepipe.delivery.policy_changes import widenings


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], resource: str | list[str] = "*", **others: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **others}


def said(before: str | None, after: str | None) -> list[str]:
    return [str(widening) for widening in widenings(before, after)]


def test_a_new_policy_widens_by_all_it_allows() -> None:
    after = policy(allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::a/*"))
    assert said(None, after) == ["allows s3:GetObject, s3:PutObject on arn:aws:s3:::a/*"]


def test_an_added_action_is_named_and_the_old_ones_are_not() -> None:
    before, after = policy(allow("s3:GetObject")), policy(allow(["s3:GetObject", "s3:DeleteObject"]))
    assert said(before, after) == ["allows s3:DeleteObject on everything"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (allow("s3:*"), allow("s3:GetObject", "arn:aws:s3:::a/x")),
        (allow("s3:get*"), allow("s3:GetObject")),
        (allow("s3:GetObject", "arn:aws:s3:::a/*"), allow("s3:GetObject", "arn:aws:s3:::a/b/*")),
        (allow("s3:GetObject"), allow("s3:GetObject", Condition={"Bool": {"aws:SecureTransport": "true"}})),
        (allow("s3:GetObject", Principal="*"), allow("s3:GetObject", Principal={"AWS": "arn:aws:iam::1:root"})),
    ],
)
def test_what_was_covered_already_is_no_widening(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert said(policy(before), policy(after)) == []
    assert said(policy(after), policy(before)) != []


def test_a_dropped_condition_widens() -> None:
    before = policy(allow("s3:GetObject", Condition={"StringEquals": {"aws:SourceAccount": "1"}}))
    assert said(before, policy(allow("s3:GetObject"))) == ["allows s3:GetObject on everything"]


def test_a_dropped_or_narrowed_deny_widens() -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::a/*"}
    assert said(policy(deny), None) == ["no longer denies s3:* on arn:aws:s3:::a/* to everyone"]
    narrowed = {**deny, "Action": "s3:GetObject"}
    assert said(policy(deny), policy(narrowed)) == ["no longer denies s3:* on arn:aws:s3:::a/* to everyone"]
    assert said(policy(narrowed), policy(deny)) == []


def test_a_new_principal_in_a_trust_policy_is_named() -> None:
    def trust(*names: str) -> str:
        return policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": list(names)}})

    assert said(trust("a"), trust("a", "b")) == ["allows sts:AssumeRole to b"]


def test_everyone_is_public_only_without_a_condition() -> None:
    public = policy(allow("s3:GetObject", Principal={"AWS": "*"}))
    fenced = policy(allow("s3:GetObject", Principal="*", Condition={"StringEquals": {"aws:SourceAccount": "1"}}))
    assert [widening.is_public for widening in widenings(None, public)] == [True]
    assert [widening.is_public for widening in widenings(None, fenced)] == [False]


def test_everything_but_is_compared_as_a_whole() -> None:
    before = policy({"Effect": "Allow", "NotAction": ["iam:*", "s3:*"], "Resource": "*"})
    after = policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})
    assert said(before, before) == []
    assert said(before, after) == ["allows everything but iam:* on everything"]


def test_a_question_mark_does_not_cover_an_asterisk() -> None:
    assert said(policy(allow("s3:?")), policy(allow("s3:*"))) == ["allows s3:* on everything"]


def test_text_that_is_no_policy_allows_nothing() -> None:
    assert said(None, "not a policy") == []
