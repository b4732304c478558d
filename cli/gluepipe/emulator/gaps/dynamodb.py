"""DynamoDB: conditional writes that are atomic under moto's threaded server, and answers that do not take long."""

from __future__ import annotations

import functools
import threading
from typing import Any

from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table

from gluepipe.emulator.gaps.patching import replaces, take_turns

OPERATIONS = ("put_item", "update_item", "delete_item", "transact_write_items", "query", "scan")

_lock = threading.RLock()


def make_writes_atomic() -> None:
    """moto checks a write's condition and then writes; between the two, another thread may have written as well.

    Reads of many items take turns too: moto's break when an item is added under them.
    """
    take_turns(lambda *_, **__: _lock, DynamoDBBackend, *OPERATIONS)


def give_values_as_they_are() -> None:
    """moto asks each value for its ten possible types, under four names each: 4 ms an item, for JSON that was ready."""
    serialize = BaseJSONSerializer._serialize_type_structure

    @replaces(BaseJSONSerializer, "_serialize_type_structure")
    @functools.wraps(serialize)
    def serialize_unless_ready(self: BaseJSONSerializer, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == "AttributeValue" and _is_ready(value):
            serialized[self.get_serialized_name(shape, key)] = value
        else:
            serialize(self, serialized, value, shape, key)


def project_attributes_directly() -> None:
    """moto converts the whole item once for every attribute of a projection: 4 ms an item."""
    project = Item.project

    @replaces(Item, "project")
    @functools.wraps(project)
    def project_directly(self: Item, projection_expressions: list[list[str]]) -> Item:
        if any(len(path) > 1 or "[" in path[0] for path in projection_expressions):
            return project(self, projection_expressions)
        projected = Item(self.hash_key, self.range_key, {})
        for (name,) in projection_expressions:
            if name in self.attrs:  # past the check of the size, which the item has passed
                dict.__setitem__(projected.attrs, name, self.attrs[name])
        return projected


def count_items_at_once() -> None:
    """moto counts a table's items one by one whenever it describes the table."""
    counting = Table.__len__
    replaces(Table, "__len__")(lambda self: counting(self) if self.has_range_key else len(self.items))


def _is_ready(value: Any) -> bool:
    """Whether a value is plain JSON: its type and its content, with no bytes in it, which travel encoded."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    ((kind, content),) = value.items()
    if kind in ("M", "L"):
        return all(map(_is_ready, content.values() if kind == "M" else content))
    return kind in ("S", "N", "BOOL", "NULL", "SS", "NS")
