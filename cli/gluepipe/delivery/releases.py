"""The record of what was released where: one per apply and stack, kept in the state bucket of the environment."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from gluepipe.delivery import actors, bundle_store, sources
from gluepipe.delivery.plan_summary import NOTHING, PlanSummary, from_document, summarise
from gluepipe.delivery.store import DeliveryStore, open_store
from gluepipe.errors import UsageProblem
from gluepipe.moments import stamp
from gluepipe.names import Stack
from gluepipe.terraform.failures import NotBegunError
from gluepipe.terraform.runner import PlanResult

if TYPE_CHECKING:
    from gluepipe.deployment.package import Bundle
    from gluepipe.deployment.stacks import Deployment, StackPlan

BUNDLE_KINDS = {Stack.INFRASTRUCTURE: bundle_store.TRIGGER, Stack.APPLICATION: bundle_store.JOB}


class Kind(StrEnum):
    """What led to a release."""

    APPLY = "apply"
    PROMOTION = "promotion"
    ROLLBACK = "rollback"


class Result(StrEnum):
    """How the apply of a release ended; one without an end is under way, or was broken off."""

    UNFINISHED = "unfinished"
    APPLIED = "applied"
    FAILED = "failed"
    REFUSED = "refused"  # by Terraform, before anything was changed


# Why a release cannot be repeated, in words that follow its id.
ENDINGS = {
    Result.UNFINISHED: "did not finish",
    Result.FAILED: "failed",
    Result.REFUSED: "was refused by Terraform",
}


class Smoke(StrEnum):
    """What the smoke test of a release said; infrastructure without any application cannot be tested yet."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_POSSIBLE = "not possible"


@dataclass(frozen=True)
class Version:
    """What a release of a stack is made of: its commit, its bundle's digest, the digest of its Terraform modules."""

    stack: Stack
    commit: str
    clean: bool
    bundle: str
    modules: str

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Version:
        """Read back what `asdict` made of one."""
        return cls(**{**document, "stack": Stack(document["stack"])})

    def same_content(self, other: Version) -> bool:
        """Tell whether both are the same bytes and modules, whatever their commits are called."""
        return (self.stack, self.bundle, self.modules) == (other.stack, other.bundle, other.modules)

    def __str__(self) -> str:
        commit = (
            f"{self.commit[:12]}{'' if self.clean else ' with uncommitted changes'}" if self.commit else "no commit"
        )
        return f"{commit}, {BUNDLE_KINDS[self.stack]} {self.bundle}"


@dataclass(frozen=True)
class Origin:
    """Why a release was made: the release it repeats and the saved plan it applied, both empty for a plain apply."""

    kind: Kind = Kind.APPLY
    source: str = ""
    plan: str = ""
    approved_by: str = ""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Origin:
        """Read back what `asdict` made of one."""
        return cls(**{**document, "kind": Kind(document["kind"])})


@dataclass(frozen=True)
class Release:
    """One release; `summary` is that of the plan that it applied."""

    id: str
    environment: str
    version: Version
    at: str
    by: str
    result: Result
    summary: PlanSummary
    origin: Origin = Origin()
    smoke: Smoke | None = None

    @property
    def fault(self) -> str:
        """Why it cannot be repeated, in words that follow its id; empty where it can."""
        unclean = "" if self.version.clean else "was made from uncommitted changes"
        return ENDINGS.get(self.result, unclean)

    @property
    def key(self) -> str:
        """Key of the record in the delivery store."""
        return f"{_prefix(self.environment, self.version.stack)}{self.id}.json"


@dataclass(frozen=True)
class Standing:
    """What a stack runs: `live`, its newest applied release, unless there is a `doubtful` one that is newer.

    That one did not end well, and may have been applied in part.
    """

    live: Release | None = None
    doubtful: Release | None = None

    @property
    def is_certain(self) -> bool:
        """Whether the live release is all that the stack runs."""
        return self.doubtful is None

    @property
    def newest_id(self) -> str:
        """Id of the newest release that may have changed anything; empty where there is none."""
        newest = self.doubtful or self.live
        return newest.id if newest else ""


def history(store: DeliveryStore, environment: str, stack: Stack) -> list[Release]:
    """Return all releases of a stack, the newest first."""
    return list(newest_first(store, environment, stack))


def newest_first(store: DeliveryStore, environment: str, stack: Stack) -> Iterator[Release]:
    """Yield the releases of a stack, the newest first, each read only when it is asked for."""
    for key in sorted(store.keys(_prefix(environment, stack)), reverse=True):
        yield _read(store.read_json(key))


def standing(releases: Iterable[Release]) -> Standing:
    """Return what a stack runs by its releases, the newest first; reads no further than it has to."""
    doubtful = None
    for release in releases:
        if release.result is Result.APPLIED:
            return Standing(release, doubtful)
        if release.result is not Result.REFUSED:
            doubtful = doubtful or release
    return Standing(None, doubtful)


def find(history: list[Release], identifier: str) -> Release:
    """Return the release whose id, or whose id's beginning, is given; raises UsageProblem for none or several."""
    found = [release for release in history if release.id.startswith(identifier)]
    if len(found) == 1:
        return found[0]
    reason = f'No release "{identifier}".' if not found else f'"{identifier}" begins {len(found)} releases.'
    raise UsageProblem(reason, "`gluepipe releases ENV` lists them.")


def mark_smoke(store: DeliveryStore, release: Release, smoke: Smoke) -> Release:
    """Write the smoke test's verdict into a release's record."""
    marked = replace(release, smoke=smoke)
    _write(store, marked)
    return marked


def version_of(deployment: Deployment, stack: Stack) -> Version:
    """Return what a deployment would release."""
    checkout = sources.revision(deployment.project.root)
    return Version(
        stack=stack,
        commit=checkout.commit,
        clean=checkout.clean,
        bundle=own_bundle(deployment, stack).digest,
        modules=sources.modules_digest(deployment.project.root, f"terraform/{deployment.environment.name}/{stack}"),
    )


def own_bundle(deployment: Deployment, stack: Stack) -> Bundle:
    """Return the bundle that a stack uploads."""
    bundles = deployment.bundles
    return bundles.trigger if BUNDLE_KINDS[stack] == bundle_store.TRIGGER else bundles.job


@contextmanager
def recorded(
    deployment: Deployment,
    planned: StackPlan,
    version: Version | None = None,
    origin: Origin = Origin(),
    summary: PlanSummary | None = None,
) -> Iterator[None]:
    """Record what the block applies, before it begins and when it has ended; `summary` is the plan's, if there is one.

    What never comes to its end, as when this process is killed, stays on record as unfinished. A plan without changes
    is recorded only where the newest release is another version, or did not end well.
    """
    store = open_store(deployment.project, deployment.environment.account)
    version = version or version_of(deployment, planned.stack)
    before = standing(newest_first(store, deployment.environment.name, planned.stack))
    stands = before.live is not None and before.is_certain and before.live.version == version
    if planned.result is PlanResult.NO_CHANGES and stands:
        yield
        return
    bundle = own_bundle(deployment, planned.stack)
    bundle_store.keep(store, BUNDLE_KINDS[planned.stack], bundle, deployment.project.root)
    release = _draft(deployment, version, origin, summary or summarise_plan(deployment, planned))
    _write(store, release)
    try:
        yield
    except BaseException as error:
        result = Result.REFUSED if isinstance(error, NotBegunError) else Result.FAILED
        with suppress(BotoCoreError, ClientError):  # it stays unfinished then; what failed first is what to tell
            _write(store, replace(release, result=result))
        raise
    _write(store, replace(release, result=Result.APPLIED))


def summarise_plan(deployment: Deployment, planned: StackPlan) -> PlanSummary:
    """Summarise a plan that lies in its file; asks Terraform, which takes seconds."""
    if planned.result is PlanResult.NO_CHANGES:
        return NOTHING
    return summarise(deployment.terraform(planned.stack).show_plan(planned.file))


def _draft(deployment: Deployment, version: Version, origin: Origin, summary: PlanSummary) -> Release:
    at = datetime.now(UTC)
    return Release(
        id=identifier(at),
        environment=deployment.environment.name,
        version=version,
        at=stamp(at),
        by=actors.current(deployment.project),
        result=Result.UNFINISHED,
        summary=summary,
        origin=origin,
    )


def identifier(at: datetime) -> str:
    """Return a new id; ids sort by their time."""
    return f"{at:%Y%m%dT%H%M%S%f}"[:-3] + f"Z-{secrets.token_hex(2)}"


def _write(store: DeliveryStore, release: Release) -> None:
    store.write_json(release.key, asdict(release))


def _read(document: Mapping[str, Any]) -> Release:
    smoke = document["smoke"]
    return Release(
        **{
            **document,
            "version": Version.of(document["version"]),
            "origin": Origin.of(document["origin"]),
            "result": Result(document["result"]),
            "summary": from_document(document["summary"]),
            "smoke": Smoke(smoke) if smoke else None,
        }
    )


def _prefix(environment: str, stack: Stack) -> str:
    return f"releases/{environment}/{stack}/"
