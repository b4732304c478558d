"""The script as Glue starts it: a process of its own, everything through arguments and the endpoint."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

from glue_jobs import file_processor
from tests.glue_jobs.lake import ASSETS, DATABASE, LEDGER, OUTPUT, Lake

ROOT = Path(__file__).parents[2]
SCRIPT = file_processor.__file__


def started(*arguments: str) -> subprocess.CompletedProcess[str]:
    given = [
        *("--JOB_NAME", "job", "--JOB_RUN_ID", "jr_1", "--job-bookmark-option", "job-bookmark-disable"),
        *("--output_bucket", OUTPUT, "--database", DATABASE, "--ledger_table", LEDGER),
        *(
            "--region",
            "eu-central-1",
            "--environment",
            "test",
            "--release",
            "abc",
            "--extra-py-files",
            "s3://assets/glue_jobs.zip",
        ),
    ]
    command = [sys.executable, SCRIPT, *given, *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_REGION")}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_a_run_ends_well_although_a_file_is_rejected(served_lake: Lake) -> None:
    good, bad = served_lake.upload("orders/good.csv", "id\n1\n"), served_lake.upload("orders/bad.csv", "")
    body = json.dumps([vars(good), vars(bad)])
    served_lake.s3.put_object(Bucket=ASSETS, Key="manifests/1.json", Body=body)

    run = started("--manifest", f"s3://{ASSETS}/manifests/1.json")

    assert run.returncode == 0, run.stderr
    assert served_lake.values("orders", "id", "processing_job") == [(1, "job")]
    assert served_lake.item(bad.file_id)["error"]["code"] == "empty_file"
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    done = next(line for line in lines if line.get("file_id") == good.file_id)
    assert done.keys() >= {"level", "message", "timestamp", "dataset", "source_file", "run_id", "release"}
    (error,) = (line for line in lines if line["level"] == "ERROR")
    assert (error["level"], error["file_id"], error["run_id"]) == ("ERROR", bad.file_id, "jr_1")


def test_a_run_that_must_be_repeated_fails(served_lake: Lake) -> None:
    version = served_lake.upload("orders/good.csv", "id\n1\n")
    served_lake.s3.put_object(Bucket=ASSETS, Key="manifests/1.json", Body=json.dumps([vars(version)]))
    served_lake.glue.delete_database(Name=DATABASE)

    run = started("--manifest", f"s3://{ASSETS}/manifests/1.json")

    assert run.returncode == 1
    assert served_lake.item(version.file_id)["error"]["retryable"] is True


def test_a_manifest_that_is_not_there_is_named(served_lake: Lake) -> None:
    run = started("--manifest", f"s3://{ASSETS}/manifests/none.json")

    assert run.returncode == 1
    (error,) = (json.loads(line) for line in run.stdout.splitlines())
    assert f"There is no manifest s3://{ASSETS}/manifests/none.json" in error["message"]
    assert "exception" not in error


def test_a_missing_argument_is_named() -> None:
    run = started()

    assert run.returncode == 1
    assert "--manifest" in json.loads(run.stdout)["message"]


def test_importing_the_script_does_nothing(capfd) -> None:
    importlib.reload(file_processor)

    assert capfd.readouterr() == ("", "")
