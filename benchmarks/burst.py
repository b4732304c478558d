"""A burst against the emulated account: nothing lost, nothing twice. Writes figures; fails when a promise is broken.

Run: python -m benchmarks.burst [--files 2000] [--seed 1] [--no-sweep]. It deploys a copy of this checkout with two job
slots (a minute or two), then uploads. 5 % of the keys are uploaded again at once, 10 % of the events sent twice, 5 % of
the trigger's invocations killed at a random moment, one run killed, the poller restarted once.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.burst_load import Load
from benchmarks.burst_run import Conditions, Outcome, run
from gluepipe import project as projects
from gluepipe.deployed import open_environment

ROOT = Path(__file__).parents[1]
DEPLOYED = ("glue_jobs", "lambda_trigger", "modules", "terraform")
IGNORED = shutil.ignore_patterns(".terraform*", "__pycache__", "*.hcl")
SLOTS = 2
PROBLEMS_SHOWN = 20


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.burst", description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-sweep", action="store_true", help="the sweep comes once, at the end")
    options = parser.parse_args()
    load = Load("burst", options.files, options.seed)
    with deployed_copy() as project:
        outcome = run(project, open_environment(project, "dev"), load, Conditions(sweep=not options.no_sweep))
    show(options, outcome)
    sys.exit(bool(outcome.problems))


@contextmanager
def deployed_copy() -> Iterator[projects.Project]:
    """A copy of this checkout, applied to emulated accounts of its own that vanish afterwards."""
    with tempfile.TemporaryDirectory(prefix="gluepipe-burst-") as folder:
        root = Path(folder)
        for name in DEPLOYED:
            shutil.copytree(ROOT / name, root / name, ignore=IGNORED)
        shutil.copy(ROOT / "gluepipe.toml", root)
        (root / "terraform/dev/application/slots.auto.tfvars").write_text(f"max_concurrent_runs = {SLOTS}\n")
        try:
            _gluepipe(root, "apply", "dev")
            yield projects.load(root)
        finally:
            _gluepipe(root, "emulator", "down")


def _gluepipe(root: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "gluepipe", "--project", str(root), *arguments], check=True)


def show(options: argparse.Namespace, outcome: Outcome) -> None:
    rows = {
        "keys, versions": f"{options.files}, {outcome.versions}",
        "events sent twice": outcome.repeated,
        "sweep": "once, at the end" if options.no_sweep else "on",
        "uploaded after": f"{outcome.upload_seconds:.0f} s",
        "quiet after": f"{outcome.seconds:.0f} s",
        "runs, files in the largest": f"{len(outcome.runs)}, {max(outcome.runs)}",
        "invocations of the trigger, killed": f"{outcome.metrics['Invocations']}, {outcome.metrics['Errors']}",
        "messages handed back": outcome.metrics["MessagesHandedBack"],
        "files of the killed run, left without a sweep": f"{outcome.killed_files}, {outcome.left}",
        "problems": len(outcome.problems),
    }
    for name, value in rows.items():
        print(f"{name:<48}{value}")
    for problem in outcome.problems[:PROBLEMS_SHOWN]:
        print("  " + problem)


if __name__ == "__main__":
    main()
