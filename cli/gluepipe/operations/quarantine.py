"""The rows that were set aside: which, why, as a file to repair, and how the repaired ones come back."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from glue_jobs.errors import FileRejected
from glue_jobs.open import open_csv
from glue_jobs.options import CsvOptions
from glue_jobs.rejects import Reject
from gluepipe.errors import GluePipeError, UsageProblem
from gluepipe.operations import ledger
from gluepipe.operations.deployed import Deployed
from gluepipe.operations.ledger import Item
from gluepipe.operations.stored_object import StoredObject
from lambda_trigger.ledger import ITEMS_PER_READ

PREFIX = "_quarantine/"


@dataclass(frozen=True)
class Quarantined:
    """The rows set aside of one file version; `item` is its ledger item, empty when that has expired."""

    file_id: str
    dataset: str
    key: str
    written_at: datetime
    item: Item

    def as_document(self) -> dict[str, Any]:
        return {
            "file_id": self.file_id,
            "dataset": self.dataset,
            "source_file": self.item.get("source_file"),
            "rows_quarantined": self.item.get("rows_quarantined"),
            "written_at": self.written_at.isoformat(),
        }


def list_quarantined(deployed: Deployed, dataset: str | None = None) -> Iterator[Quarantined]:
    """Every file with rows set aside, or those of one dataset, by dataset and file_id."""
    prefix = f"{PREFIX}{dataset}/" if dataset else PREFIX
    pages = deployed.access.s3.get_paginator("list_objects_v2").paginate(
        Bucket=deployed.names.output_bucket, Prefix=prefix, PaginationConfig={"PageSize": ITEMS_PER_READ}
    )
    for page in pages:
        objects = {Path(found["Key"]).stem: found for found in page.get("Contents", [])}
        items = ledger.read(deployed.ledger, list(objects))
        for file_id, found in objects.items():
            dataset_of_key = found["Key"].split("/")[1]
            yield Quarantined(file_id, dataset_of_key, found["Key"], found["LastModified"], items.get(file_id, {}))


def find(deployed: Deployed, file: str) -> Item:
    """The newest version of a file that has rows set aside; raises UsageProblem when none has."""
    for item in ledger.find(deployed.ledger, deployed.names, file):
        if item.get("rows_quarantined"):
            return item
    fix = f"Files with such rows: gluepipe quarantine list {deployed.names.environment}"
    raise UsageProblem(f"No row of {file} was set aside.", fix)


def rows_of(deployed: Deployed, item: Item) -> Iterator[Reject]:
    """The rows set aside of a file version, in the file's order; raises GluePipeError when they are gone."""
    bucket, key = deployed.names.output_bucket, f"{PREFIX}{item['dataset']}/{item['file_id']}.jsonl"
    s3 = deployed.access.s3
    try:
        lines = s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines()
    except s3.exceptions.NoSuchKey:
        raise GluePipeError(f"s3://{bucket}/{key} is gone.", "Replay the file to have it written again.") from None
    return map(_row, lines)


def _row(line: bytes) -> Reject:
    content = json.loads(line)
    raw = base64.b64decode(content["raw_base64"]) if "raw_base64" in content else content["raw"].encode()
    return Reject(content["line"], content["reason"], content["detail"], raw)


def reasons_of(rows: list[Reject]) -> dict[str, int]:
    """How many rows were set aside for each reason, the most frequent first."""
    return dict(Counter(row.reason for row in rows).most_common())


def export(deployed: Deployed, item: Item, target: Path) -> int:
    """Write the file's header and the rows set aside as they were, ready to be repaired; returns how many rows.

    Raises UsageProblem where the target is there already: it may hold somebody's repairs.
    """
    if target.exists():
        raise UsageProblem(f"{target} is there already.", "Name another file, or remove that one first.")
    rows, draft = rows_of(deployed, item), target.with_name(f"{target.name}.draft")
    with draft.open("wb") as file:
        file.write(_header(deployed, item))
        count = sum(file.write(row.raw + b"\n") > 0 for row in rows)
    draft.rename(target)
    return count


def upload_repaired(deployed: Deployed, item: Item, repaired: Path) -> str:
    """Upload repaired rows as a file of the same dataset, always under the same key; returns its s3:// URI."""
    folder, slash, _ = str(item["key"]).partition("/")
    key = f"{folder}/repaired/{item['file_id']}.csv" if slash else f"repaired-{item['file_id']}.csv"
    deployed.access.s3.upload_file(str(repaired), deployed.names.input_bucket, key)
    return f"s3://{deployed.names.input_bucket}/{key}"


def _header(deployed: Deployed, item: Item) -> bytes:
    """The header of the original file; nothing where it has none or cannot be read any more."""
    s3 = deployed.access.s3
    try:
        original = StoredObject(s3, item["bucket"], item["key"], int(item["size"]), item.get("version_id"))
        with open_csv(original, CsvOptions()) as file:
            header, delimiter = file.dialect.header, file.dialect.delimiter
    except (FileRejected, s3.exceptions.ClientError):
        return b""
    if header is None:
        return b""
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="\n").writerow(header)
    return line.getvalue().encode()
