"""When Lambda tries an asynchronous event again that did not succeed, and when it gives up."""

from __future__ import annotations

import time
from typing import Any

FAILURE_PAUSES = (60.0, 120.0)
LONGEST_THROTTLE_PAUSE = 300.0
LONGEST_WAIT_SECONDS = 6 * 3600.0


class Patience:
    """Lambda's patience with one event: two more attempts where it fails, six hours where the function is throttled."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._failures = 0
        self._throttles = 0

    def after_failure(self) -> float | None:
        """Seconds to wait for the next attempt; None where there is none."""
        self._failures += 1
        return FAILURE_PAUSES[self._failures - 1] if self._failures <= len(FAILURE_PAUSES) else None

    def after_throttle(self, reserved_concurrency: Any) -> float | None:
        """Seconds to wait for the next attempt; None where the function may never run, or did not for too long."""
        if str(reserved_concurrency) == "0" or time.monotonic() - self._began > LONGEST_WAIT_SECONDS:
            return None
        self._throttles += 1
        return float(min(2 ** (self._throttles - 1), LONGEST_THROTTLE_PAUSE))
