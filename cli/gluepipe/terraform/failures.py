"""Says in plain words why Terraform failed, where it is known to fail for a reason that people can repair."""

import re
from pathlib import Path

from gluepipe.errors import GluePipeError

LOCK_FIELD = re.compile(r"^\s*(ID|Path|Operation|Who|Version|Created):\s*(.*?)\s*$", re.MULTILINE)
BOX = re.compile(r"^[╷│╵] ?", re.MULTILINE)
STALE = re.compile(r"Saved plan (?:is stale|does not match the given state)")
NO_PROVIDER = re.compile(
    r"Failed to query available provider packages|Failed to install provider|could not connect to registry"
    r"|provider registry.*(?:was not found|does not have)"
)
# Their output is not streamed, so the error has to carry it.
HIDDEN_COMMANDS = frozenset({"init", "output", "show", "state list"})


class NotBegunError(GluePipeError):
    """Terraform refused before it changed anything."""


class StateLockedError(NotBegunError):
    """Another run holds the state's lock, or a dead one left it."""


class StalePlanError(NotBegunError):
    """The state is another one than the plan was made against."""


def explain_failure(command: str, folder: Path, returncode: int, stderr: str, unlock: str) -> GluePipeError:
    """Return the error to raise for a failed `terraform {command}`; `unlock` has a place for `{id}`."""
    text = BOX.sub("", stderr)
    if "Error acquiring the state lock" in text:
        return _locked(text, unlock)
    if STALE.search(text):
        fix = "Plan again: run the same command once more."
        return StalePlanError("Somebody else applied since this was planned; nothing was changed.", fix)
    if command == "init" and NO_PROVIDER.search(text):
        return _no_provider(text)
    shown = f"\n{text.strip()}" if command in HIDDEN_COMMANDS and text.strip() else ""
    ending = f"was killed by signal {-returncode}" if returncode < 0 else f"failed with exit code {returncode}"
    return GluePipeError(f"terraform {command} {ending} in {folder}.{shown}")


def _locked(text: str, unlock: str) -> StateLockedError:
    lock = dict(LOCK_FIELD.findall(text))
    operation = lock.get("Operation", "").removeprefix("OperationType").lower() or "unknown"
    lines = [
        "The Terraform state is locked by another run.",
        f"  lock       {lock.get('ID', 'unknown')}",
        f"  who        {lock.get('Who', 'unknown')}",
        f"  since      {lock.get('Created', 'unknown')}",
        f"  operation  {operation}",
        f"  state      {lock.get('Path', 'unknown')}",
    ]
    command = unlock.replace("{id}", lock.get("ID", "LOCK_ID"))
    fix = f"If that run is alive, wait for it. Only if you are sure that it is dead, release the lock:\n  {command}"
    return StateLockedError("\n".join(lines), fix)


def _no_provider(text: str) -> GluePipeError:
    fix = (
        "The AWS provider comes from Terraform's registry, which could not be used from here. Either give this "
        "machine access to it, or, on one that has access, run `terraform providers mirror FOLDER` in "
        "terraform/dev/infrastructure, copy FOLDER here and set GLUEPIPE_PROVIDER_MIRROR to it."
    )
    return GluePipeError(f"Terraform found no AWS provider.\n{text.strip()}", fix)
