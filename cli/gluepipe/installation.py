"""The environment that `make setup` installs, which copies and clones of a checkout share with it."""

from pathlib import Path

FOLDER = ".venv"
STAMP = "runtime.stamp"
# What the Makefile installs it from.
SOURCES = ("pyproject.toml", "requirements/demo-data.txt", "requirements/dev.txt", "requirements/runtime.txt")


def is_current(checkout: Path) -> bool:
    """Tell whether make would install nothing anew: it would do so into whatever shares the environment, too."""
    stamp = checkout / FOLDER / STAMP
    if not stamp.is_file():
        return False
    sources = [checkout / name for name in SOURCES]
    return all(source.is_file() and source.stat().st_mtime <= stamp.stat().st_mtime for source in sources)
