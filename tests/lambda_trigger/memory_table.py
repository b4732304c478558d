"""A DynamoDB table in memory that understands the expressions the ledger is written with.

Every call is one atomic step. `test_ledger.py` runs the same tests on this table and on moto's, so it cannot drift from
what it stands for.
"""

# ruff: noqa: N803, N818 - names are those of AWS

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

Item = dict[str, Any]
MISSING = object()
COMPARISONS = {"=": operator.eq, "<": operator.lt, "<=": operator.le}


class ConditionalCheckFailedException(ClientError):
    def __init__(self, item: Item | None) -> None:
        self.item = dict(item or {})
        content = {name: TypeSerializer().serialize(value) for name, value in self.item.items()}
        error = {"Code": "ConditionalCheckFailedException", "Message": "The conditional request failed"}
        super().__init__({"Error": error, "Item": content}, "UpdateItem")  # type: ignore[typeddict-unknown-key]


class MemoryTable:
    """The calls of a DynamoDB client that the ledger makes, with plain Python values."""

    class exceptions:  # noqa: N801 - the name boto3 gives it
        ConditionalCheckFailedException = ConditionalCheckFailedException

    def __init__(self, items: dict[str, Item] | None = None) -> None:
        self.items: dict[str, Item] = {} if items is None else items

    def put_item(self, *, Item: Item, ConditionExpression: str, **_: Any) -> None:
        self._check(Item["file_id"], ConditionExpression, {}, {})
        self.items[Item["file_id"]] = dict(Item)

    def update_item(
        self,
        *,
        Key: Item,
        UpdateExpression: str,
        ConditionExpression: str,
        ExpressionAttributeValues: Mapping[str, Any],
        ExpressionAttributeNames: Mapping[str, str] | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        names, values = ExpressionAttributeNames or {}, ExpressionAttributeValues
        self._check(Key["file_id"], ConditionExpression, names, values)
        item = self.items.setdefault(Key["file_id"], dict(Key))
        _update(item, UpdateExpression, names, values)
        return {"Attributes": dict(item)}

    def get_paginator(self, _: str) -> MemoryTable:
        return self

    def paginate(self, *, ExpressionAttributeValues: Mapping[str, Any], **_: Any) -> Iterator[dict[str, Any]]:
        shard = ExpressionAttributeValues[":shard"]
        yield {"Items": [dict(item) for item in self.items.values() if item.get("state_shard") == shard]}

    def _check(self, key: str, condition: str, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
        item = self.items.get(key, {})
        if not Condition(condition, names, values).holds(item):
            raise ConditionalCheckFailedException(item)


class WireTable:
    """The same table as a plain client shows it, which is how the job reads and writes it."""

    exceptions = MemoryTable.exceptions

    def __init__(self, table: MemoryTable) -> None:
        self._table = table

    def update_item(self, *, Key: Item, ExpressionAttributeValues: Item, **arguments: Any) -> dict[str, Any]:
        values = {name: TypeDeserializer().deserialize(value) for name, value in ExpressionAttributeValues.items()}
        key = {name: TypeDeserializer().deserialize(value) for name, value in Key.items()}
        answer = self._table.update_item(Key=key, ExpressionAttributeValues=values, **arguments)
        serialize = TypeSerializer().serialize
        return {"Attributes": {name: serialize(value) for name, value in answer["Attributes"].items()}}


class Condition:
    """A condition expression: comparisons, IN, attribute_not_exists, AND, OR and brackets."""

    def __init__(self, text: str, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
        self._tokens = re.findall(r"[#:]?[\w.#]+|<=|[=<(),]", text)
        self._names = names
        self._values = values

    def holds(self, item: Item) -> bool:
        self._item = item
        self._at = 0
        return self._either()

    def _either(self) -> bool:
        result = self._both()
        while self._accept("OR"):
            result = self._both() or result
        return result

    def _both(self) -> bool:
        result = self._single()
        while self._accept("AND"):
            result = self._single() and result
        return result

    def _single(self) -> bool:
        if self._accept("("):
            result = self._either()
            self._next()
            return result
        if self._accept("attribute_not_exists"):
            _, path, _ = self._next(), self._next(), self._next()
            return _read(self._item, path, self._names) is MISSING
        value = _read(self._item, self._next(), self._names)
        sign = self._next()
        if sign == "IN":
            return value in self._list()
        other = self._values[self._next()]
        return value is not MISSING and COMPARISONS[sign](value, other)

    def _list(self) -> list[Any]:
        self._next()
        values = [self._values[self._next()]]
        while self._next() == ",":
            values.append(self._values[self._next()])
        return values

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _accept(self, token: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at] == token
        self._at += found
        return found


def _read(item: Item, path: str, names: Mapping[str, str]) -> Any:
    value: Any = item
    for part in path.split("."):
        value = value.get(names.get(part, part), MISSING) if isinstance(value, dict) else MISSING
    return value


def _update(item: Item, expression: str, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
    clauses = re.split(r"\b(SET|REMOVE|ADD)\b ", expression)[1:]
    for verb, clause in zip(clauses[::2], clauses[1::2], strict=True):
        for action in re.split(r", (?![^(]*\))", clause.strip()):
            _apply(item, verb, action, names, values)


def _apply(item: Item, verb: str, action: str, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
    target, *rest = re.split(r"[ =]+", action.strip(), maxsplit=1)
    name = names.get(target, target)
    if verb == "REMOVE":
        item.pop(name, None)
    elif verb == "ADD":
        item[name] = item.get(name, 0) + values[rest[0]]
    elif rest[0].startswith("if_not_exists"):
        item.setdefault(name, values[rest[0].partition(", ")[2].rstrip(")")])
    else:
        item[name] = values[rest[0]]
