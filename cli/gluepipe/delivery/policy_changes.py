"""Tells what a changed IAM, bucket, key, queue or topic policy allows that it did not allow before."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

EVERYONE = "*"


@dataclass(frozen=True)
class Permission:
    """One action on one resource for one principal; all three may hold `*`.

    `principal` is empty in a policy that hangs on its own principal, `resource` in a trust policy; `condition` is the
    canonical JSON of the statement's conditions, empty where there are none.
    """

    effect: str
    principal: str
    action: str
    resource: str
    condition: str

    def covers(self, other: "Permission") -> bool:
        """Tell whether `other` follows from this one."""
        return (
            self.effect == other.effect
            and self.condition in ("", other.condition)
            and _covers(self.principal, other.principal)
            and _covers(self.action.lower(), other.action.lower())
            and _covers(self.resource, other.resource)
        )


@dataclass(frozen=True)
class Widening:
    """What a policy newly allows, or no longer denies, on one resource for one principal."""

    effect: str
    principal: str
    actions: tuple[str, ...]
    resource: str
    condition: str

    @property
    def is_public(self) -> bool:
        """Whether it is anybody at all who is newly allowed."""
        return self.effect == "Allow" and self.principal == EVERYONE and not self.condition

    def __str__(self) -> str:
        verb = "allows" if self.effect == "Allow" else "no longer denies"
        principal = f" to {'everyone' if self.principal == EVERYONE else self.principal}" if self.principal else ""
        resource = f" on {'everything' if self.resource == '*' else self.resource}" if self.resource else ""
        return f"{verb} {', '.join(self.actions)}{resource}{principal}{' under a condition' if self.condition else ''}"


def widenings(before: str | None, after: str | None) -> list[Widening]:
    """Compare two policy documents (JSON text, None where there is none); the order is that of the documents."""
    old, new = list(_permissions(before)), list(_permissions(after))
    allowed = [permission for permission in new if permission.effect == "Allow" and not _follows(permission, old)]
    undenied = [permission for permission in old if permission.effect == "Deny" and not _follows(permission, new)]
    return _grouped([*allowed, *undenied])


def _follows(permission: Permission, others: list[Permission]) -> bool:
    return any(other.covers(permission) for other in others)


def _grouped(permissions: list[Permission]) -> list[Widening]:
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    for each in permissions:
        actions = groups.setdefault((each.effect, each.principal, each.resource, each.condition), [])
        if each.action not in actions:
            actions.append(each.action)
    return [
        Widening(effect, principal, tuple(actions), resource, condition)
        for (effect, principal, resource, condition), actions in groups.items()
    ]


def _permissions(document: str | None) -> Iterator[Permission]:
    for statement in _statements(document):
        condition = statement.get("Condition")
        text = json.dumps(condition, sort_keys=True) if condition else ""
        for principal in _principals(statement):
            for action in _values(statement, "Action"):
                for resource in _values(statement, "Resource"):
                    yield Permission(statement["Effect"], principal, action, resource, text)


def _statements(document: str | None) -> list[Mapping[str, Any]]:
    try:
        policy = json.loads(document or "{}")
    except ValueError:
        return []
    return _listed(policy.get("Statement", [])) if isinstance(policy, dict) else []


def _principals(statement: Mapping[str, Any]) -> list[str]:
    if "NotPrincipal" in statement:
        return [f"everyone but {json.dumps(statement['NotPrincipal'], sort_keys=True)}"]
    principal = statement.get("Principal", "")
    if isinstance(principal, str):
        return [principal]
    named = [name for names in principal.values() for name in _listed(names)]
    return [EVERYONE] if EVERYONE in named else named


def _values(statement: Mapping[str, Any], element: str) -> list[str]:
    if f"Not{element}" in statement:
        return [f"everything but {', '.join(sorted(_listed(statement[f'Not{element}'])))}"]
    return _listed(statement.get(element, ""))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _covers(pattern: str, text: str) -> bool:
    # `?` must not match the `*` of the other pattern, which stands for more than one character.
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "[^*]")
    return re.fullmatch(expression, text, re.DOTALL) is not None
