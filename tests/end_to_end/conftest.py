"""One applied environment for every test here: a copy of this checkout, its own emulated accounts, real Terraform."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from benchmarks.deployment import copy_checkout
from gluepipe import project as projects
from gluepipe.access import Access, open_account, open_account_directly
from tests.security.secrets import PLANTED

WORKFLOWS = '\n[github]\nrepository = "owner/name"\n'
FIRST, LAST = "test_alarms.py", "test_destroy.py"
# Such that a test can cross each within seconds.
LIMITS = {"daily_dpu_hours": 0.0001, "freshness_hours": 1, "oldest_message_minutes": 1}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the shared environment untouched runs before all else that uses it, what destroys it after."""
    items.sort(key=lambda item: (item.path.name == LAST) - (item.path.name == FIRST))


@dataclass(frozen=True)
class Checkout:
    """A copy of the project, with the command line pointed at it; `said` is all that its commands printed.

    `credentials` are variables to act by, where that is not as the accounts' administrator.
    """

    root: Path
    said: list[str] = field(default_factory=list)
    credentials: Mapping[str, str] = field(default_factory=dict)

    def gluepipe(self, *arguments: str | Path, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gluepipe", "--project", str(self.root), *map(str, arguments)]
        finished = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout, check=False, env=self.environment
        )
        self.said.extend([finished.stdout, finished.stderr])
        return finished

    @property
    def environment(self) -> dict[str, str]:
        """What the commands see: secrets among it, which must appear nowhere (test_secrets.py)."""
        return {**os.environ, **PLANTED, **self.credentials}

    def succeed(self, *arguments: str | Path, timeout: float = 300) -> str:
        """Standard output of a command that must exit 0."""
        finished = self.gluepipe(*arguments, timeout=timeout)
        assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
        return finished.stdout

    def upload(self, *arguments: str | Path) -> list[dict[str, Any]]:
        """The outcome of each file of `gluepipe upload dev … --wait --json`."""
        files: list[dict[str, Any]] = json.loads(self.succeed("upload", "dev", *arguments, "--wait", "--json"))["files"]
        return files

    @cached_property
    def project(self) -> projects.Project:
        return projects.load(self.root)

    @cached_property
    def dev(self) -> Access:
        return open_account(self.project, self.project.settings.environment("dev").account)

    @cached_property
    def administrator(self) -> Access:
        """The dev account as its administrator, for what the deploy role may not do."""
        return open_account_directly(self.project, self.project.settings.environment("dev").account)

    @property
    def names(self) -> Any:
        return self.project.settings.names(self.project.settings.environment("dev"))


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A copy with nothing applied; its emulated accounts end with the session."""
    root = tmp_path_factory.mktemp("checkout with a space")
    copy_checkout(root)
    with (root / "gluepipe.toml").open("a") as settings:
        settings.write(WORKFLOWS)
    limits = "".join(f"  {name} = {value}\n" for name, value in LIMITS.items())
    values = root / "terraform" / "dev" / "infrastructure" / "terraform.tfvars"
    text = re.sub(r"alarm_limits = \{.*?\}", f"alarm_limits = {{\n{limits}}}", values.read_text(), flags=re.S)
    values.write_text(re.sub(r"(alarm_emails +=).*", r'\1 ["on-call@example.com"]', text))
    yield (copy := Checkout(root))
    copy.gluepipe("emulator", "down")


@pytest.fixture(scope="session")
def deployed(checkout: Checkout) -> Checkout:
    """The copy with `dev` applied from nothing."""
    checkout.succeed("emulator", "up")
    checkout.succeed("bootstrap", "dev")
    checkout.succeed("apply", "dev", timeout=600)
    return checkout
