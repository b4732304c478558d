"""A seeded week of an environment: 50,000 files as trigger, job and sweep would have left them in the ledger.

Deliveries come in bursts on working days; one afternoon all job slots were taken, and one morning a sender changed its
format. The same seed and end give the same items.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from lambda_trigger.charge import Usage, shared_out
from lambda_trigger.file_version import FileVersion, order_of
from lambda_trigger.ledger_item import State, new_item, run_item, timestamp

FILES = 50_000
WEEK = timedelta(days=7)
BUCKET = "gluepipe-dev-input-222222222222-eu-central-1"
WORKERS = 2

Item = dict[str, Any]


@dataclass(frozen=True)
class Sender:
    """Who delivers a dataset: how often, how many files at a time, of which size, and how cleanly."""

    dataset: str
    weight: int
    burst: int
    size: float
    set_aside: float = 0.0
    rescued: float = 0.0
    failing: float = 0.0005


SENDERS = [
    Sender("orders", 30, 40, 4e5, set_aside=0.0009, rescued=0.0004),
    Sender("payments", 22, 24, 2e5, set_aside=0.0002),
    Sender("inventory", 14, 30, 9e5, set_aside=0.0031, rescued=0.0112, failing=0.002),
    Sender("shipments", 12, 16, 3e5, set_aside=0.0007, rescued=0.0021),
    Sender("clickstream", 8, 6, 6e7, set_aside=0.00002),
    Sender("sensor_readings", 7, 60, 8e4, set_aside=0.0164, rescued=0.0008, failing=0.004),
    Sender("customers", 4, 3, 2e6, rescued=0.0035),
    Sender("partner_feed", 3, 5, 6e5, set_aside=0.0093, rescued=0.0206, failing=0.02),
]
FAULTS = [
    ("too_many_bad_rows", "412 of 3120 rows cannot be loaded (10 % are tolerated); the first: 14 fields, expected 12."),
    ("empty_file", "It holds no records."),
    ("malformed_quotes", "A quoted field goes on after its closing quote, in line 1204."),
    ("damaged_archive", "The archive ends in the middle of a block; upload it again."),
]
NEW_FORMAT = (
    "schema_conflict",
    "The contract's mode is `fail`, and the file's columns are not the table's: new hub_id.",
)


def week(end: datetime, seed: int = 7, files: int = FILES) -> Iterator[Item]:
    """Every item, files and runs, of the week before `end`, as plain Python values."""
    random = Random(seed)  # noqa: S311 - a seed is the point
    made = 0
    while made < files:
        sender = random.choices(SENDERS, [sender.weight for sender in SENDERS])[0]
        size = min(1 + int(random.expovariate(1 / sender.burst)), files - made)
        yield from _burst(random, sender, _arrival(random, end), size, made)
        made += size


def _arrival(random: Random, end: datetime) -> datetime:
    """A moment of the week; working hours see five times the bursts of a night, and weekends a third of a workday."""
    while True:
        at = end - WEEK * random.random()
        chance = (1 if 6 <= at.hour < 19 else 0.2) * (1 if at.weekday() < 5 else 0.33)
        if random.random() < chance:
            return at


def _burst(random: Random, sender: Sender, at: datetime, count: int, number: int) -> Iterator[Item]:
    """The files of one burst, which share a run, and the run."""
    run_id = f"jr_{number:064x}"
    uploaded, at = at, at + timedelta(seconds=random.uniform(4, 20) + _backlog(random, at))
    began = at + timedelta(seconds=random.lognormvariate(3.2, 0.35))
    files = [_file(random, sender, at, number + index) for index in range(count)]
    paces = [random.uniform(0.4, 2.5) + file.size / 30e6 for file in files]
    seconds = int(12 + sum(paces) / 6)
    run: Any = {"ExecutionTime": seconds, "DPUSeconds": float(seconds * WORKERS)}
    usage = Usage.of(run)
    shares = shared_out(usage.billed, {file.file_id: file.size for file in files})
    done = began
    for file, pace in zip(files, paces, strict=True):
        started, done = done, done + timedelta(seconds=pace / 6)
        item = new_item(file, State.SUCCEEDED, at) | {
            "attempts": 1, "batch_id": run_id[-16:], "manifest": f"s3://assets/manifests/{run_id[-16:]}.json",
            "lease_until": timestamp(at), "run_id": run_id, "release": "4f1c2d9a7b3e8f60", "bytes_in": file.size,
            "started_at": timestamp(started), "finished_at": timestamp(started + timedelta(seconds=pace)),
            "seconds": {"total": round(pace, 3)}, "dpu_seconds": round(shares[file.file_id], 3),
            "charged_runs": {run_id}, "latency": round((started - uploaded).total_seconds() + pace, 3),
        }  # fmt: skip
        yield item | _outcome(random, sender, at, file)
    yield run_item(
        run_id, began, run_state="SUCCEEDED", seconds=seconds, dpu_seconds=round(usage.billed, 3),
        dpu_seconds_used=round(usage.used, 3), files=count, bytes_in=sum(file.size for file in files),
    )  # fmt: skip


def _file(random: Random, sender: Sender, at: datetime, number: int) -> FileVersion:
    size = int(sender.size * random.lognormvariate(0, 0.8))
    key = f"{sender.dataset}/{at:%Y/%m/%d}/{sender.dataset}-{at:%H%M}-{number:05}.csv"
    return FileVersion(BUCKET, key, f"v{number}", f"{number:032x}", "", size, order_of("", at))


def _outcome(random: Random, sender: Sender, at: datetime, file: FileVersion) -> Item:
    rows = max(1, file.size // 210)
    if fault := _fault(random, sender, at):
        error = {"code": fault[0], "message": fault[1], "line": None, "retryable": False}
        state = {"state": State.FAILED, "state_shard": f"failed#{file.file_id[0]}"}
        return {**state, "rows_read": rows, "rows_quarantined": 0, "error": error}
    aside, rescued = (_about(random, rows * share) for share in (sender.set_aside, sender.rescued))
    return {
        "rows_read": rows, "rows_quarantined": aside, "rows_rescued": rescued, "rows_written": rows - aside,
        "bytes_out": file.size // 4,
        "outputs": [f"{sender.dataset}/ingest_date={at:%Y-%m-%d}/{file.file_id}-0.parquet"],
    }  # fmt: skip


def _fault(random: Random, sender: Sender, at: datetime) -> tuple[str, str] | None:
    if sender.dataset == "shipments" and at.weekday() == 4 and 6 <= at.hour < 9:
        return NEW_FORMAT
    return random.choice(FAULTS) if random.random() < sender.failing else None


def _backlog(random: Random, at: datetime) -> float:
    """Seconds that files wait on the Tuesday afternoon on which all slots were taken."""
    hours = at.hour + at.minute / 60 - 13
    return max(0.0, 1 - abs(hours - 1.5) / 1.5) * 1500 * random.uniform(0.7, 1.2) if at.weekday() == 1 else 0.0


def _about(random: Random, expected: float) -> int:
    """Many files have none; some have a few."""
    return int(expected * random.expovariate(1) + random.random())


def seed(table: str, items: Iterable[Item]) -> None:
    """Put items into a table of moto, in this process: past its API, which would take 2 ms each."""
    from moto.dynamodb.models import dynamodb_backends
    from moto.dynamodb.models.dynamo_type import DynamoType
    from moto.dynamodb.models.dynamo_type import Item as StoredItem

    [stored] = [
        backend["eu-central-1"].tables[table]
        for backend in dynamodb_backends.values()
        if table in backend["eu-central-1"].tables
    ]
    for item in items:
        key = DynamoType({"S": item["file_id"]})
        entry = StoredItem(key, None, {})
        for name, value in item.items():
            dict.__setitem__(entry.attrs, name, DynamoType(_wire(value)))
        stored.items[key] = entry


def _wire(value: Any) -> dict[str, Any]:
    """A value as DynamoDB's JSON has it."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float | Decimal):
        return {"N": str(value)}
    if isinstance(value, dict):
        return {"M": {name: _wire(inner) for name, inner in value.items()}}
    if isinstance(value, list):
        return {"L": [_wire(inner) for inner in value]}
    return {"SS": sorted(value)} if isinstance(value, set) else {"S": str(value)}
