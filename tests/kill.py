"""Kills a process, as far as AWS can tell, at any of the calls it makes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore.client


class Killed(BaseException):
    """The process is gone; like kill -9, nothing can catch it."""


@contextmanager
def killed_at(call: int) -> Iterator[list[str]]:
    """Kill the process when it makes this many-th AWS call (0: never); yields the calls made until then."""
    made: list[str] = []
    real = botocore.client.BaseClient._make_api_call

    def counted(client: Any, operation: str, parameters: Any) -> Any:
        if call and len(made) + 1 >= call:
            raise Killed
        made.append(operation)
        return real(client, operation, parameters)

    botocore.client.BaseClient._make_api_call = counted
    try:
        yield made
    finally:
        botocore.client.BaseClient._make_api_call = real
