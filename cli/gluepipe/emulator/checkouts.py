"""What a build works on: a fresh clone of the checkout that the emulated accounts belong to, at one commit."""

from __future__ import annotations

import filecmp
import shutil
import subprocess
from pathlib import Path

from gluepipe import installation

SETTINGS = "gluepipe.toml"


class NoCheckoutError(Exception):
    """There is nothing to deliver here, in words."""


def find(state_dir: Path) -> Path | None:
    """Return the checkout that holds the emulator's state folder (as .gluepipe/emulator), None where there is none."""
    root = state_dir.parent.parent
    return root if (root / SETTINGS).is_file() else None


def newest_commit(checkout: Path | None) -> tuple[str, str]:
    """Return id and subject of the commit that is checked out; raises NoCheckoutError outside git."""
    if checkout is None:
        raise NoCheckoutError("These emulated accounts belong to no checkout, so there is no commit to deliver.")
    try:
        commit, _, subject = _git(checkout, "log", "-1", "--format=%H %s").partition(" ")
    except (subprocess.CalledProcessError, FileNotFoundError):
        raise NoCheckoutError(f"{checkout} has no commit to deliver.") from None
    return commit, subject


def clone(checkout: Path, commit: str, folder: Path, state_dir: Path) -> None:
    """Clone a commit with its history into `folder`; builds there find the same emulated accounts.

    The environment of the checkout stands in for the build service's cache, where it is what the commit asks for; where
    it is not, the build installs one of its own, which takes minutes there too.
    """
    _git(checkout, "clone", "--quiet", "--no-checkout", str(checkout), str(folder))
    _git(folder, "checkout", "--quiet", "--detach", commit)
    (folder / ".gluepipe").mkdir()
    (folder / ".gluepipe" / "emulator").symlink_to(state_dir, target_is_directory=True)
    if installation.is_current(checkout) and _asks_for_the_same(checkout, folder):
        environment = (checkout / installation.FOLDER).resolve()
        (folder / installation.FOLDER).symlink_to(environment, target_is_directory=True)
        for name in installation.SOURCES:  # make compares times, and those of a clone are new
            shutil.copystat(checkout / name, folder / name)


def _asks_for_the_same(checkout: Path, folder: Path) -> bool:
    matching, _different, _missing = filecmp.cmpfiles(checkout, folder, installation.SOURCES, shallow=False)
    return len(matching) == len(installation.SOURCES)


def _git(folder: Path, *arguments: str) -> str:
    finished = subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True)
    return finished.stdout.strip()
