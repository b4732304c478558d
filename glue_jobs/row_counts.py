"""Which files have a number of rows that is unusual for their dataset: what its latest files had is kept in the ledger.

One item per dataset, read once and written once by a run.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from glue_jobs.items import Items, assignments

REMEMBERED = 20
_ENOUGH = 10
_FACTOR = 4
_ITEM_LIFE = timedelta(days=180)
_LONGEST = 10 * REMEMBERED
_ALWAYS = "attribute_exists(#dataset) OR attribute_not_exists(#dataset)"


class RowCounts:
    """The row counts of the latest files of some datasets, and those that this run adds."""

    def __init__(self, items: Items, datasets: Collection[str]) -> None:
        self._items = items
        known = items.read(_item_id(dataset) for dataset in datasets)
        self._latest = {item["dataset"]: list(item["latest"])[-REMEMBERED:] for item in known.values()}
        self._added: dict[str, list[int]] = {dataset: [] for dataset in datasets}

    def judge(self, dataset: str, rows: int) -> str | None:
        """Take the count of a loaded file into memory; says what is unusual about it, if anything is."""
        self._added[dataset].append(rows)
        latest = self._latest.get(dataset, [])
        if len(latest) < _ENOUGH or min(latest) / _FACTOR <= rows <= max(latest) * _FACTOR:
            return None
        return f"{rows} rows, where the {len(latest)} files before had {min(latest)} to {max(latest)}"

    def remember(self) -> None:
        """Add what this run has to what is remembered by now, one call for each dataset and rarely a second."""
        for dataset, added in self._added.items():
            if not added:
                continue
            values = {
                "dataset": dataset,
                "expires_at": int((datetime.now(UTC) + _ITEM_LIFE).timestamp()),
                "added": added[-REMEMBERED:],
                "none": [],
            }
            append = "#latest = list_append(if_not_exists(#latest, :none), :added)"
            expression = f"SET {assignments(('dataset', 'expires_at'))}, {append}"
            item = self._items.update(_item_id(dataset), expression, condition=_ALWAYS, values=values)
            if item and len(item["latest"]) > _LONGEST:
                self._forget(dataset, item["latest"])

    def _forget(self, dataset: str, latest: list[int]) -> None:
        """Keep the newest counts only, unless somebody adds to them at this moment: then that is for the next run."""
        self._items.update(
            _item_id(dataset),
            "SET #latest = :kept",
            condition="#latest = :latest",
            values={"kept": latest[-REMEMBERED:], "latest": latest},
        )


def _item_id(dataset: str) -> str:
    return f"dataset#{dataset}"
