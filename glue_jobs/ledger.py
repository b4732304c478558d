"""What the job writes to the ledger about a file version: its state and the figures of its processing.

Every write is conditional, so that a run that lost its file to another one changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from glue_jobs.items import Items, assignments
from glue_jobs.manifest import FileVersion
from glue_jobs.settings import Settings

ITEM_LIFE = timedelta(days=180)

# A file is this run's if its claim names this run's manifest. Glue retries a run under a new run id with the same
# arguments, so `running` may be the state a dead attempt left behind.
_OURS = "(attribute_not_exists(#manifest) OR #manifest = :manifest)"
_MAY_START = (
    f"attribute_not_exists(#state) OR (#state IN (:claimed, :running) AND {_OURS})"
    " OR (#state = :failed AND #manifest = :manifest AND #error.#retryable = :true)"
)
_ORIGIN = ("bucket", "key", "version_id", "order", "dataset", "source_file", "size")


class Ledger:
    """The file versions of the ledger table, seen by one run."""

    def __init__(self, items: Items, settings: Settings) -> None:
        self._items = items
        self._settings = settings

    def start(self, version: FileVersion) -> bool:
        """Move a file from `claimed` to `running`; False when it is another run's, or already done."""
        always = {
            "state": "running",
            "state_shard": _shard("running", version),
            "dataset_shard": _shard(version.dataset, version),
            "run_id": self._settings.run_id,
            "release": self._settings.release,
            "manifest": self._settings.manifest,
            "started_at": now(),
        }
        # What the trigger has written already; a manifest made by hand has no trigger before it.
        origin = {name: getattr(version, name) for name in _ORIGIN}
        once = origin | {
            "claimed_at": always["started_at"],
            "attempts": 1,
            "expires_at": int((datetime.now(UTC) + ITEM_LIFE).timestamp()),
        }
        states = {"claimed": "claimed", "running": "running", "failed": "failed", "true": True}
        item = self._items.update(
            version.file_id,
            f"SET {assignments(always)}, {assignments(once, only_if_missing=True)} REMOVE #error, #finished_at",
            condition=_MAY_START,
            values=always | once | states,
        )
        return item is not None

    def finish(self, version: FileVersion, state: str, figures: Mapping[str, Any]) -> bool:
        """Move a file from `running` to `succeeded`, `failed` or `ignored`; False when another run took it over."""
        always = {"state": state, "state_shard": _shard(state, version), "finished_at": now(), **figures}
        item = self._items.update(
            version.file_id,
            f"SET {assignments(always)}",
            condition="#state = :running AND #run_id = :run_id",
            values=always | {"running": "running", "run_id": self._settings.run_id},
        )
        return item is not None


def now() -> str:
    """The time as the ledger writes it: ISO 8601, UTC, ending in Z."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _shard(value: str, version: FileVersion) -> str:
    return f"{value}#{version.file_id[0]}"
