"""The ledger's item: its states, the attributes it begins with, and who may take it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from lambda_trigger.events import FileEvent
from lambda_trigger.file_version import FileVersion

LEASE = timedelta(seconds=180)
ITEM_LIFE = timedelta(days=180)
RUN = "run"  # takes the place of a state in the index keys of runs

Item = Mapping[str, Any]


class State(StrEnum):
    CLAIMED = "claimed"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    IGNORED = "ignored"


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: text that sorts by time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_item(file: FileVersion, state: State, now: datetime) -> dict[str, Any]:
    """The attributes a file version begins with."""
    return {
        "file_id": file.file_id,
        "bucket": file.bucket,
        "key": file.key,
        "version_id": file.version_id,
        "etag": file.etag,
        "sequencer": file.sequencer,
        "order": file.order,
        "dataset": file.dataset,
        "source_file": file.source_file,
        "size": file.size,
        "attempts": 0,
        "claimed_at": timestamp(now),
        "dataset_shard": f"{file.dataset}#{file.file_id[0]}",
        "expires_at": int((now + ITEM_LIFE).timestamp()),
        **state_of(file.file_id, state),
    }


def state_of(file_id: str, state: State) -> dict[str, str]:
    """A state and the index key that goes with it; they are always written together."""
    return {"state": state, "state_shard": f"{state}#{file_id[0]}"}


def run_item(run_id: str, started_at: datetime, **attributes: Any) -> dict[str, Any]:
    """A run's own item. The index `by_state` lists runs, as it does files, by when they began."""
    return {
        "file_id": f"run#{run_id}",
        "run_id": run_id,
        "claimed_at": timestamp(started_at),
        "state_shard": f"{RUN}#{sha256(run_id.encode()).hexdigest()[0]}",
        "expires_at": int((started_at + ITEM_LIFE).timestamp()),
        **attributes,
    }


def may_take(item: Item, event: FileEvent, now: datetime) -> bool:
    """Whether a claim already in the ledger may be taken over on behalf of `event`.

    Yes if the event continues that very claim, or if its holder let it go or died before it started a run. A claim
    whose run was started is the run's; the sweep finds out when the run is dead.
    """
    if item["state"] != State.CLAIMED:
        return False
    if event.after is not None and event.after == item.get("batch_id"):
        return True
    return not item.get("run_id") and item["lease_until"] <= timestamp(now)


def ended(file_id: str, state: State, error: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The attributes of an item that is done, for a reason other than success."""
    return {**state_of(file_id, state), "error": dict(error), "finished_at": timestamp(now)}


def error(code: str, message: str, *, retryable: bool = False) -> dict[str, Any]:
    """The ledger's error attribute for something that is not about a line of the file."""
    return {"code": code, "message": message, "line": None, "retryable": retryable}
