"""Plans that are kept until somebody approves them, bound to all that they were made from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluepipe import private_file
from gluepipe.delivery import actors, bundle_store, plan_summary, releases
from gluepipe.delivery.plan_summary import PlanSummary
from gluepipe.delivery.releases import BUNDLE_KINDS, Origin, Version
from gluepipe.delivery.store import DeliveryStore, open_store
from gluepipe.errors import GluePipeError, UsageProblem
from gluepipe.moments import stamp

if TYPE_CHECKING:
    from gluepipe.deployment.stacks import Deployment, StackPlan
    from gluepipe.project import Project
    from gluepipe.settings import Environment

LIFETIME = timedelta(hours=24)
LOCK_FILE = ".terraform.lock.hcl"


@dataclass(frozen=True)
class StateVersion:
    """Which state a plan was made against; serial 0 and no lineage where there was none."""

    lineage: str = ""
    serial: int = 0


@dataclass(frozen=True)
class SavedPlan:
    """A kept plan: `checksum` is the SHA-256 of its file, times are ISO 8601 UTC."""

    id: str
    environment: str
    account_id: str
    version: Version
    state: StateVersion
    origin: Origin
    by: str
    at: str
    expires_at: str
    checksum: str
    summary: PlanSummary

    @property
    def folder(self) -> str:
        """Where its objects stand in the delivery store."""
        return f"plans/{self.environment}/{self.id}/"

    @property
    def file_key(self) -> str:
        return f"{self.folder}plan.tfplan"

    @property
    def lock_key(self) -> str:
        return f"{self.folder}{LOCK_FILE}"

    @property
    def record_key(self) -> str:
        return f"{self.folder}record.json"

    @property
    def decision_key(self) -> str:
        return f"{self.folder}decision.json"

    def check_expiry(self, now: datetime) -> None:
        """Raise GluePipeError where it is too old to be approved or applied."""
        if stamp(now) > self.expires_at:
            raise GluePipeError(f"{self.id} expired at {self.expires_at}.", "Make a new plan and have it approved.")


def save(deployment: Deployment, planned: StackPlan, version: Version, origin: Origin) -> SavedPlan:
    """Keep a plan with the bundle it uploads; raises UsageProblem where its sources are not all in git."""
    project, environment = deployment.project, deployment.environment
    if not (version.commit and version.clean):
        fix = "Commit your changes and plan again, so that what is approved can be found again."
        raise UsageProblem("A plan can only be saved from sources that are in git.", fix)
    store, stack = open_store(project, environment.account), planned.stack
    now, content = datetime.now(UTC), planned.file.read_bytes()
    plan = SavedPlan(
        id=f"{environment.name}-{stack}-{releases.identifier(now)}",
        environment=environment.name,
        account_id=environment.account.id,
        version=version,
        state=state_version(store, project.settings.names(environment).state_key(stack)),
        origin=origin,
        by=actors.current(project),
        at=stamp(now),
        expires_at=stamp(now + LIFETIME),
        checksum=hashlib.sha256(content).hexdigest(),
        summary=releases.summarise_plan(deployment, planned),
    )
    bundle_store.keep(store, BUNDLE_KINDS[stack], releases.own_bundle(deployment, stack), project.root)
    store.write(plan.file_key, content)
    lock = deployment.terraform(stack).folder / LOCK_FILE
    if lock.is_file():
        store.write(plan.lock_key, lock.read_bytes())
    store.write_json(plan.record_key, asdict(plan))
    planned.file.unlink()
    return plan


def environment_of(project: Project, identifier: str) -> Environment:
    """Return the environment that a plan's id names; raises UsageProblem for what is no plan's id."""
    parts = identifier.split("-", 2)
    if len(parts) < 3 or parts[1] not in BUNDLE_KINDS:
        raise UsageProblem(f'"{identifier}" is not the id of a saved plan.', "It looks like prod-application-2026….")
    return project.settings.environment(parts[0])


def open_plan(project: Project, identifier: str) -> tuple[DeliveryStore, SavedPlan]:
    """Return a saved plan and the store that holds it; raises as `environment_of` and `load` do."""
    environment = environment_of(project, identifier)
    store = open_store(project, environment.account)
    return store, load(store, environment, identifier)


def load(store: DeliveryStore, environment: Environment, identifier: str) -> SavedPlan:
    """Return a saved plan; raises UsageProblem where there is none of that id, GluePipeError in another account."""
    document = store.read_json(f"plans/{environment.name}/{identifier}/record.json")
    if document is None:
        fix = f"Make one: gluepipe plan {environment.name} --save"
        raise UsageProblem(f"No saved plan {identifier} in {store.bucket}.", fix)
    plan = _read(document)
    if plan.account_id != environment.account.id:
        reason = (
            f"{plan.id} was made for account {plan.account_id}, but {environment.name} is {environment.account.id}."
        )
        raise GluePipeError(reason, "Make a new plan for that account.")
    return plan


def moved(store: DeliveryStore, plan: SavedPlan, state_key: str) -> list[str]:
    """Return what no longer is as it was when the plan was made, in words; nothing where it can be applied."""
    state = state_version(store, state_key)
    content = store.read(plan.file_key)
    reasons = []
    if state.lineage != plan.state.lineage and plan.state.lineage:
        reasons.append(f"the state was replaced by another one (lineage {state.lineage or 'none'})")
    elif state.serial != plan.state.serial:
        reasons.append(f"the state moved from serial {plan.state.serial} to {state.serial}")
    if content is None or hashlib.sha256(content).hexdigest() != plan.checksum:
        reasons.append("its file is not the one that was saved")
    return reasons


def write_file(store: DeliveryStore, plan: SavedPlan, path: Path) -> None:
    """Write the plan's file, readable by its owner only: it holds every value it was made from."""
    private_file.write(path, store.read(plan.file_key) or b"")


def write_lock(store: DeliveryStore, plan: SavedPlan, folder: Path) -> None:
    """Write the lock file that the plan was made with: Terraform applies it with those very providers only."""
    if (lock := store.read(plan.lock_key)) is not None:
        (folder / LOCK_FILE).write_bytes(lock)


def state_version(store: DeliveryStore, state_key: str) -> StateVersion:
    """Return which state is there now."""
    state = store.read_json(state_key)
    return StateVersion(state["lineage"], state["serial"]) if state else StateVersion()


def _read(document: Mapping[str, Any]) -> SavedPlan:
    return SavedPlan(
        **{
            **document,
            "version": Version.of(document["version"]),
            "state": StateVersion(**document["state"]),
            "origin": Origin.of(document["origin"]),
            "summary": plan_summary.from_document(document["summary"]),
        }
    )
