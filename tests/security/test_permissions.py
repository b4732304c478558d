"""The page of who may do what is current, and nothing is open that was not looked at."""

from pathlib import Path

import pytest

from tests.security import permissions_page
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


def test_who_takes_a_role_is_a_service_or_bounded_by_a_condition_or_of_the_account(
    parts: dict[str, list[Policy]],
) -> None:
    for role in parts["Roles"]:
        for statement in role.trust:
            own = set(statement.principals) <= {"arn:aws:iam::{account}:root", "lambda.amazonaws.com"}
            assert own or statement.conditions, (role.holder, statement.sid)


def grant(effect: str = "Allow", who: str = "", action: str = "s3:GetObject", resource: str = "{project}") -> Statement:
    return Statement("Example", effect, (who,) if who else (), (action,), (resource,), ())


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
