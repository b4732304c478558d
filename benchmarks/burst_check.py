"""What must be true after a burst, read from the ledger, the table and the dead-letter queue."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from concurrent.futures import ThreadPoolExecutor

import pyarrow.parquet as pq

from benchmarks.burst_load import ROWS, Load, Put
from gluepipe.operations.deployed import Deployed
from gluepipe.operations.ledger import Filter, Item, list_files
from gluepipe.operations.runs import Run

READERS = 8
FINAL = frozenset({"succeeded", "failed", "ignored"})


def items_of(deployed: Deployed, load: Load) -> list[Item]:
    return list(list_files(deployed.ledger, Filter(dataset=load.dataset)))


def unfinished(items: list[Item], names: Iterable[str]) -> set[str]:
    """Those of the file ids that the ledger does not have in a final state."""
    return set(names) - {item["file_id"] for item in items if item["state"] in FINAL}


def ledger_problems(items: list[Item], uploaded: Mapping[str, Put], load: Load, excused: Set[str]) -> list[str]:
    """Every version once; the newest of each key succeeded, an older one too unless it was overtaken."""
    counts = Counter(item["file_id"] for item in items)
    problems = [f"{name} is in the ledger {count} times" for name, count in counts.items() if count > 1]
    problems += [f"{name} was never uploaded" for name in counts.keys() - uploaded.keys()]
    problems += [f"{name} has no final state" for name in unfinished(items, uploaded) - excused]
    for item in items:
        put = uploaded.get(item["file_id"])
        is_newest = put is not None and load.newest[put.number] == put.version
        code = (item.get("error") or {}).get("code")
        overtaken = item["state"] == "ignored" and code == "superseded" and not is_newest
        if item["file_id"] not in excused and not (item["state"] == "succeeded" or overtaken):
            problems.append(f"{item['file_id']} ({item['key']}) is {item['state']}: {code}")
    return problems


def table_problems(deployed: Deployed, load: Load, excused: Set[int]) -> list[str]:
    """Every row of the newest version of each key exactly once; keys with the numbers `excused` are not looked at."""
    found = Counter(row for row in rows_of(deployed, load) if row[0] not in excused)
    wanted = Counter(
        (number, version, line)
        for number, version in load.newest.items()
        for line in range(ROWS)
        if number not in excused
    )
    missing, surplus = wanted - found, found - wanted
    return [f"row {row} is missing" for row in missing] + [f"row {row} is there too often" for row in surplus]


def rows_of(deployed: Deployed, load: Load) -> list[tuple[int, int, int]]:
    """The rows of the table, from every object where the catalog says the table is."""
    table = deployed.access.glue.get_table(DatabaseName=deployed.names.database, Name=load.dataset)["Table"]
    bucket, prefix = table["StorageDescriptor"]["Location"].removeprefix("s3://").split("/", 1)
    pages = deployed.access.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [found["Key"] for page in pages for found in page.get("Contents", [])]

    def read(key: str) -> list[tuple[int, int, int]]:
        body = deployed.access.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        columns = pq.read_table(io.BytesIO(body), columns=["id", "version", "line"]).to_pydict()
        return list(zip(*columns.values(), strict=True))

    with ThreadPoolExecutor(READERS) as pool:
        return [row for rows in pool.map(read, keys) for row in rows]


def manifest_of(deployed: Deployed, run: Run) -> set[str]:
    """The file ids that a run was given."""
    bucket, key = run.manifest.removeprefix("s3://").split("/", 1)
    entries = json.loads(deployed.access.s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    return {entry["file_id"] for entry in entries}
