"""DynamoDB: queries of a global index that do not look at every item of the table."""

from __future__ import annotations

import functools
import inspect
import itertools
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table

WRITES = ("put_item", "update_item", "delete_item", "transact_write_items")

_writes = itertools.count(1)
_last_write = 0


def read_indexes_by_key() -> None:
    """moto sorts and compares every item for every query: 5 s at 100,000 items. Group them by key until the next write.

    For tables without range key, as the ledger is; others are left to moto. Queries take turns (see
    `dynamodb.make_writes_atomic`), so a table can hold the candidates of the one under way.
    """
    for name in WRITES:
        setattr(DynamoDBBackend, name, _noting_the_write(getattr(DynamoDBBackend, name)))
    all_items, query = Table.all_items, Table.query

    def chosen_items(self: Table) -> list[Item]:
        candidates: list[Item] | None = self.__dict__.get("candidates")
        return all_items(self) if candidates is None else candidates

    @functools.wraps(query)
    def query_candidates(self: Table, *args: Any, **kwargs: Any) -> Any:
        given = _arguments.bind(self, *args, **kwargs).arguments
        conditions = given.get("hash_key_conditions")
        if given.get("index_name") and conditions and not self.range_key_attr:
            group = _groups(self, given["index_name"]).get(conditions[0][1].value, [])
            self.candidates = group if given["range_comparison"] else _page(self, group, given)
        try:
            return query(self, *args, **kwargs)
        finally:
            self.candidates = None

    _arguments = inspect.signature(query)
    Table.all_items, Table.query = chosen_items, query_candidates


def _groups(table: Table, index_name: str) -> dict[Any, list[Item]]:
    """The items of an index by its hash key, each group in the index's order, as of the last write to any table."""
    known: dict[str, tuple[int, dict[Any, list[Item]]]] = table.__dict__.setdefault("groups", {})
    as_of, groups = known.get(index_name, (-1, {}))
    if as_of != _last_write:
        hash_key, range_key = _keys(table, index_name)
        groups = defaultdict(list)
        for item in table.items.values():
            if hash_key in item.attrs and range_key in item.attrs:
                groups[item.attrs[hash_key].value].append(item)
        for group in groups.values():
            group.sort(key=lambda item: (item.attrs[range_key].value, item.hash_key.value))
        known[index_name] = (_last_write, groups)
    return groups


def _page(table: Table, group: list[Item], given: dict[str, Any]) -> list[Item]:
    """The part of a group that a query without range condition can need: its limit and one more, from its start key."""
    if not given["limit"]:
        return group
    _, range_key = _keys(table, given["index_name"])
    forward = given["scan_index_forward"] is not False
    first, last = 0, len(group)
    if start := given["exclusive_start_key"]:
        (value,) = start[range_key].values()
        of_item = lambda item: item.attrs[range_key].value  # noqa: E731 - bisect's key
        first = bisect_left(group, value, key=of_item) if forward else 0
        last = last if forward else bisect_right(group, value, key=of_item)
        ties = bisect_right(group, value, key=of_item) - bisect_left(group, value, key=of_item)
    else:
        ties = 0
    wanted = given["limit"] + ties + 1
    return group[first : first + wanted] if forward else group[max(0, last - wanted) : last]


def _keys(table: Table, index_name: str) -> tuple[str, str]:
    schema = {key["KeyType"]: key["AttributeName"] for key in table.get_index(index_name).schema}
    return schema["HASH"], schema.get("RANGE", table.hash_key_attr)


def _noting_the_write(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def noted(*args: Any, **kwargs: Any) -> Any:
        global _last_write
        try:
            return method(*args, **kwargs)
        finally:
            _last_write = next(_writes)

    return noted
