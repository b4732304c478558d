"""moto's backends, which hold what there is in an account and region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def everywhere(backends: Any) -> Iterator[Any]:
    """Yield the backend of a service in each account and region that has one; more may come into being meanwhile."""
    for account in list(backends.values()):
        yield from list(account.values())
