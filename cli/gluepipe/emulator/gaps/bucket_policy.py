"""S3 bucket policies: a Deny applies only where its conditions hold."""

from __future__ import annotations

import fnmatch
import json
from typing import Any

from flask import has_request_context, request
from moto.iam.access_control import PermissionResult
from moto.iam.models import get_account_id_from
from moto.s3.models import FakeBucket

from gluepipe.emulator.gaps import conditions


def evaluate_conditions() -> None:
    """moto ignores conditions and named principals, so that a TLS-only policy denies everything."""

    def get_permission(self: FakeBucket, action: str, resource: str) -> PermissionResult:
        if self.policy is None:
            return PermissionResult.NEUTRAL
        effects = {
            statement["Effect"]
            for statement in _listed(json.loads(self.policy.decode())["Statement"])
            if _applies(statement, action, resource)
        }
        if "Deny" in effects:
            return PermissionResult.DENIED
        return PermissionResult.PERMITTED if "Allow" in effects else PermissionResult.NEUTRAL

    FakeBucket.get_permission = get_permission


def _applies(statement: dict[str, Any], action: str, resource: str) -> bool:
    return (
        _names(statement, "Action", action)
        and _names(statement, "Resource", resource)
        and _is_addressed(statement.get("Principal"))
        and conditions.hold(statement.get("Condition", {}), _request_context())
    )


def _names(statement: dict[str, Any], element: str, value: str) -> bool:
    if f"Not{element}" in statement:
        return not _matches(statement[f"Not{element}"], value)
    return _matches(statement[element], value)


def _matches(patterns: Any, value: str) -> bool:
    return any(fnmatch.fnmatchcase(value, pattern) for pattern in _listed(patterns))


def _is_addressed(principal: Any) -> bool:
    """Roles and users are compared by account: which role a request comes from is not known here."""
    if principal in (None, "*"):
        return True
    account_id = _request_context().get("aws:PrincipalAccount")
    return any(
        named == "*" or account_id in (named, *named.split(":")[4:5]) for named in _listed(principal.get("AWS", []))
    )  # fmt: skip


def _request_context() -> dict[str, str]:
    """The context keys of the request in hand; the loopback counts as TLS."""
    context = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"}
    if has_request_context():
        headers = {f"s3:{name.lower()}": value for name, value in request.headers.items()}
        credential = request.headers.get("Authorization", "").partition("Credential=")[2].partition("/")[0]
        context |= headers | {"aws:PrincipalAccount": get_account_id_from(credential)}
    return context


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
