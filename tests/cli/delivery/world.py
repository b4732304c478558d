"""A checkout in git, three accounts' stores in one in-memory S3, and a Terraform that plans what a test says."""

import json
import subprocess
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gluepipe.delivery.store import DeliveryStore, open_store
from gluepipe.deployment import package
from gluepipe.deployment.stacks import Deployment
from gluepipe.names import Stack
from gluepipe.project import Project
from gluepipe.settings import Environment
from gluepipe.terraform.runner import PlanResult

CREATES = {"address": "aws_sns_topic.x", "type": "aws_sns_topic", "change": {"actions": ["create"], "after": {}}}
DESTROYS = {"address": "aws_s3_bucket.x", "type": "aws_s3_bucket", "change": {"actions": ["delete"], "before": {}}}


@dataclass
class Planner:
    """What Terraform does: the changes its next plans hold, and a record of what was applied from where."""

    changes: list[dict[str, Any]] = field(default_factory=lambda: [CREATES])
    applied: list[str] = field(default_factory=list)
    planned: list[str] = field(default_factory=list)
    locks: list[str] = field(default_factory=list)
    failing: bool = False
    finished: int = 0


@dataclass(frozen=True)
class FakeTerraform:
    """Terraform of one stack whose state is a serial number in the real store."""

    planner: Planner
    store: DeliveryStore
    key: str
    name: str
    sources: Path

    @property
    def folder(self) -> Path:
        return self.sources / "terraform" / self.name

    def plan(self, out: Path, destroy: bool = False, lock: bool = True) -> PlanResult:
        self.planner.planned.append(self.name)
        out.write_text(json.dumps({"resource_changes": self.planner.changes}))
        return PlanResult.CHANGES if self.planner.changes else PlanResult.NO_CHANGES

    def show_plan(self, plan: Path) -> dict[str, Any]:
        shown: dict[str, Any] = json.loads(plan.read_text())
        return shown

    def apply(self, plan: Path) -> None:
        assert plan.stat().st_mode & 0o077 == 0 or plan.parent.stat().st_mode & 0o077 == 0
        if self.planner.failing:
            raise RuntimeError("apply failed")
        self.planner.applied.append(f"{self.name}: {(self.sources / 'glue_jobs' / 'file_processor.py').read_text()}")
        lock = self.folder / ".terraform.lock.hcl"
        self.planner.locks.append(lock.read_text() if lock.exists() else "")
        state = self.store.read_json(self.key) or {"lineage": "l", "serial": 0}
        self.store.write_json(self.key, {**state, "serial": state["serial"] + 1})
        self.planner.finished += 1


@dataclass(frozen=True)
class FakeDeployment(Deployment):
    """A deployment that plans with FakeTerraform; everything else is the real thing."""

    planner: Planner = field(default_factory=Planner)

    def terraform(self, stack: Stack) -> Any:
        store = open_store(self.project, self.environment.account)
        key = self.project.settings.names(self.environment).state_key(stack)
        name = f"{self.environment.name}/{stack}"
        return FakeTerraform(self.planner, store, key, name, self.project.root)


@dataclass
class World:
    """All that a delivery test acts on."""

    project: Project
    planner: Planner
    said: list[str] = field(default_factory=list)

    def environment(self, name: str) -> Environment:
        return self.project.settings.environment(name)

    def store(self, name: str) -> DeliveryStore:
        return open_store(self.project, self.environment(name).account)

    def deployment(self, name: str) -> Deployment:
        bundles = package.build(self.project.root)
        return FakeDeployment(self.project, self.environment(name), bundles, toolchain=None, planner=self.planner)  # type: ignore[arg-type]

    def say(self, text: str) -> None:
        self.said.append(text)

    def change_job(self, text: str) -> str:
        """Commit another job script; return the commit."""
        return self._change("glue_jobs/file_processor.py", text)

    def job_of(self, commit: str) -> str:
        """Return the job script of a commit."""
        return git(self.project.root, "show", f"{commit}:glue_jobs/file_processor.py")

    def change_trigger(self, text: str) -> str:
        """Commit another trigger; return the commit."""
        return self._change("lambda_trigger/__init__.py", f"# {text}\n")

    def _change(self, file: str, text: str) -> str:
        (self.project.root / file).write_text(text)
        git(self.project.root, "commit", "-qam", text)
        return git(self.project.root, "rev-parse", "HEAD")

    def snapshot(self) -> tuple[Planner, dict[str, dict[str, bytes]]]:
        """Return what Terraform did until now, and what is in the stores."""
        stores = {name: self.store(name) for name in self.project.settings.environments}
        kept = {name: {key: store.read(key) or b"" for key in store.keys("")} for name, store in stores.items()}
        return deepcopy(self.planner), kept

    def restore(self, snapshot: tuple[Planner, dict[str, dict[str, bytes]]]) -> None:
        """Make everything be again as it was."""
        planner, kept = snapshot
        vars(self.planner).update(vars(deepcopy(planner)))
        for name, objects in kept.items():
            store = self.store(name)
            for key in store.keys(""):
                store.s3.delete_object(Bucket=store.bucket, Key=key)
            for key, content in objects.items():
                store.write(key, content)

    def moved_account(self, name: str, account_id: str) -> Project:
        """Return the project as it would be with another id for an account."""
        settings = self.project.settings
        environment = self.environment(name)
        moved = replace(environment, account=replace(environment.account, id=account_id))
        environments = {**settings.environments, name: moved}
        return replace(self.project, settings=replace(settings, environments=environments))


def git(root: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    finished = subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True, text=True)
    return finished.stdout.strip()


def write_sources(root: Path) -> None:
    """Write the smallest checkout that can be released, and commit it."""
    files = {
        ".gitignore": "dist/\n.gluepipe/\n.terraform.lock.hcl\n",
        "glue_jobs/__init__.py": "",
        "glue_jobs/contracts/.keep": "",
        "glue_jobs/file_processor.py": "first",
        "lambda_trigger/__init__.py": "",
        "modules/application/main.tf": 'module "job" {\n  source = "../glue_job"\n}\n',
        "modules/glue_job/main.tf": "# a job\n",
        "modules/infrastructure/main.tf": "# buckets\n",
    }
    for environment in ("dev", "prod"):
        for stack in Stack:
            files[f"terraform/{environment}/{stack}/main.tf"] = (
                f'module "x" {{\n  source = "../../../modules/{stack}"\n}}\n'
            )
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
