import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from gluepipe.terraform import binary, providers
from tests.places import REPOSITORY

DIGEST = "0123456789abcdef"


@dataclass(frozen=True)
class Terraform:
    """Terraform without an account: it may read the configuration and providers, and nothing else."""

    command: tuple[str, ...]
    environment: Mapping[str, str]

    def run(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, *arguments],
            cwd=folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def init(self, folder: Path) -> None:
        """Initialise a folder without its backend, once."""
        if not (folder / ".terraform").exists():
            done = self.run(folder, "init", "-backend=false", "-input=false", "-no-color")
            assert done.returncode == 0, done.stdout + done.stderr


def without_account(folder: Path) -> Terraform:
    """Terraform that can reach no account; its settings are written into `folder`."""
    config = folder / "terraform.rc"
    providers.write_cli_config(config, os.environ, providers.find_mirror(os.environ))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
    environment = kept | {providers.CONFIG_VARIABLE: str(config), "CHECKPOINT_DISABLE": "1"}
    return Terraform(binary.find().command, environment)


def stage(top: Path) -> Path:
    """Copy the configuration with bundles beside it, so that nothing is written into the source tree."""
    ignored = shutil.ignore_patterns(".terraform*", "*.tfvars.json", "*_override.tf", "backend.hcl")
    for part in ("modules", "terraform"):
        shutil.copytree(REPOSITORY / part, top / part, ignore=ignored)
    for root in (top / "terraform").rglob("main.tf"):
        shutil.copytree(Path(__file__).parent / "roots" / root.parent.name, root.parent / "tests")
    job = top / "dist" / f"job-{DIGEST}"
    job.mkdir(parents=True)
    for bundle in (job / "file_processor.py", job / "glue_jobs.zip", top / "dist" / f"trigger-{DIGEST}.zip"):
        bundle.write_bytes(b"")
    return top


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    return without_account(tmp_path_factory.mktemp("terraform"))


@pytest.fixture(scope="session")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stage(tmp_path_factory.mktemp("configuration"))
