"""Many durations in little memory: counts by size class, from which any percentile is read."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

# Classes grow by 5 %, so a percentile is within 2.5 % of the true one.
GROWTH = math.log(1.05)


class Distribution:
    """Durations in seconds, none of them negative."""

    def __init__(self) -> None:
        self._classes: Counter[int] = Counter()

    def add(self, seconds: float) -> None:
        self._classes[math.floor(math.log(max(seconds, 0.001)) / GROWTH)] += 1

    def percentile(self, percent: float) -> float | None:
        """The duration, in seconds, that so many percent do not exceed; None where there are none at all."""
        wanted = self._classes.total() * percent / 100
        return next((middle for middle, below in self._cumulated() if below >= wanted), None)

    def _cumulated(self) -> Iterator[tuple[float, int]]:
        below = 0
        for size, number in sorted(self._classes.items()):
            below += number
            yield math.exp((size + 0.5) * GROWTH), below
