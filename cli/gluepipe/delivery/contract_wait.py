"""Waits for the infrastructure that an application builds on: its contract is there, and nobody is changing it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from gluepipe.delivery.store import open_store
from gluepipe.errors import GluePipeError
from gluepipe.names import Stack
from gluepipe.terraform import state_lock

if TYPE_CHECKING:
    from gluepipe.console import Say
    from gluepipe.delivery.store import DeliveryStore
    from gluepipe.project import Project
    from gluepipe.settings import Environment

POLL_SECONDS = 5.0
CONTRACT = "contract"


def wait(project: Project, environment: Environment, timeout: float, say: Say) -> None:
    """Return once the contract can be built on; raises GluePipeError, naming what is missing, after so many seconds."""
    store = open_store(project, environment.account)
    state_key = project.settings.names(environment).state_key(Stack.INFRASTRUCTURE)
    deadline, said = time.monotonic() + timeout, ""
    while reason := _missing(store, state_key, environment.name):
        if time.monotonic() > deadline:
            fix = f"Deploy it first: gluepipe apply {environment.name} --stack {Stack.INFRASTRUCTURE}"
            raise GluePipeError(f"{reason}, and did not come to be within {timeout:.0f} s.", fix)
        if reason != said:
            say(f"{reason}; waiting")
            said = reason
        time.sleep(POLL_SECONDS)


def _missing(store: DeliveryStore, state_key: str, environment: str) -> str | None:
    if held := state_lock.holder(store.s3, store.bucket, state_key):
        return f"The {Stack.INFRASTRUCTURE} of {environment} is being changed by {held}"
    state: dict[str, Any] = store.read_json(state_key) or {}
    if not state.get("outputs", {}).get(CONTRACT):
        return f"The {Stack.INFRASTRUCTURE} of {environment} has put out no contract (s3://{store.bucket}/{state_key})"
    return None
