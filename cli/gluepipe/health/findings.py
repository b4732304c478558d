"""What `doctor` says about one thing that it looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from gluepipe.errors import GluePipeError

Level = Literal["ok", "warning", "missing"]


@dataclass(frozen=True)
class Finding:
    """How one thing is; `fix` says what to do where it is not ok. What is `missing` keeps GluePipe from working."""

    level: Level
    detail: str
    fix: str = ""


def checked(check: Callable[[], Finding]) -> Finding:
    """Return what a check finds; an error that it raises is its finding."""
    try:
        return check()
    except GluePipeError as error:
        return Finding("missing", error.reason, error.fix)
