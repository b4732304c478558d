"""The whole job as Glue starts it, its dataset with a transform hook, against services on this machine.

The services are processes beside it, which the measurement leaves out: `benchmarks.object_store` for the files, moto
for the catalog and the ledger.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import boto3

from benchmarks.object_store import ETAG

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

DATASET, DATABASE, LEDGER = "orders", "benchmark", "ledger"
REGION = "eu-central-1"
MADE_UP = "testing"
_FILE_ID, _ORDER = "0123456789abcdef", "1"


@contextmanager
def services(folder: Path, csv: Path) -> Iterator[Mapping[str, str]]:
    """Run the services, `csv` uploaded and announced as the trigger would; gives the job's environment."""
    _upload(folder, csv)
    store, port = _started([sys.executable, "-m", "benchmarks.object_store", str(folder)])
    moto, other_port = _started([sys.executable, "-c", _MOTO])
    endpoint = f"http://127.0.0.1:{other_port}"
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": MADE_UP,
        "AWS_SECRET_ACCESS_KEY": MADE_UP,
        "AWS_DEFAULT_REGION": REGION,
    }
    try:
        _create_account(endpoint)
        yield environment
    finally:
        for process in (store, moto):
            process.terminate()
            process.wait()


_MOTO = """
import time
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
time.sleep(86_400)
"""


def _started(command: list[str]) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    return process, int(process.stdout.readline())


def _upload(folder: Path, csv: Path) -> None:
    for bucket in ("input", "output", "assets"):
        (folder / bucket / DATASET).mkdir(parents=True)
    key = f"{DATASET}/{csv.name}"
    (folder / "input" / key).symlink_to(csv)
    version = {
        "file_id": _FILE_ID,
        "bucket": "input",
        "key": key,
        "version_id": None,
        "etag": ETAG,
        "sequencer": _ORDER,
        "size": csv.stat().st_size,
        "dataset": DATASET,
        "order": _ORDER,
    }
    (folder / "assets/manifest.json").write_text(json.dumps([version]))


def transform(df: DataFrame) -> DataFrame:
    """What hooks are for: leave out rows, add a column, join words."""
    from pyspark.sql import functions as F  # noqa: N812 - the name all of Spark uses

    quarter = F.concat(F.year("ordered_on").cast("string"), F.lit("-Q"), F.quarter("ordered_on").cast("string"))
    kept = df.filter(~F.coalesce(F.col("status") == "amber", F.lit(False)))
    return kept.withColumn("quarter", quarter).withColumn("value", F.col("quantity") * F.col("unit_price"))


def run_job(run_id: str = "jr_1", *, hooked: bool = True) -> int:
    """Run the job in this process on what `services` announced; gives its exit status."""
    from glue_jobs import file_processor

    if hooked:
        module = ModuleType(f"glue_jobs.transforms.{DATASET}")
        module.__spec__ = ModuleSpec(module.__name__, None)
        module.transform = transform  # type: ignore[attr-defined]
        sys.modules[module.__name__] = module
    arguments = {
        "JOB_NAME": "benchmark",
        "JOB_RUN_ID": run_id,
        "manifest": "s3://assets/manifest.json",
        "output_bucket": "output",
        "database": DATABASE,
        "ledger_table": LEDGER,
        "environment": "benchmark",
        "release": "benchmark",
    }
    given = [text for name, value in arguments.items() for text in (f"--{name}", value)]
    return file_processor.main([file_processor.__file__, *given])


def _create_account(endpoint: str) -> None:
    def client(service: str) -> Any:
        keys = {"aws_access_key_id": MADE_UP, "aws_secret_access_key": MADE_UP}
        return boto3.client(service, endpoint_url=endpoint, region_name=REGION, **keys)

    client("glue").create_database(DatabaseInput={"Name": DATABASE})
    client("dynamodb").create_table(
        TableName=LEDGER,
        KeySchema=[{"AttributeName": "file_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "file_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


if __name__ == "__main__":
    sys.exit(run_job(sys.argv[1], hooked=False))
