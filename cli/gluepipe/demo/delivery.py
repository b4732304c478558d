"""The delivery demo: three empty accounts to a promoted, approved, changed and rolled-back release, nothing by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from gluepipe import installation
from gluepipe import project as projects
from gluepipe.console import Say
from gluepipe.errors import GluePipeError
from gluepipe.pipelines.codepipeline import Pipelines, open_pipelines
from gluepipe.project import ROOT_VARIABLE

COPIED = ("cli", "glue_jobs", "lambda_trigger", "modules", "requirements", "terraform")
COPIED_FILES = (".gitignore", "Makefile", "gluepipe.toml", "pyproject.toml")
IGNORED = shutil.ignore_patterns(".terraform*", "__pycache__", "*.auto.tfvars.json", "backend.hcl", "*.egg-info")
JOB_SCRIPT = Path("glue_jobs/file_processor.py")
SHOWN_ERROR = 4000

APPROVER = "release-manager"
STAGES = {
    "infrastructure": ["Source", "Build", "UpdatePipeline", "DeployDev", "Approve", "DeployProd"],
    "application": ["Source", "Build", "UpdatePipeline", "Assets", "DeployDev", "Approve", "DeployProd"],
}


@dataclass(frozen=True)
class Demo:
    """A copy of the checkout, in a git repository of its own, with emulated accounts of its own."""

    root: Path
    say: Say

    def gluepipe(self, *arguments: str, actor: str = "developer") -> str:
        """Run a command as a person would; return what it prints. Raises GluePipeError when it fails."""
        started = time.monotonic()
        finished = subprocess.run(
            [sys.executable, "-m", "gluepipe", *arguments],
            cwd=self.root,
            env={**os.environ, ROOT_VARIABLE: str(self.root), "GLUEPIPE_ACTOR": actor},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        shown = f"gluepipe {' '.join(arguments)}"
        if finished.returncode != 0:
            output = (finished.stdout + finished.stderr)[-SHOWN_ERROR:]
            raise GluePipeError(f"`{shown}` failed with exit code {finished.returncode}:\n{output}")
        self.say(f"{time.monotonic() - started:5.0f} s  {shown}{'' if actor == 'developer' else f'   (as {actor})'}")
        return finished.stdout

    def git(self, *arguments: str) -> None:
        """Run git as the demo's developer."""
        identity = ("-c", "user.name=Developer", "-c", "user.email=developer@example.org")
        subprocess.run(["git", *identity, *arguments], cwd=self.root, check=True, capture_output=True)

    def change_job(self) -> None:
        """Commit another version of the job: what it does stays the same, its bytes do not."""
        script = self.root / JOB_SCRIPT
        script.write_text(f"{script.read_text(encoding='utf-8')}\n# Released a second time.\n", encoding="utf-8")
        self.git("commit", "-qam", "Change the job")


def check_out(source: Path, root: Path, say: Say) -> Demo:
    """Copy what is deployed into a fresh git repository; raises GluePipeError where `make setup` is due."""
    if not installation.is_current(source):
        raise GluePipeError(f"{installation.FOLDER} is not what the checkout asks for.", "Renew it: make setup")
    for name in COPIED:
        # The copies keep their times: make must not take the environment for outdated.
        shutil.copytree(source / name, root / name, ignore=IGNORED)
    for name in COPIED_FILES:
        shutil.copy2(source / name, root / name)
    (root / installation.FOLDER).symlink_to((source / installation.FOLDER).resolve(), target_is_directory=True)
    demo = Demo(root, say)
    demo.git("init", "-q")
    demo.git("add", "-A", "--", *COPIED, *COPIED_FILES)
    demo.git("commit", "-qm", "The first release")
    return demo


def run(demo: Demo) -> None:
    """Go the whole way; raises GluePipeError at the first step that does not do what it should."""
    try:
        _prepare(demo)
        for stack in STAGES:
            demo.gluepipe("pipeline", "run", stack, "--skip", "Build", "--approver", APPROVER)
        _release_a_change(demo)
        demo.gluepipe("rollback", "prod", "--stack", "application", "--yes")
        for environment in ("dev", "prod"):
            demo.say(demo.gluepipe("releases", environment))
    finally:
        demo.gluepipe("emulator", "down")


def check_stages(pipelines: Pipelines) -> None:
    """Compare the pipelines' stages, as the service has them, with what they have to be."""
    for stack, expected in STAGES.items():
        found = [stage["name"] for stage in pipelines.definition(stack)["stages"]]
        if found != expected:
            raise GluePipeError(f"{pipelines.name(stack)} has the stages {found}, not {expected}.")


def _prepare(demo: Demo) -> None:
    demo.gluepipe("emulator", "up")
    for account in ("pipeline", "dev", "prod"):
        demo.gluepipe("bootstrap", account)
    demo.gluepipe("pipeline", "apply")
    check_stages(open_pipelines(projects.load(demo.root)))


def _release_a_change(demo: Demo) -> None:
    demo.change_job()
    demo.gluepipe("apply", "dev", "--stack", "application")
    demo.gluepipe("smoke", "dev")
    plan = demo.gluepipe("promote", "dev", "prod", "--stack", "application", "--save").strip()
    demo.gluepipe("approve", plan, "--reason", "the same job, said again", actor=APPROVER)
    demo.gluepipe("apply", "prod", "--saved", plan)
