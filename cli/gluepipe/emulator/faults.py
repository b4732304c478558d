"""Invocations that fail at random, as some do on AWS when a sandbox is lost. None fail until somebody asks for it."""

from __future__ import annotations

import random
import threading
from dataclasses import asdict, dataclass
from urllib.parse import parse_qsl, urlencode


@dataclass(frozen=True)
class Fault:
    """Of the invocations of `function`, the part `rate` (0 to 1) is killed within its first `seconds`.

    Which invocations, and when in each, follows from `seed` and the order in which they begin.
    """

    function: str
    rate: float
    seconds: float
    seed: int

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= 1 or self.seconds < 0:
            raise ValueError(f"rate must be from 0 to 1 and seconds not below 0, not {self.rate} and {self.seconds}")

    def as_query(self) -> str:
        return urlencode(asdict(self))

    @classmethod
    def from_query(cls, query: str) -> Fault:
        given = dict(parse_qsl(query))
        return cls(given["function"], float(given["rate"]), float(given["seconds"]), int(given["seed"]))


class Faults:
    """The faults asked for, one for each function; the last one asked for holds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[str, tuple[Fault, random.Random]] = {}

    def ask(self, fault: Fault) -> None:
        with self._lock:
            self._asked[fault.function] = (fault, random.Random(fault.seed))  # noqa: S311 # nosec B311 # by seed

    def moment(self, function: str) -> float | None:
        """When the invocation that begins now is killed, in seconds from its start; None if it is not."""
        with self._lock:
            if function not in self._asked:
                return None
            fault, dice = self._asked[function]
            strikes, moment = dice.random() < fault.rate, dice.uniform(0, fault.seconds)
            return moment if strikes else None
