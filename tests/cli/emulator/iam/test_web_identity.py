"""Whoever has the token of an identity provider gets the roles that trust it with those very claims, and no others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cli.emulator.account import ACCOUNTS, Account
from tests.web_identity import sts_without_credentials, token

DEV = ACCOUNTS["dev"]
ISSUER = "issuer.example.org"
ROLE = f"arn:aws:iam::{DEV}:role/workflows"
CLAIMS = {"iss": f"https://{ISSUER}", "aud": "sts.amazonaws.com", "sub": "repo:owner/name:ref:refs/heads/main"}


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def provider(account: Account) -> Iterator[str]:
    """A provider in the account, and a role that trusts the main branch."""
    iam = account.client("iam")
    arn = iam.create_open_id_connect_provider(Url=f"https://{ISSUER}", ClientIDList=[CLAIMS["aud"]])
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": arn["OpenIDConnectProviderArn"]},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{ISSUER}:{claim}": CLAIMS[claim] for claim in ("aud", "sub")}},
    }
    iam.create_role(RoleName="workflows", AssumeRolePolicyDocument=document(statement))
    yield arn["OpenIDConnectProviderArn"]
    iam.delete_role(RoleName="workflows")
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn["OpenIDConnectProviderArn"])


def take(account: Account, web_identity_token: str) -> dict[str, Any]:
    taken: dict[str, Any] = sts_without_credentials(account.url).assume_role_with_web_identity(
        RoleArn=ROLE, RoleSessionName="test", WebIdentityToken=web_identity_token
    )
    return taken


def test_the_trusted_claims_get_the_role(account: Account, provider: str) -> None:
    assert take(account, token(CLAIMS))["AssumedRoleUser"]["Arn"].startswith(
        f"arn:aws:sts::{DEV}:assumed-role/workflows"
    )


@pytest.mark.parametrize(
    "other",
    [
        {"sub": "repo:owner/name:ref:refs/heads/other"},
        {"sub": "repo:somebody/name:ref:refs/heads/main"},
        {"sub": "repo:owner/name:pull_request"},
        {"aud": "https://github.com/owner"},
        {"iss": "https://elsewhere.example.org"},
    ],
)
def test_any_other_claim_is_refused(account: Account, provider: str, other: dict[str, str]) -> None:
    with pytest.raises(ClientError, match="not authorized to perform: sts:AssumeRoleWithWebIdentity") as caught:
        take(account, token({**CLAIMS, **other}))
    assert caught.value.response["Error"]["Code"] == "AccessDenied"


@pytest.mark.parametrize("nonsense", ["nonsense.of.words", "one.two", token({"sub": "x"}), token(["x"])])
def test_what_is_no_token_is_refused(account: Account, provider: str, nonsense: str) -> None:
    with pytest.raises(ClientError, match="not a valid JWT"):
        take(account, nonsense)


def test_a_role_that_trusts_no_provider_is_not_had_for_a_token(account: Account, provider: str) -> None:
    iam = account.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{DEV}:root"}, "Action": "sts:AssumeRole"}
    iam.update_assume_role_policy(RoleName="workflows", PolicyDocument=document(trust))
    with pytest.raises(ClientError, match="not authorized"):
        take(account, token(CLAIMS))
