"""The page of who may do what is current, and nothing is open that was not looked at."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.security import authorization, permissions_page
from tests.security.permissions import Policy, Statement
from tests.security.reviewed import REVIEWED
from tests.security.suppressions import REPOSITORY
from tests.terraform.conftest import stage, without_account


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Policy]]:
    top = tmp_path_factory.mktemp("rendered")
    return permissions_page.policies(without_account(tmp_path_factory.mktemp("terraform")), stage(top))


def test_the_page_is_what_terraform_would_make(parts: dict[str, list[Policy]]) -> None:
    page = Path(REPOSITORY / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert page == permissions_page.page(parts) + "\n", "run: make docs"


def test_nothing_is_open_that_was_not_reviewed(parts: dict[str, list[Policy]]) -> None:
    assert permissions_page.exceptions(parts) == set(REVIEWED)


def test_every_bucket_keeps_strangers_out(parts: dict[str, list[Policy]]) -> None:
    buckets = [policy for part in parts.values() for policy in part if policy.holder.startswith("bucket ")]
    assert len(buckets) == 5
    for bucket in buckets:
        assert {statement.effect for statement in bucket.statements} == {"Deny"}
        assert {"TlsOnly", "OwnAccountOnly", "OwnKeyOnly"} <= {statement.sid for statement in bucket.statements}


# They do not promise to say for whom they take a role, and roles are only passed to them by their own account.
SILENT = {"codepipeline.amazonaws.com", "glue.amazonaws.com", "lambda.amazonaws.com"}


def test_who_takes_a_role_is_a_service_or_bounded_by_a_condition_or_of_the_account(
    parts: dict[str, list[Policy]],
) -> None:
    for role in parts["Roles"]:
        for statement in role.trust:
            own = set(statement.principals) <= {"arn:aws:iam::{account}:root", *SILENT}
            assert own or statement.conditions, (role.holder, statement.sid)
            assert not (statement.conditions and SILENT & set(statement.principals)), "it could be kept out"


def test_aws_makes_of_every_statement_what_it_says(parts: dict[str, list[Policy]]) -> None:
    reference = authorization.load()
    policies = [*parts["Roles"], *parts["Boundaries"]]
    found = {
        f"{policy.holder} {statement.sid}: {problem}"
        for policy in policies
        for statement in policy.statements
        for problem in authorization.problems(statement, reference)
    }
    assert not found
    statements = [statement for part in parts.values() for policy in part for statement in policy.statements]
    named = {action for statement in statements for action in statement.actions if "*" not in action}
    assert named == set(reference)


def grant(
    effect: str = "Allow", who: str = "", action: str = "s3:GetObject", resource: str = "{project}", condition: str = ""
) -> Statement:
    conditions = (condition,) if condition else ()
    return Statement("Example", effect, (who,) if who else (), (action,), (resource,), conditions)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (grant(action="s3:*"), ["s3:*"]),
        (grant(resource="*"), ["*"]),
        (grant(resource="arn:aws:s3:::*-input/{project}"), ["arn:aws:s3:::*-input/{project}"]),
        (grant(resource="arn:aws:s3:::{project}-*/*"), []),
        (grant(who="*"), ["*"]),
        (grant(who="s3.amazonaws.com"), ["s3.amazonaws.com"]),
        (grant(who="{account}"), []),
        (grant(effect="Deny", action="s3:*", resource="*"), []),
    ],
)
def test_what_is_open_is_found(statement: Statement, found: list[str]) -> None:
    assert list(statement.open_to()) == found


GLUE = "arn:aws:glue:{region}:{account}"
DELETES = [f"{GLUE}:catalog", f"{GLUE}:database/*", f"{GLUE}:table/*", f"{GLUE}:userDefinedFunction/*"]


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            grant(action="sns:Unsubscribe", resource="arn:aws:sns:{region}:{account}:{project}-*"),
            "no narrower resource",
        ),
        (grant(action="sns:Unsubscribe", resource="*"), ""),
        (grant(action="sns:Unsubscribed"), "no action of AWS"),
        (grant(action="sqs:SendMessage", resource="arn:aws:sns:{region}:{account}:{project}-*"), "is about none of"),
        (replace(grant(action="glue:DeleteDatabase"), resources=tuple(DELETES[:3])), "userDefinedFunction"),
        (replace(grant(action="glue:DeleteDatabase"), resources=tuple(DELETES)), ""),
        (grant(action="iam:PassRole", resource="*", condition="iam:PermissionsBoundary StringEquals b"), "not told"),
        (grant(action="iam:PassRole", resource="*", condition="iam:PassedToService StringEquals glue"), ""),
    ],
)
def test_what_aws_would_read_otherwise_is_found(statement: Statement, problem: str) -> None:
    found = " ".join(authorization.problems(statement, authorization.load()))
    assert problem in found
    assert bool(problem) == bool(found)
