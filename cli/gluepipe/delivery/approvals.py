"""Decisions about saved plans: made once, by somebody, with a reason, and kept beside the plan."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from gluepipe.errors import GluePipeError
from gluepipe.moments import stamp

if TYPE_CHECKING:
    from gluepipe.delivery.saved_plans import SavedPlan
    from gluepipe.delivery.store import DeliveryStore

POLL_SECONDS = 5.0


class Verdict(StrEnum):
    """What was decided."""

    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Decision:
    """Who decided what, when and why."""

    verdict: Verdict
    by: str
    at: str
    reason: str


def decide(
    store: DeliveryStore, plan: SavedPlan, verdict: Verdict, by: str, reason: str, may_be_own: bool = False
) -> Decision:
    """Record a decision; raises GluePipeError for what cannot be decided.

    That is a plan decided before and, where it would be approved, an expired one and (unless `may_be_own`) one's own.
    """
    now = datetime.now(UTC)
    if verdict is Verdict.APPROVED:
        plan.check_expiry(now)
    if by == plan.by and verdict is Verdict.APPROVED and not may_be_own:
        reason = f"{plan.id} was made by {plan.by}, who cannot approve it too."
        raise GluePipeError(reason, "Ask somebody else to approve it.")
    decision = Decision(verdict, by, stamp(now), reason)
    if not store.write_once(plan.decision_key, asdict(decision)):
        made = find(store, plan)
        raise GluePipeError(f"{plan.id} was decided already: {_words(made)}." if made else f"{plan.id} is gone.")
    return decision


def find(store: DeliveryStore, plan: SavedPlan) -> Decision | None:
    """Return the decision about a plan, None while there is none."""
    document: Mapping[str, Any] | None = store.read_json(plan.decision_key)
    return None if document is None else Decision(**{**document, "verdict": Verdict(document["verdict"])})


def wait(store: DeliveryStore, plan: SavedPlan, timeout: float) -> Decision:
    """Wait for somebody's decision; raises GluePipeError when none comes within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while (decision := find(store, plan)) is None:
        if time.monotonic() > deadline:
            fix = f"When it is approved, apply it: gluepipe apply {plan.environment} --saved {plan.id}"
            raise GluePipeError(f"Nobody decided about {plan.id} within {timeout:.0f} s.", fix)
        time.sleep(POLL_SECONDS)
    return decision


def check(decision: Decision | None, plan: SavedPlan) -> None:
    """Raise GluePipeError unless the plan was approved."""
    if decision is None:
        fix = f"Somebody other than {plan.by} has to: gluepipe approve {plan.id} --reason TEXT"
        raise GluePipeError(f"{plan.id} is not approved yet.", fix)
    if decision.verdict is Verdict.REJECTED:
        raise GluePipeError(f"{plan.id} was {_words(decision)}.", "Make a new plan once that is settled.")


def _words(decision: Decision) -> str:
    reason = f": {decision.reason}" if decision.reason else ""
    return f"{decision.verdict} by {decision.by} at {decision.at}{reason}"
