"""Looking needs no right to write: `plan` and `drift` get along with the plan role, and all they ask for is reading."""

from __future__ import annotations

import re

import pytest

from tests.end_to_end.conftest import Checkout
from tests.end_to_end.permissions import Use, needed, refused, statements, uses_of

ROLE = "gluepipe-plan"
READS = re.compile(r"\w+:(BatchGet|Describe|Get|List)|kms:Decrypt$")


@pytest.fixture(scope="module")
def asked(deployed: Checkout) -> list[Use]:
    """What the plan role asked for during a plan and a look for drift."""
    deployed.succeed("plan", "dev")
    deployed.succeed("drift", "dev")
    return uses_of(deployed, ROLE)


def test_it_may_do_all_that_looking_takes(asked: list[Use]) -> None:
    assert {use["action"] for use in asked} >= {"s3:GetObject", "glue:GetJob", "lambda:GetFunction", "iam:GetRole"}
    assert refused(asked) == set()


def test_looking_only_reads(asked: list[Use]) -> None:
    assert not [use["action"] for use in asked if not READS.match(use["action"])]


def test_without_any_one_statement_something_could_not_be_seen(deployed: Checkout, asked: list[Use]) -> None:
    iam = deployed.administrator.iam
    assert set(statements(iam, ROLE)) - needed(asked) == set()
