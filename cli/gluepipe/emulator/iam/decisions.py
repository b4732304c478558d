"""Decides whether a caller may do something: explicit deny before allow, and nothing without an allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gluepipe.emulator.iam.conditions import Context
from gluepipe.emulator.iam.policies import Address, Permission, Statement

# What only the resource's own policy can open, even to callers of its account.
RULED_BY_RESOURCE = ("kms:", "sts:AssumeRole")


@dataclass(frozen=True)
class Caller:
    """Who asks: `arn` as AWS names it in messages, `owner` the role or user whose policies count."""

    arn: str
    owner: str
    account_id: str
    policies: tuple[Statement, ...]
    boundary: tuple[Statement, ...] | None = None


@dataclass(frozen=True)
class ResourcePolicy:
    """The policy of a resource and whose it is; `statements` None: there is no policy, `account_id` "": nobody's."""

    account_id: str = ""
    statements: tuple[Statement, ...] | None = None


@dataclass(frozen=True)
class Decision:
    """`refusal` says why not, in AWS's words; empty when allowed. `allowed_by` labels the caller's own statements."""

    refusal: str = ""
    allowed_by: tuple[str, ...] = ()
    bounded_by: tuple[str, ...] = ()


def decide(caller: Caller, permission: Permission, about: ResourcePolicy, context: Context) -> Decision:
    """Decide by the caller's policies, its permissions boundary and the resource's policy."""
    context = {**context, "aws:PrincipalArn": caller.owner, "aws:PrincipalAccount": caller.account_id}
    if about.account_id:
        context["aws:ResourceAccount"] = about.account_id
    own = [statement for statement in caller.policies if statement.covers(permission, context)]
    bound = [statement for statement in caller.boundary or () if statement.covers(permission, context)]
    grants, forbids = _resource_verdict(caller, permission, about, context)
    for kind, denied in (
        ("an identity-based policy", any(statement.denies for statement in own)),
        ("a permissions boundary", any(statement.denies for statement in bound)),
        ("a resource-based policy", forbids),
    ):
        if denied:
            return Decision(f"with an explicit deny in {kind}")
    refusal = _missing(caller, permission, about, bool(own), bool(bound), grants)
    return Decision(refusal, _labels(own), _labels(bound))


def serves(service: str, permission: Permission, about: ResourcePolicy, context: Context) -> bool:
    """Tell whether a resource's policy lets an AWS service (`events.amazonaws.com`) do something to it."""
    found = [
        statement
        for statement in about.statements or ()
        if statement.addresses([service], "") and statement.covers(permission, context)
    ]
    return bool(found) and not any(statement.denies for statement in found)


def _resource_verdict(
    caller: Caller, permission: Permission, about: ResourcePolicy, context: Context
) -> tuple[Address, bool]:
    """Return whom the resource's policy allows it to (the caller, its account, nobody), and whether it denies it."""
    grants: Address = ""
    for statement in about.statements or ():
        address = statement.addresses((caller.arn, caller.owner), caller.account_id)
        if not address or not statement.covers(permission, context):
            continue
        if statement.denies:
            return "", True
        grants = "principal" if "principal" in (grants, address) else address
    return grants, False


def _missing(
    caller: Caller, permission: Permission, about: ResourcePolicy, own: bool, bound: bool, grants: Address
) -> str:
    foreign = about.account_id not in ("", caller.account_id)
    ruled = about.statements is not None and permission.action.startswith(RULED_BY_RESOURCE)
    if not grants and (foreign or ruled):
        return f"because no resource-based policy allows the {permission.action} action"
    if not own and (foreign or grants != "principal"):
        return f"because no identity-based policy allows the {permission.action} action"
    if not bound and caller.boundary is not None:
        return f"because no permissions boundary allows the {permission.action} action"
    return ""


def _labels(statements: Sequence[Statement]) -> tuple[str, ...]:
    return tuple(sorted(statement.label for statement in statements))
