"""A project of our own per test, and a Terraform that does what the test says."""

import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gluepipe.project import Project
from gluepipe.settings import load

SETTINGS = """
project = "gluepipe"
region = "eu-central-1"
target = "emulator"

[accounts]
pipeline = "111111111111"
dev = "222222222222"
prod = "333333333333"

[environments.dev]
account = "dev"

[environments.prod]
account = "prod"
protected = true

[promotion]
order = ["dev", "prod"]

[prices]
dpu_hour = 0.36
storage_gb_month = 0.02
requests_per_1000_files = 0.10
as_of = 2026-05-31
"""


@pytest.fixture
def settings_text() -> str:
    return SETTINGS


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A folder with nothing but a gluepipe.toml; commands run there find it."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "gluepipe.toml").write_text(SETTINGS)
    monkeypatch.chdir(root)
    monkeypatch.delenv("GLUEPIPE_PROJECT", raising=False)
    return Project(root, load(root / "gluepipe.toml"))


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Path]:
    """Write an executable Python program with the given body; return its path."""

    def write(body: str) -> Path:
        path = tmp_path / "bin" / "terraform"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!{sys.executable}\nimport json, os, signal, sys, time\n{body}")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return write


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A deployed environment in moto that the operators' commands open (`operated.Account`)."""
    from moto import mock_aws

    from gluepipe.operations import deployed
    from tests.cli import operated

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        account = operated.create()
        monkeypatch.setattr(deployed, "open_account", lambda _project, _account: account.access)
        yield account
