"""GitHub's workflows have a token of their job and nothing else: it gets them the role, which gets them the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gluepipe.access import Access, open_account_directly
from tests.end_to_end.conftest import Checkout
from tests.end_to_end.permissions import needed, refused, statements, uses_in
from tests.web_identity import sts_without_credentials, token

ROLE = "gluepipe-github"
REPOSITORY = "repo:owner/name"
MAIN, PROD = f"{REPOSITORY}:ref:refs/heads/main", f"{REPOSITORY}:environment:prod"


@pytest.fixture(scope="module")
def pipeline_account(deployed: Checkout) -> Access:
    """The account where the role is, bootstrapped."""
    deployed.succeed("bootstrap", "pipeline")
    return open_account_directly(deployed.project, deployed.project.settings.account("pipeline"))


def take(account: Access, subject: str, audience: str = "sts.amazonaws.com") -> dict[str, Any]:
    """Take the role with the token of a job, as a workflow does; returns credentials."""
    assert account.endpoint
    claims = {"iss": "https://token.actions.githubusercontent.com", "aud": audience, "sub": subject}
    arn = account.iam.get_role(RoleName=ROLE)["Role"]["Arn"]
    taken: dict[str, Any] = sts_without_credentials(account.endpoint).assume_role_with_web_identity(
        RoleArn=arn, RoleSessionName="workflow", WebIdentityToken=token(claims)
    )["Credentials"]
    return taken


@pytest.fixture(scope="module")
def workflow(deployed: Checkout, pipeline_account: Access) -> Checkout:
    """The checkout in a job of the main branch, after it has looked and deployed."""
    taken = take(pipeline_account, MAIN)
    job = replace(
        deployed,
        credentials={
            "AWS_ENDPOINT_URL": str(pipeline_account.endpoint),
            "AWS_ACCESS_KEY_ID": taken["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": taken["SecretAccessKey"],
            "AWS_SESSION_TOKEN": taken["SessionToken"],
        },
    )
    job.succeed("plan", "dev", "--stack", "application")
    job.succeed("apply", "dev", "--stack", "application")
    return job


def test_a_job_of_an_environment_has_the_role_too(pipeline_account: Access) -> None:
    assert take(pipeline_account, PROD)["AccessKeyId"]


@pytest.mark.parametrize(
    ("subject", "audience"),
    [
        (f"{REPOSITORY}:ref:refs/heads/other", "sts.amazonaws.com"),
        (f"{REPOSITORY}:ref:refs/tags/main", "sts.amazonaws.com"),
        (f"{REPOSITORY}:environment:staging", "sts.amazonaws.com"),
        (f"{REPOSITORY}:pull_request", "sts.amazonaws.com"),
        ("repo:somebody/name:ref:refs/heads/main", "sts.amazonaws.com"),
        (MAIN, "https://github.com/owner"),
    ],
)
def test_no_other_job_gets_it(pipeline_account: Access, subject: str, audience: str) -> None:
    with pytest.raises(ClientError, match="not authorized to perform: sts:AssumeRoleWithWebIdentity"):
        take(pipeline_account, subject, audience)


def test_without_any_one_statement_a_workflow_would_be_refused(workflow: Checkout, pipeline_account: Access) -> None:
    uses = uses_in(workflow.project, "pipeline", ROLE)
    assert set(statements(pipeline_account.iam, ROLE)) - needed(uses) == set()
    assert refused(uses) == set()
    assert {use["action"] for use in uses} == {"sts:AssumeRole"}
