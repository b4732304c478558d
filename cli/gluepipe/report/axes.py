"""Where values stand on a chart, and at which of them to write a label."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

AMOUNTS, MOMENTS = 4, 8  # about so many labels, and at most so many
STEPS = (1, 2, 2.5, 5, 10)
DURATIONS = [1, 10, 60, 600, 3600, 36_000, 86_400, 864_000]
DURATION_NAMES = ["1 s", "10 s", "1 min", "10 min", "1 h", "10 h", "1 d", "10 d"]
TIME_STEPS = [
    timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=1), timedelta(hours=3), timedelta(hours=6),
    timedelta(hours=12), timedelta(days=1), timedelta(days=2), timedelta(days=7), timedelta(days=14),
    timedelta(days=30),
]  # fmt: skip
EPOCH = datetime(1970, 1, 5, tzinfo=UTC)  # a Monday, so that weeks begin there


@dataclass(frozen=True)
class Axis:
    """A scale from a value to its place (0 to 1), and the labels at some of the values."""

    place: Callable[[float], float]
    ticks: Sequence[tuple[float, str]]


def amounts(largest: float, label: Callable[[float], str]) -> Axis:
    """From 0 to a round number that is not below the largest value."""
    rough = max(largest, 1e-9) / AMOUNTS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in STEPS if power * factor >= rough * 0.999)
    steps = math.ceil(largest / step - 1e-9) or 1
    top = step * steps
    return Axis(lambda value: value / top, [(step * n, label(step * n)) for n in range(steps + 1)])


def durations(smallest: float, largest: float) -> Axis:
    """Seconds on a logarithmic scale, labelled where people count: seconds, minutes, hours, days."""
    below = [n for n, value in enumerate(DURATIONS) if value <= smallest]
    above = [n for n, value in enumerate(DURATIONS) if value >= largest]
    first, last = (below or [0])[-1], (above or [len(DURATIONS) - 1])[0]
    last = max(last, first + 1)
    low, high = math.log(DURATIONS[first]), math.log(DURATIONS[last])

    def place(value: float) -> float:
        return min(max((math.log(max(value, 1e-3)) - low) / (high - low), 0), 1)

    return Axis(place, [(DURATIONS[n], DURATION_NAMES[n]) for n in range(first, last + 1)])


def times(begin: datetime, end: datetime) -> list[tuple[datetime, str]]:
    """Round moments, in UTC, from begin to end."""
    step = next((step for step in TIME_STEPS if (end - begin) / step <= MOMENTS), timedelta(days=90))
    first = begin + (EPOCH - begin) % step
    moments = [first + step * n for n in range(max((end - first) // step + 1, 0))]
    form = "%a %-d" if step < timedelta(days=7) else "%-d %b"
    return [(at, at.strftime("%H:%M" if at.hour or at.minute else form)) for at in moments]
