"""DynamoDB: conditional writes that are atomic under moto's threaded server."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

from moto.dynamodb.models import DynamoDBBackend

OPERATIONS = ("put_item", "update_item", "delete_item", "transact_write_items", "query", "scan")

_lock = threading.RLock()


def make_writes_atomic() -> None:
    """moto checks a write's condition and then writes; between the two, another thread may have written as well.

    Reads of many items take turns too: moto's break when an item is added under them.
    """
    for name in OPERATIONS:
        setattr(DynamoDBBackend, name, _one_at_a_time(getattr(DynamoDBBackend, name)))


def _one_at_a_time(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def locked(*args: Any, **kwargs: Any) -> Any:
        with _lock:
            return method(*args, **kwargs)

    return locked
