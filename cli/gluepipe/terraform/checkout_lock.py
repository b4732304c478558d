"""Keeps commands that run at the same time in one checkout from changing the files under each other's Terraform."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gluepipe.console import to_stderr
from gluepipe.project import Project

_held: set[Path] = set()


@contextmanager
def held(project: Project) -> Iterator[None]:
    """Hold the checkout's lock, for as long as files are written that Terraform is still to read.

    A block inside of another one, in the same process, holds it already.
    """
    path = project.state_folder / "lock"
    if path in _held:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            to_stderr("Waiting for another gluepipe command in this checkout.\n")
            fcntl.flock(file, fcntl.LOCK_EX)
        _held.add(path)
        try:
            yield
        finally:
            _held.remove(path)
