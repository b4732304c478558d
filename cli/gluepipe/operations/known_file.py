"""A file of which it is known what has to become of it: it goes in, is followed to its table, and is removed again."""

from __future__ import annotations

import io
import secrets
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from gluepipe import data_buckets
from gluepipe.access import Access
from gluepipe.operations import ledger
from gluepipe.operations.deployed import Deployed
from gluepipe.operations.ledger import Filter
from gluepipe.operations.upload import Outcome, Upload, open_bucket
from gluepipe.project import Project
from gluepipe.settings import Environment
from lambda_trigger.file_version import key_id

# Nobody else's data may go to datasets of this prefix: their tables are dropped.
DATASET_PREFIX = "gluepipe_smoke_"
FILE_NAME = "smoke.csv"
LONGEST = timedelta(hours=1)  # what was sent earlier is not waited for any more
IDS = ["00501", "00502", "00503"]
TEXT = 'id,name,amount\n00501,Zoë,1.50\n00502,"quoted, with\na line end",2.25\n00503,,-3\n'


def send(project: Project, environment: Environment, timeout: float) -> list[str]:
    """Send it through an environment within `timeout` seconds, and clean up; return what was wrong, in words."""
    bucket, now = open_bucket(project, environment), datetime.now(UTC)
    clear_away(bucket.deployed, now - LONGEST)
    dataset = f"{_begun(now)}_{secrets.token_hex(2)}"
    with tempfile.TemporaryDirectory(prefix="gluepipe-") as folder:
        file = Path(folder) / FILE_NAME
        file.write_text(TEXT, encoding="utf-8")
        uploaded = bucket.upload(file, dataset)
    try:
        (outcome,) = bucket.follow([uploaded], timeout)
        return _problems(bucket.deployed, outcome)
    finally:
        _remove(bucket.deployed, dataset, [(uploaded.file_id, key_id(uploaded.bucket, uploaded.key))])


def clear_away(deployed: Deployed, before: datetime) -> None:
    """Remove what was sent before a moment and never removed, because whoever sent it was killed."""
    for dataset in _datasets(deployed):
        if dataset < _begun(before):
            sent = ledger.list_files(deployed.ledger, Filter(dataset), attributes=("file_id", "bucket", "key"))
            _remove(deployed, dataset, [(item["file_id"], key_id(item["bucket"], item["key"])) for item in sent])


def _begun(moment: datetime) -> str:
    """The beginning of the names of the datasets of a moment, which sort by it."""
    return f"{DATASET_PREFIX}{moment:%Y%m%d%H%M%S}"


def _datasets(deployed: Deployed) -> set[str]:
    tables = deployed.access.glue.get_tables(DatabaseName=deployed.names.database, Expression=f"^{DATASET_PREFIX}.*")[
        "TableList"
    ]
    folders = deployed.access.s3.list_objects_v2(
        Bucket=deployed.names.input_bucket, Prefix=DATASET_PREFIX, Delimiter="/"
    ).get("CommonPrefixes", [])
    return {table["Name"] for table in tables} | {folder["Prefix"].rstrip("/") for folder in folders}


def _remove(deployed: Deployed, dataset: str, items: Iterable[tuple[str, str]]) -> None:
    """Remove a dataset's file, rows, ledger items (of the file and of its key) and, at last, its table."""
    access, names = deployed.access, deployed.names
    for bucket in names.data_buckets:
        data_buckets.empty(access.s3, bucket, prefix=f"{dataset}/")
    for item in chain.from_iterable(items):
        access.dynamodb.delete_item(TableName=names.ledger, Key={"file_id": {"S": item}})
    access.glue.batch_delete_table(DatabaseName=names.database, TablesToDelete=[dataset])


def _problems(deployed: Deployed, outcome: Outcome) -> list[str]:
    if not outcome.is_final:
        return [f"the file is still {outcome.state}"]
    if outcome.state != "succeeded":
        return [f"the file {outcome.state}: {outcome.reason or 'no reason given'}"]
    return [*_wrong_rows(deployed.access, outcome), *_wrong_table(deployed, outcome.upload)]


def _wrong_rows(access: Access, outcome: Outcome) -> list[str]:
    rows = [row for output in outcome.item.get("outputs") or [] for row in _read(access, output)]
    problems = []
    if (ids := sorted(str(row.get("id")) for row in rows)) != IDS:
        problems.append(f"the rows are {ids}, not {IDS}")
    if wrong := {row.get("source_file") for row in rows} - {outcome.upload.uri}:
        problems.append(f"source_file is {wrong.pop()}, not {outcome.upload.uri}")
    return problems


def _read(access: Access, uri: str) -> list[dict[str, Any]]:
    import pyarrow.parquet as parquet

    bucket, key = uri.removeprefix("s3://").split("/", 1)
    content = access.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    rows: list[dict[str, Any]] = parquet.ParquetFile(io.BytesIO(content)).read().to_pylist()
    return rows


def _wrong_table(deployed: Deployed, uploaded: Upload) -> list[str]:
    from glue_jobs.metadata import METADATA_COLUMNS

    database, expected = deployed.names.database, list(METADATA_COLUMNS)
    found = deployed.access.glue.get_tables(DatabaseName=database, Expression=f"^{uploaded.dataset}$")["TableList"]
    if not found:
        return [f"there is no table {database}.{uploaded.dataset}"]
    columns = [column["Name"] for column in found[0]["StorageDescriptor"]["Columns"]]
    if columns[-len(expected) :] != expected:
        return [f"the table's last columns are {columns[-len(expected) :]}, not {expected}"]
    return []
