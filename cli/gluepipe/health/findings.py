"""What `doctor` says about one thing that it looked at."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from gluepipe.errors import GluePipeError

Level = Literal["ok", "warning", "missing"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `fix` says what to do where it is not ok. What is `missing` keeps from working."""

    name: str
    level: Level
    detail: str
    fix: str = ""

    def as_document(self) -> dict[str, str]:
        return asdict(self)


def checked(name: str, check: Callable[[], Finding]) -> Finding:
    """Return what a check finds; an error that it raises is its finding."""
    try:
        return check()
    except GluePipeError as error:
        return Finding(name, "missing", error.reason, error.fix)
