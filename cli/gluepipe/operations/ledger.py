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
from gluepipe.names import EnvironmentNames
from lambda_trigger.ledger import ITEMS_PER_READ, Ledger
from lambda_trigger.ledger_item import RUN, State, timestamp

SMALLEST_PAGE = 4
LARGEST_PAGE = 256  # for those who show what they read as they go on
LARGE_PAGE = 1_000  # for those who read everything and show none of it before the end
PAGE_GROWTH = 4
PARALLEL_QUERIES = 8
SHARDS = "0123456789abcdef"
ROW_COUNTS = ("rows_read", "rows_written", "rows_quarantined", "rows_rescued")

Item = dict[str, Any]


@dataclass(frozen=True)
class Filter:
    """Which files to list; what is None does not matter. `since` looks at the time of the claim."""

    dataset: str | None = None
    state: State | None = None
    since: datetime | None = None

    @property
    def shards(self) -> list[tuple[str, str, str]]:
        """The index keys to read. Most files succeed, so any other state narrows more than a dataset does."""
        if self.dataset is not None and self.state in (None, State.SUCCEEDED):
            return [("by_dataset", "dataset_shard", f"{self.dataset}#{digit}") for digit in SHARDS]
        states = [self.state] if self.state else list(State)
        return [("by_state", "state_shard", f"{state}#{digit}") for state in states for digit in SHARDS]

    @property
    def values(self) -> dict[str, str]:
        """The attributes that decide, with their values."""
        wanted = {"dataset": self.dataset, "state": self.state}
        return {name: value for name, value in wanted.items() if value is not None}


def list_files(
    ledger: Ledger, which: Filter, limit: int | None = None, attributes: Sequence[str] = ()
) -> Iterator[Item]:
    """The files that pass the filter, the latest claim first; with these attributes only, if any are named.

    Reads no more pages than it has to yield. The first page of a shard holds about twice its share of `limit`, because
    the latest files are spread over all shards; a larger one where most of it will not pass.
    """
    wanted = {*attributes, "claimed_at"} if attributes else ()
    rare = which.dataset is not None and which.shards[0][0] == "by_state"
    share = 2 * (limit or LARGEST_PAGE) // len(which.shards)
    page = LARGEST_PAGE if limit is None or rare else min(max(SMALLEST_PAGE, share), LARGEST_PAGE)

    def begin(shard: tuple[str, str, str]) -> Iterator[Item]:
        return _begun(_query(ledger, shard, which, page, tuple(wanted)))

    with ThreadPoolExecutor(PARALLEL_QUERIES) as pool:
        begun = list(pool.map(begin, which.shards))
    newest_first = heapq.merge(*begun, key=lambda item: str(item["claimed_at"]), reverse=True)
    return islice(newest_first, limit)


def each_file(ledger: Ledger, which: Filter, attributes: Sequence[str]) -> Iterator[Item]:
    """Every file that passes the filter, in no order, with these attributes only; holds one page at a time."""
    for shard in which.shards:
        yield from _query(ledger, shard, which, LARGE_PAGE, attributes)


def each_run(ledger: Ledger, since: datetime | None) -> Iterator[Item]:
    """Every run that has ended and began since then, in no order; holds one page at a time."""
    for digit in SHARDS:
        yield from _query(ledger, ("by_state", "state_shard", f"{RUN}#{digit}"), Filter(since=since), LARGE_PAGE)


def versions_of(ledger: Ledger, source_file: str) -> list[Item]:
    """Every version of one s3:// URI that the ledger knows, the latest claim first."""
    return list(_query(ledger, ("by_source", "source_file", source_file), Filter()))


def read(ledger: Ledger, file_ids: Sequence[str]) -> dict[str, Item]:
    """The items there are of any number of file_ids, by id."""
    groups = (file_ids[start : start + ITEMS_PER_READ] for start in range(0, len(file_ids), ITEMS_PER_READ))
    return {file_id: _plain(dict(item)) for group in groups for file_id, item in ledger.get_many(group).items()}


def find(ledger: Ledger, names: EnvironmentNames, file: str) -> list[Item]:
    """The versions of a file named by its file_id, its key or its s3:// URI, the newest first.

    Raises UsageProblem if there are none.
    """
    if item := read(ledger, [file]).get(file):
        return [item]
    uri = f"s3://{names.input_bucket}/{key_of(names, file)}"
    versions = versions_of(ledger, uri)
    if not versions:
        fix = f"Keys are listed by: gluepipe files {names.environment}"
        raise UsageProblem(f"The ledger knows no file {uri}.", fix)
    # An old version that was replayed was claimed last, and is no newer for that.
    return sorted(versions, key=lambda item: (item["order"], item["claimed_at"]), reverse=True)


def key_of(names: EnvironmentNames, file: str) -> str:
    """The key in the input bucket that is named by itself or its s3:// URI; raises UsageProblem for another bucket's.

    Slashes stay as they are: to S3, `/a.csv` and `a.csv` are two keys.
    """
    scheme, bucket = "s3://", f"s3://{names.input_bucket}/"
    if file.startswith(scheme) and not file.startswith(bucket):
        raise UsageProblem(f"{file} is not in the input bucket of {names.environment}.", f"That is {bucket}")
    return file.removeprefix(bucket)


def _plain(value: Any) -> Any:
    """DynamoDB's numbers as int or float, its sets as sorted lists, all the way down."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, set):
        return sorted(value)
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def _query(
    ledger: Ledger,
    shard: tuple[str, str, str],
    which: Filter,
    page: int = LARGEST_PAGE,
    attributes: Sequence[str] = (),
) -> Iterator[Item]:
    """What passes the filter of one index key: its index, name and value. The latest claim comes first.

    Pages of fewer than LARGEST_PAGE grow as one reads on.
    """
    index, key, value = shard
    arguments: dict[str, Any] = {
        "TableName": ledger.table,
        "IndexName": index,
        "KeyConditionExpression": f"{key} = :key",
        "ExpressionAttributeValues": {":key": value, **{f":{name}": wanted for name, wanted in which.values.items()}},
        "ScanIndexForward": False,
        "Limit": page,
    }
    if which.since is not None:
        arguments["KeyConditionExpression"] += " AND claimed_at >= :since"
        arguments["ExpressionAttributeValues"][":since"] = timestamp(which.since)
    if which.values:
        arguments["FilterExpression"] = " AND ".join(f"#{name} = :{name}" for name in which.values)
    if attributes:
        arguments["ProjectionExpression"] = ", ".join(f"#{name}" for name in attributes)
    if names := {*which.values, *attributes}:
        arguments["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
    while True:
        answer = ledger.client.query(**arguments)
        yield from map(_plain, answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        arguments["Limit"] = max(page, min(arguments["Limit"] * PAGE_GROWTH, LARGEST_PAGE))


def _begun(items: Iterator[Item]) -> Iterator[Item]:
    """The same items; the first page of them is read now."""
    return chain(list(islice(items, 1)), items)
