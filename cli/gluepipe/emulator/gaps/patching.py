"""How moto is changed: each change says what it replaces or adds, and is refused where moto is not like that.

Otherwise an upgrade of moto would leave gaps without effect, or in the place of what moto has by then, and nobody knew.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

T = TypeVar("T")


class MotoChangedError(Exception):
    """moto is not as a gap was written for."""


def replaces(owner: Any, name: str = "") -> Callable[[T], T]:
    """Put the decorated function, or a property, in the place of the one of that name in a class or module of moto.

    Raises:
        MotoChangedError: there is none, or it is a property in the place of a function or the other way round.
    """

    def put(replacement: T) -> T:
        attribute = name or _name_of(replacement)
        replaced = getattr(owner, attribute, None)
        if replaced is None or isinstance(replaced, property) != isinstance(replacement, property):
            raise MotoChangedError(f"moto has no {_path(owner, attribute)} as a gap replaces: find what serves now.")
        setattr(owner, attribute, replacement)
        return replacement

    return put


def adds(owner: Any) -> Callable[[T], T]:
    """Give a class of moto the decorated function.

    Raises:
        MotoChangedError: it has one of that name by now.
    """

    def put(addition: T) -> T:
        attribute = _name_of(addition)
        if hasattr(owner, attribute):
            raise MotoChangedError(
                f"moto has {_path(owner, attribute)} now, which a gap adds: use it and drop the gap."
            )
        setattr(owner, attribute, addition)
        return addition

    return put


def take_turns(lock_of: Callable[..., AbstractContextManager[Any]], owner: Any, *names: str) -> None:
    """Have each call of these functions hold the lock that `lock_of` finds for the call's arguments.

    Raises:
        MotoChangedError: one of the functions is not there.
    """
    for name in names:
        replaces(owner, name)(_holding(lock_of, getattr(owner, name, None)))


def _holding(lock_of: Callable[..., AbstractContextManager[Any]], function: Any) -> Callable[..., Any]:
    @functools.wraps(function)
    def holding(*args: Any, **kwargs: Any) -> Any:
        with lock_of(*args, **kwargs):
            return function(*args, **kwargs)

    return holding


def _name_of(function: Any) -> str:
    return str(getattr(function, "fget", function).__name__)


def _path(owner: Any, attribute: str) -> str:
    return f"{getattr(owner, '__module__', '')}.{owner.__name__}.{attribute}".removeprefix(".")
