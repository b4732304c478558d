"""Says in plain words why Terraform failed, where it is known to fail for a reason that people can repair."""

import re
from pathlib import Path

from gluepipe.errors import GluePipeError
from gluepipe.terraform.live_process import Finished

LOCK_FIELD = re.compile(r"^\s*(ID|Path|Operation|Who|Version|Created):\s*(.*?)\s*$", re.MULTILINE)
BOX = re.compile(r"^[╷│╵] ?", re.MULTILINE)
NO_LOCK = "Error acquiring the state lock"
LOOK = "What Terraform says of it names the reason; `gluepipe doctor` checks the account."
STALE = re.compile(r"Saved plan (?:is stale|does not match the given state)")
NO_PROVIDER = re.compile(
    r"Failed to query available provider packages|Failed to install provider|could not connect to registry"
    r"|provider registry.*(?:was not found|does not have)"
)


class NotBegunError(GluePipeError):
    """Terraform refused before it changed anything."""


class StateLockedError(NotBegunError):
    """Another run holds the state's lock, or a dead one left it."""


class StalePlanError(NotBegunError):
    """The state is another one than the plan was made against."""


def explain_failure(command: str, folder: Path, finished: Finished, unlock: str, shown: bool) -> GluePipeError:
    """Return the error to raise for a failed `terraform {command}`; `unlock` has a place for `{id}`.

    What Terraform said of it is part of the error unless it was `shown` already.
    """
    text = BOX.sub("", finished.stderr).strip()
    told = f"\n{text}" if text and not shown else ""
    if NO_LOCK in text:
        return _locked(text, unlock) or NotBegunError(f"The lock of Terraform's state could not be taken.{told}", LOOK)
    if STALE.search(text):
        fix = "Plan again, and have it approved where the plan was a saved one."
        return StalePlanError("Somebody else applied since this was planned; nothing was changed.", fix)
    if command == "init" and NO_PROVIDER.search(text):
        return _no_provider(text)
    code = finished.returncode
    ending = f"was killed by signal {-code}" if code < 0 else f"failed with exit code {code}"
    return GluePipeError(f"terraform {command} {ending} in {folder}.{told}")


def _locked(text: str, unlock: str) -> StateLockedError | None:
    """Say who holds the lock; None where it is nobody, and something else keeps us from it."""
    lock = dict(LOCK_FIELD.findall(text))
    if not lock.get("ID"):
        return None
    operation = lock.get("Operation", "").removeprefix("OperationType").lower() or "unknown"
    lines = [
        "The Terraform state is locked by another run.",
        f"  lock       {lock['ID']}",
        f"  who        {lock.get('Who', 'unknown')}",
        f"  since      {lock.get('Created', 'unknown')}",
        f"  operation  {operation}",
        f"  state      {lock.get('Path', 'unknown')}",
    ]
    command = unlock.replace("{id}", lock["ID"])
    fix = f"If that run is alive, wait for it. Only if you are sure that it is dead, release the lock:\n  {command}"
    return StateLockedError("\n".join(lines), fix)


def _no_provider(text: str) -> GluePipeError:
    fix = (
        "The AWS provider comes from Terraform's registry, which could not be used from here. Either give this "
        "machine access to it, or, on one that has access, run `terraform providers mirror FOLDER` in "
        "terraform/dev/infrastructure, copy FOLDER here and set GLUEPIPE_PROVIDER_MIRROR to it."
    )
    return GluePipeError(f"Terraform found no AWS provider.\n{text}", fix)
