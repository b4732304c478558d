"""How long a first page takes: `files`, `runs` and `status` on a ledger of 100,000 files, as whole processes.

Run: python -m benchmarks.listing [--files 100000] [--rounds 5]. It deploys a copy of this checkout to
emulated accounts, writes the files into the ledger, and starts runs of a job without a script (each fails at once).
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.deployment import administered, deployed_copy, without_sweep
from gluepipe.operations.deployed import Deployed
from lambda_trigger.file_version import FileVersion, order_of
from lambda_trigger.ledger_item import State, new_item, timestamp

COMMANDS = (
    "files dev --state failed",
    "files dev --dataset dataset_3",
    "files dev --dataset dataset_3 --state failed",
    "files dev --since 1h",
    "files dev",
    "runs dev --state failed",
    "runs dev",
    "status dev",
)
DATASETS = 20
RUNS = 1_000  # as many as a job may have at one time
STATES = {State.SUCCEEDED: 97, State.FAILED: 2, State.IGNORED: 1}
WRITERS = 8
ITEMS_PER_WRITE = 25


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.listing", description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with deployed_copy(RUNS) as project:
        deployed = administered(project)
        with without_sweep(deployed):
            write_files(deployed, options.files)
            start_runs(deployed, RUNS)
            for command in COMMANDS:
                print(f"{command:<48}{median_seconds(project.root, command, options.rounds):.2f} s")


def write_files(deployed: Deployed, count: int) -> None:
    """Write items as the trigger and the job leave them, one claimed each second until now."""
    dice, now = random.Random(1), datetime.now(UTC)  # noqa: S311 # nosec B311 # repeatable on purpose
    items = [_item(deployed, number, now, dice) for number in range(count)]
    writes = [items[at : at + ITEMS_PER_WRITE] for at in range(0, count, ITEMS_PER_WRITE)]

    def write(some: list[dict[str, Any]]) -> None:
        requests: Any = [{"PutRequest": {"Item": item}} for item in some]
        deployed.ledger.client.batch_write_item(RequestItems={deployed.names.ledger: requests})

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, writes))


def _item(deployed: Deployed, number: int, now: datetime, dice: random.Random) -> dict[str, Any]:
    key, claimed = f"dataset_{number % DATASETS}/{number:06d}.csv", now - timedelta(seconds=number)
    file = FileVersion(deployed.names.input_bucket, key, f"{number:032x}", "e" * 32, "", 120, order_of("", claimed))
    [state] = dice.choices(list(STATES), list(STATES.values()))
    return new_item(file, state, claimed) | {
        "batch_id": "b" * 16, "manifest": f"s3://{deployed.names.assets_bucket}/manifests/2026-11-25/{'b' * 16}.json",
        "run_id": "jr_" + "0" * 64, "attempts": 1, "release": "benchmark",
        "started_at": timestamp(claimed), "finished_at": timestamp(claimed),
        "rows_read": 100, "rows_written": 100, "rows_quarantined": 0, "rows_rescued": 0,
        "bytes_in": 120, "bytes_out": 2_000, "outputs": [f"{file.dataset}/{file.file_id}-0.parquet"],
    }  # fmt: skip


def start_runs(deployed: Deployed, count: int) -> None:
    """Start runs that fail at once, because the job's script is gone."""
    script = deployed.access.glue.get_job(JobName=deployed.names.job)["Job"]["Command"]["ScriptLocation"]
    bucket, key = script.removeprefix("s3://").split("/", 1)
    deployed.access.s3.delete_object(Bucket=bucket, Key=key)
    for _ in range(count):
        deployed.access.glue.start_job_run(JobName=deployed.names.job)


def median_seconds(root: Path, command: str, rounds: int) -> float:
    """The wall time of a whole process, which must have had something to say."""
    whole = [sys.executable, "-m", "gluepipe", "--project", str(root), *command.split()]
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        finished = subprocess.run(whole, capture_output=True, check=False)  # `status` fails: there are failed files
        seconds.append(time.perf_counter() - began)
        assert finished.stdout, finished.stderr
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
