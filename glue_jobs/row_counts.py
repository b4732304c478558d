"""Which files have a number of rows that is unusual for their dataset: what its latest files had is kept in the ledger.

One item per dataset, read once and written once by a run; what two runs write at once is only partly remembered.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from glue_jobs.items import Items, assignments

REMEMBERED = 20
_ENOUGH = 10
_FACTOR = 4
_ITEM_LIFE = timedelta(days=180)


class RowCounts:
    """The row counts of the latest files of some datasets, and those that this run adds."""

    def __init__(self, items: Items, datasets: Collection[str]) -> None:
        self._items = items
        known = items.read(_item_id(dataset) for dataset in datasets)
        self._latest = {item["dataset"]: list(item["latest"]) for item in known.values()}
        self._added: dict[str, list[int]] = {dataset: [] for dataset in datasets}

    def judge(self, dataset: str, rows: int) -> str | None:
        """Take the count of a loaded file into memory; says what is unusual about it, if anything is."""
        self._added[dataset].append(rows)
        latest = self._latest.get(dataset, [])
        if len(latest) < _ENOUGH or min(latest) / _FACTOR <= rows <= max(latest) * _FACTOR:
            return None
        return f"{rows} rows, where the {len(latest)} files before had {min(latest)} to {max(latest)}"

    def remember(self) -> None:
        """Write what was added, one call for each dataset."""
        for dataset, added in self._added.items():
            if not added:
                continue
            values = {
                "dataset": dataset,
                "latest": (self._latest.get(dataset, []) + added)[-REMEMBERED:],
                "expires_at": int((datetime.now(UTC) + _ITEM_LIFE).timestamp()),
            }
            self._items.update(
                _item_id(dataset),
                f"SET {assignments(values)}",
                condition="attribute_not_exists(#latest) OR #latest <> :latest",
                values=values,
            )


def _item_id(dataset: str) -> str:
    return f"dataset#{dataset}"
