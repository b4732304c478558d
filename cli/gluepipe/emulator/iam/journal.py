"""What the roles asked for since the emulator started, which statements allowed it, and what was refused."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import Any

from gluepipe.emulator.iam.decisions import Caller, Decision
from gluepipe.emulator.iam.policies import Permission


@dataclass(frozen=True)
class Use:
    """An action of a role (or user) on some `resource`, the first of its kind; labels are `{policy}/{Sid}`.

    Without any of the statements in `allowed_by` (of the role's policies) or in `bounded_by` (of its boundary), it
    would have been refused. Where both are empty, the resource's own policy allowed it, or it was refused.
    """

    caller: str
    action: str
    resource: str
    allowed_by: tuple[str, ...]
    bounded_by: tuple[str, ...]
    refused: bool


class Journal:
    """One entry for each caller, action and set of statements, however often it was asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uses: dict[tuple[str, str, Decision], Use] = {}

    def enter(self, caller: Caller, permission: Permission, decision: Decision) -> None:
        key = (caller.owner, permission.action, decision)
        if key in self._uses:
            return
        use = Use(
            caller.owner,
            permission.action,
            permission.resource,
            decision.allowed_by,
            decision.bounded_by,
            bool(decision.refusal),
        )
        with self._lock:
            self._uses[key] = use

    def entries(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(use) for use in self._uses.values()]
