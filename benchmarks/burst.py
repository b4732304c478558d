"""A burst against the emulated account: nothing lost, nothing twice. Writes figures; fails when a promise is broken.

Run: python -m benchmarks.burst [--files 2000] [--seed 1] [--no-sweep]. It deploys a copy of this checkout with two job
slots (a minute or two), then uploads. 5 % of the keys are uploaded again at once, 10 % of the events sent twice, 5 % of
the trigger's invocations killed at a random moment, one run killed, the poller restarted once.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.burst_load import Load
from benchmarks.burst_run import Conditions, Outcome, run
from benchmarks.deployment import administered, deployed_copy

SLOTS = 2
PROBLEMS_SHOWN = 20


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.burst", description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-sweep", action="store_true", help="the sweep comes once, at the end")
    options = parser.parse_args()
    load = Load("burst", options.files, options.seed)
    with deployed_copy(SLOTS) as project:
        outcome = run(project, administered(project), load, Conditions(sweep=not options.no_sweep))
    show(options, outcome)
    sys.exit(bool(outcome.problems))


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
