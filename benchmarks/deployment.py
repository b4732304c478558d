"""An environment of this checkout's own, on emulated accounts that vanish with it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gluepipe import project as projects
from gluepipe.access import open_account_directly
from gluepipe.operations.deployed import Deployed

ROOT = Path(__file__).parents[1]
DEPLOYED = ("glue_jobs", "lambda_trigger", "modules", "terraform")
IGNORED = shutil.ignore_patterns(".terraform*", "__pycache__", "*.hcl")
SWEEP_RULES = ("job-ended", "sweep")


def copy_checkout(root: Path) -> None:
    """Copy what is deployed, as it lies in this checkout, and its settings; what Terraform keeps there stays behind."""
    for name in DEPLOYED:
        shutil.copytree(ROOT / name, root / name, ignore=IGNORED)
    shutil.copy(ROOT / "gluepipe.toml", root)


@contextmanager
def deployed_copy(job_slots: int) -> Iterator[projects.Project]:
    """A copy of this checkout, its `dev` applied (a minute or two)."""
    with tempfile.TemporaryDirectory(prefix="gluepipe-bench-") as folder:
        root = Path(folder)
        copy_checkout(root)
        (root / "terraform/dev/application/slots.auto.tfvars").write_text(f"max_concurrent_runs = {job_slots}\n")
        try:
            gluepipe(root, "apply", "dev")
            yield projects.load(root)
        finally:
            gluepipe(root, "emulator", "down")


def gluepipe(root: Path, *arguments: str) -> None:
    """Run a command of GluePipe; raises CalledProcessError when it fails."""
    subprocess.run(
        [sys.executable, "-m", "gluepipe", "--project", str(root), *arguments], check=True, stdout=sys.stderr
    )


def administered(project: projects.Project) -> Deployed:
    """`dev` as its account's administrator, for what the deploy role may not do."""
    dev = project.settings.environment("dev")
    return Deployed(open_account_directly(project, dev.account), project.settings.names(dev))


@contextmanager
def without_sweep(deployed: Deployed) -> Iterator[None]:
    """Disable what calls the sweep; `deployed` must be administered."""
    events = deployed.access.client("events")
    rules = [deployed.names.component(rule) for rule in SWEEP_RULES]
    for rule in rules:
        events.disable_rule(Name=rule)
    try:
        yield
    finally:
        for rule in rules:
            events.enable_rule(Name=rule)
