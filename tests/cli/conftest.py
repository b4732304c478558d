"""A project of our own per test, and a Terraform that does what the test says."""

import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gluepipe.access import Access
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
def own_accounts(project: Project) -> Project:
    """The same project on AWS, with account ids of somebody's own; commands find it too."""
    path = project.root / "gluepipe.toml"
    text = path.read_text().replace('"emulator"', '"aws"')
    for digit in "123":
        text = text.replace(digit * 12, f"12345678000{digit}")
    path.write_text(text)
    return Project(project.root, load(path))


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Access]:
    """An account in the memory of this process, which every client reaches from now on."""
    import boto3
    from moto import mock_aws

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        yield Access(boto3.Session(region_name="eu-central-1"), None)


@pytest.fixture
def account(in_memory: Access, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A deployed environment that the operators' commands open (`operated.Account`)."""
    from gluepipe.operations import deployed
    from tests.cli import operated

    monkeypatch.setattr(deployed, "open_account", lambda _project, _account: in_memory)
    return operated.create(in_memory)
