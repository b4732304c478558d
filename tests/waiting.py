"""Waiting for what happens in the background, on its condition and never for a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

POLL_SECONDS = 0.2


def eventually(look: Callable[[], Any], seconds: float = 60, what: str = "") -> Any:
    """Call `look` until it answers something true, and return that.

    Raises:
        TimeoutError: it has not within so many seconds; says what was waited for.
    """
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} seconds: {what or look.__name__}")
        time.sleep(POLL_SECONDS)
    return found
