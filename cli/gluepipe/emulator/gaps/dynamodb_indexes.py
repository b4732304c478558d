"""DynamoDB: queries of a global index that do not look at every item of the table."""

from __future__ import annotations

import functools
import inspect
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from gluepipe.emulator.gaps.patching import replaces

KEY_ARGUMENTS = {"put_item": "item_attrs", "update_item": "key", "delete_item": "key"}
WRITES = (*KEY_ARGUMENTS, "transact_write_items")

Place = tuple[Any, Any]
"""Where an item stands in a group: its range key and its own key, both as plain values."""


def read_indexes_by_key() -> None:
    """moto sorts and compares every item for every query: 5 s at 100,000 items. Keep them in the order of each index.

    For tables without range key, as the ledger is; others are left to moto. Queries take turns (see
    `dynamodb.make_writes_atomic`), so a table can hold the candidates of the one under way.
    """
    for name in WRITES:
        noted = _noting_the_write(getattr(DynamoDBBackend, name), KEY_ARGUMENTS.get(name))
        replaces(DynamoDBBackend, name)(noted)
    all_items, query = Table.all_items, Table.query

    @replaces(Table, "all_items")
    def chosen_items(self: Table) -> list[Item]:
        candidates: list[Item] | None = self.__dict__.get("candidates")
        return all_items(self) if candidates is None else candidates

    @replaces(Table, "query")
    @functools.wraps(query)
    def query_candidates(self: Table, *args: Any, **kwargs: Any) -> Any:
        given = _arguments.bind(self, *args, **kwargs).arguments
        conditions = given.get("hash_key_conditions")
        if given.get("index_name") and conditions and not self.range_key_attr:
            self.candidates = _index(self, given["index_name"]).candidates(self, conditions[0][1].value, given)
        try:
            return query(self, *args, **kwargs)
        finally:
            self.candidates = None

    _arguments = inspect.signature(query)


class OrderedIndex:
    """The places of a table's items in one of its indexes, by hash key. `changed` are the keys written since."""

    def __init__(self, table: Table, name: str) -> None:
        schema = {key["KeyType"]: key["AttributeName"] for key in table.get_index(name).schema}
        self._hash_key, self._range_key = schema["HASH"], schema.get("RANGE", table.hash_key_attr)
        self._groups: dict[Any, list[Place]] = defaultdict(list)
        self._places: dict[Any, tuple[Any, Place]] = {}
        self.changed: set[Any] = {key.value for key in table.items}

    def candidates(self, table: Table, value: Any, given: dict[str, Any]) -> list[Item]:
        """The items with this hash key that a query can need: see `_page`."""
        self._catch_up(table)
        return [_item(table, key) for _, key in self._page(self._groups.get(value, []), given)]

    def _catch_up(self, table: Table) -> None:
        for key in self.changed & self._places.keys():
            value, place = self._places.pop(key)
            group = self._groups[value]
            del group[bisect_left(group, place)]
        grown = set()
        for key in self.changed:
            item = _item(table, key)
            if item is not None and self._hash_key in item.attrs and self._range_key in item.attrs:
                value, place = item.attrs[self._hash_key].value, (item.attrs[self._range_key].value, key)
                self._places[key] = value, place
                self._groups[value].append(place)
                grown.add(value)
        for value in grown:
            self._groups[value].sort()
        self.changed.clear()

    def _page(self, group: list[Place], given: dict[str, Any]) -> list[Place]:
        """The part of a group between a query's start key, its least range key, and its limit and one more.

        A query with any other condition on the range key needs the whole group.
        """
        if given["range_comparison"] not in (None, ">="):
            return group
        forward = given["scan_index_forward"] is not False
        first, last, ties = 0, len(group), 0
        if given["range_comparison"]:
            first = bisect_left(group, given["range_objs"][0].value, key=_range_of)
        if start := given["exclusive_start_key"]:
            (value,) = start[self._range_key].values()
            before, after = bisect_left(group, value, key=_range_of), bisect_right(group, value, key=_range_of)
            first, last, ties = max(first, before) if forward else first, last if forward else after, after - before
        if not given["limit"]:
            return group[first:last]
        wanted = given["limit"] + ties + 1
        return group[first : min(first + wanted, last)] if forward else group[max(first, last - wanted) : last]


def _indexes(table: Table) -> dict[str, OrderedIndex]:
    """The indexes of a table that were queried so far."""
    known: dict[str, OrderedIndex] = table.__dict__.setdefault("ordered_indexes", {})
    return known


def _index(table: Table, name: str) -> OrderedIndex:
    known = _indexes(table)
    if name not in known:
        known[name] = OrderedIndex(table, name)
    return known[name]


def _item(table: Table, key: Any) -> Item | None:
    item: Item | None = table.get_item(DynamoType({table.hash_key_type: key}))
    return item


def _range_of(place: Place) -> Any:
    return place[0]


def _noting_the_write(method: Callable[..., Any], key_argument: str | None) -> Callable[..., Any]:
    arguments = inspect.signature(method)

    @functools.wraps(method)
    def noted(self: DynamoDBBackend, *args: Any, **kwargs: Any) -> Any:
        given = arguments.bind(self, *args, **kwargs).arguments
        try:
            return method(self, *args, **kwargs)
        finally:
            table = self.tables.get(given.get("table_name"))
            if table is None or key_argument is None:
                _forget(self)
            elif key := given[key_argument].get(table.hash_key_attr):
                for index in _indexes(table).values():
                    index.changed.update(key.values())

    return noted


def _forget(backend: DynamoDBBackend) -> None:
    """After a write to who knows which items."""
    for table in backend.tables.values():
        _indexes(table).clear()
