"""The environment that `make setup` installs, which copies and clones of a checkout share with it."""

from pathlib import Path

FOLDER = ".venv"
STAMP = "runtime.stamp"
# What the Makefile compares each stamp with; the second one is there once the development tools are.
STAMPS = {
    STAMP: ("pyproject.toml", "requirements/demo-data.txt", "requirements/runtime.txt"),
    "dev.stamp": ("requirements/dev.txt",),
}
SOURCES = tuple(source for sources in STAMPS.values() for source in sources)


def is_current(checkout: Path) -> bool:
    """Tell whether make would install nothing anew: it would do so into whatever shares the environment, too."""
    if not (checkout / FOLDER / STAMP).is_file():
        return False
    times = {name: file.stat().st_mtime for name in STAMPS if (file := checkout / FOLDER / name).is_file()}
    return all(
        (checkout / source).is_file() and (checkout / source).stat().st_mtime <= time
        for name, time in times.items()
        for source in STAMPS[name]
    )
