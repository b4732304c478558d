"""Policy documents: which of their statements speak of a permission, and to whom."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from gluepipe.emulator.iam import conditions, wildcards
from gluepipe.emulator.iam.conditions import Context, UnsupportedPolicyError

Address = Literal["principal", "account", ""]


@dataclass(frozen=True)
class Permission:
    """One action on one resource (an ARN, or `*` where the action takes none), and what else the request says."""

    action: str
    resource: str
    context: tuple[tuple[str, str | tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Element:
    """What a statement says of actions or of resources, positively or, as in `NotAction`, negatively."""

    pattern: re.Pattern[str]
    negated: bool

    def covers(self, text: str) -> bool:
        return (self.pattern.fullmatch(text) is None) == self.negated


@dataclass(frozen=True, eq=False)
class Statement:
    """One statement; `label` is its policy and Sid, for people."""

    label: str
    denies: bool
    actions: Element
    resources: Element
    principals: Any
    conditions: Mapping[str, Any]

    def covers(self, permission: Permission, context: Context) -> bool:
        """Tell whether the statement speaks of this permission in this context.

        Raises:
            UnsupportedPolicyError: a condition uses an operator that is not emulated.
        """
        return (
            self.actions.covers(permission.action.lower())
            and self.resources.covers(permission.resource)
            and conditions.hold(self.conditions, {**context, **dict(permission.context)})
        )

    def addresses(self, arns: Iterable[str], account_id: str) -> Address:
        """Tell whether a resource's statement means a caller by name, by account, or not at all.

        `arns` are the names of the caller: its session and its role, its user, or the name of a service.
        """
        if self.principals == "*":
            return "principal"
        named = [name for names in self.principals.values() for name in _listed(names)]
        if "*" in named or any(arn in named for arn in arns):
            return "principal"
        return "account" if account_id in named or f"arn:aws:iam::{account_id}:root" in named else ""


@lru_cache(maxsize=1024)
def parse(document: str, name: str = "") -> tuple[Statement, ...]:
    """Return the statements of a policy document.

    Raises:
        UnsupportedPolicyError: it names what it does not mean (`NotPrincipal`), or refers to variables.
    """
    if unsupported := re.search(r"NotPrincipal|\$\{", document):
        raise UnsupportedPolicyError(f"{unsupported[0]} in the policy {name or document[:80]} is not emulated.")
    statements = _listed(json.loads(document)["Statement"])
    return tuple(
        Statement(
            label=f"{name}/{body.get('Sid') or number}",
            denies=body["Effect"] == "Deny",
            actions=_element(body, "Action"),
            resources=_element(body, "Resource"),
            principals=body.get("Principal", {}),
            conditions=body.get("Condition", {}),
        )
        for number, body in enumerate(statements, 1)
    )


def _element(body: Mapping[str, Any], name: str) -> Element:
    negated = f"Not{name}" in body
    # Trust policies name no resource: they are about the role that they belong to.
    patterns = _listed(body.get(f"Not{name}" if negated else name, "*"))
    lowered = [pattern.lower() for pattern in patterns] if name == "Action" else patterns
    return Element(wildcards.compiled(lowered), negated)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
