"""Reads the ledger for people: any number of files, newest first, one page at a time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from gluepipe.errors import UsageProblem
from lambda_trigger.ledger import Ledger
from lambda_trigger.ledger_item import RUN, State, timestamp

SMALLEST_PAGE = 4
LARGEST_PAGE = 256  # for those who show what they read as they go on
LARGE_PAGE = 1_000  # for those who read everything and show none of it before the end
PAGE_GROWTH = 4
PARALLEL_QUERIES = 8
SHARDS = "0123456789abcdef"

Item = dict[str, Any]


@dataclass(frozen=True)
class Filter:
    """Which files to list; what is None does not matter. `since` looks at the time of the claim."""

    dataset: str | None = None
    state: State | None = None
    since: datetime | None = None

    def allows(self, item: Item) -> bool:
        return (self.dataset is None or item["dataset"] == self.dataset) and (
            self.state is None or item["state"] == self.state
        )


def list_files(ledger: Ledger, which: Filter, limit: int | None = None) -> Iterator[Item]:
    """The files that pass the filter, the latest claim first; reads no more pages than it has to yield.

    The first page of a shard holds about twice its share of `limit`: the latest files are spread over all shards.
    """
    shards = _shards_of(which)
    page = LARGEST_PAGE if limit is None else min(max(SMALLEST_PAGE, 2 * limit // len(shards)), LARGEST_PAGE)

    def begin(shard: tuple[str, str, str]) -> Iterator[Item]:
        return _begun(_shard(ledger, *shard, since=which.since, page=page))

    with ThreadPoolExecutor(PARALLEL_QUERIES) as pool:
        begun = list(pool.map(begin, shards))
    newest_first = heapq.merge(*begun, key=lambda item: str(item["claimed_at"]), reverse=True)
    return islice(filter(which.allows, newest_first), limit)


def each_file(ledger: Ledger, which: Filter, attributes: Sequence[str]) -> Iterator[Item]:
    """Every file that passes the filter, in no order, with these attributes only; holds one page at a time."""
    wanted = tuple({*attributes, "dataset", "state"})
    for index, key, value in _shards_of(which):
        yield from filter(which.allows, _shard(ledger, index, key, value, which.since, LARGE_PAGE, wanted))


def each_run(ledger: Ledger, since: datetime | None) -> Iterator[Item]:
    """Every run that has ended and began since then, in no order; holds one page at a time."""
    for digit in SHARDS:
        yield from _shard(ledger, "by_state", "state_shard", f"{RUN}#{digit}", since, LARGE_PAGE)


def versions_of(ledger: Ledger, source_file: str) -> list[Item]:
    """Every version of one s3:// URI that the ledger knows, the latest claim first."""
    return list(_shard(ledger, "by_source", "source_file", source_file))


def find(ledger: Ledger, input_bucket: str, file: str) -> list[Item]:
    """The versions of a file named by its file_id, its key or its s3:// URI; raises UsageProblem if there are none."""
    item = ledger.get_many([file]).get(file)
    if item:
        return [plain(dict(item))]
    uri = file if file.startswith("s3://") else f"s3://{input_bucket}/{file.removeprefix('/')}"
    versions = versions_of(ledger, uri)
    if not versions:
        raise UsageProblem(f"The ledger knows no file {uri}.", "Keys are listed by: gluepipe files ENV")
    return versions


def plain(value: Any) -> Any:
    """DynamoDB's numbers as int or float, its sets as sorted lists, all the way down."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, set):
        return sorted(value)
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


def _shards_of(which: Filter) -> list[tuple[str, str, str]]:
    """The index keys to read. Most files succeed, so any other state narrows more than a dataset does."""
    if which.dataset is not None and which.state in (None, State.SUCCEEDED):
        return [("by_dataset", "dataset_shard", f"{which.dataset}#{digit}") for digit in SHARDS]
    states = [which.state] if which.state else list(State)
    return [("by_state", "state_shard", f"{state}#{digit}") for state in states for digit in SHARDS]


def _shard(
    ledger: Ledger,
    index: str,
    key: str,
    value: str,
    since: datetime | None = None,
    page: int = LARGEST_PAGE,
    attributes: Sequence[str] = (),
) -> Iterator[Item]:
    """The items of one index key, the latest claim first. Pages of fewer than LARGEST_PAGE grow as one reads on."""
    condition, values = f"{key} = :value", {":value": value}
    if since is not None:
        condition, values = f"{condition} AND claimed_at >= :since", {**values, ":since": timestamp(since)}
    also: dict[str, Any] = {}
    if attributes:
        also["ProjectionExpression"] = ", ".join(f"#{name}" for name in attributes)
        also["ExpressionAttributeNames"] = {f"#{name}": name for name in attributes}
    while True:
        answer = ledger.client.query(
            TableName=ledger.table,
            IndexName=index,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            ScanIndexForward=False,
            Limit=page,
            **also,
        )
        yield from map(plain, answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        also["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        page = max(page, min(page * PAGE_GROWTH, LARGEST_PAGE))


def _begun(items: Iterator[Item]) -> Iterator[Item]:
    """The same items; the first page of them is read now."""
    return chain(list(islice(items, 1)), items)
