"""Roles that are taken with a token of an identity provider, as GitHub's workflows take theirs."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from gluepipe.emulator.arns import Arn
from gluepipe.emulator.iam import accounts
from gluepipe.emulator.iam.conditions import Context
from gluepipe.emulator.iam.decisions import serves
from gluepipe.emulator.iam.policies import Permission

OPERATION = "AssumeRoleWithWebIdentity"
CLAIMS = ("aud", "sub")


def refusal(form: Mapping[str, str], context: Context) -> str:
    """Return why the bearer of a token may not take the role that the form names; empty when he may.

    What the token claims is believed: nobody here has its issuer's keys.

    Raises:
        UnsupportedPolicyError: the role's trust policy uses something that is not emulated.
    """
    role_arn = form.get("RoleArn", "")
    try:
        claims = _claims(form.get("WebIdentityToken", ""))
        issuer = str(claims["iss"]).removeprefix("https://")
        stated = {f"{issuer}:{name}": str(claims[name]) for name in CLAIMS}
        provider = accounts.identity_provider(issuer, Arn.of(role_arn).account_id)
    except (IndexError, KeyError, TypeError, ValueError):
        return "The ID Token provided is not a valid JWT of a provider for this role."
    asked = Permission(f"sts:{OPERATION}", role_arn)
    about = accounts.resource_policy(asked.action, role_arn)
    if provider and serves(provider, asked, about, {**context, **stated}):
        return ""
    return f"{claims['sub']} of {issuer} is not authorized to perform: {asked.action} on resource: {role_arn}"


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
