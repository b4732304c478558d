"""Decides, by a role's policies, whether a call is allowed, and which statements allow it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gluepipe.emulator.gaps import conditions
from tests.permissions.recorded_calls import Call


@dataclass(frozen=True)
class Statement:
    """One Allow statement, by the policy and Sid that it has."""

    policy: str
    sid: str
    body: Mapping[str, Any]

    def allows(self, action: str, resource: str, context: Mapping[str, str]) -> bool:
        """Tell whether the statement allows an action on a resource."""
        return (
            any(_matches(pattern.lower(), action.lower()) for pattern in _listed(self.body["Action"]))
            and any(_matches(pattern, resource) for pattern in _listed(self.body["Resource"]))
            and conditions.hold(self.body.get("Condition", {}), context)
        )


def statements(documents: Mapping[str, str]) -> list[Statement]:
    """Return the Allow statements of policy documents, given by name."""
    return [
        Statement(name, statement["Sid"], statement)
        for name, document in documents.items()
        for statement in _listed(json.loads(document)["Statement"])
        if statement["Effect"] == "Allow"
    ]


def refused(call: Call, allowed_by: Iterable[Statement], context: Mapping[str, str]) -> list[str]:
    """Return the resources on which no statement allows the call."""
    known = {**context, **dict(call.context)}
    kept = list(allowed_by)
    return [
        resource
        for resource in call.resources
        if not any(statement.allows(call.action, resource, known) for statement in kept)
    ]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), text) is not None
