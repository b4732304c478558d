"""The largest of many values, without keeping the many."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Largest(Generic[T]):
    """Keeps the `limit` values that are largest by `key`; of equal ones, those that came last."""

    def __init__(self, limit: int, key: Callable[[T], Any]) -> None:
        self._limit = limit
        self._key = key
        self._arrival = count()
        self._heap: list[tuple[Any, int, T]] = []

    def add(self, value: T) -> None:
        heapq.heappush(self._heap, (self._key(value), next(self._arrival), value))
        if len(self._heap) > self._limit:
            heapq.heappop(self._heap)

    def descending(self) -> list[T]:
        return [value for _, _, value in sorted(self._heap, key=lambda entry: entry[:2], reverse=True)]
