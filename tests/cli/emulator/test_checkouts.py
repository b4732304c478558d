"""What a build works on, and whose environment it uses."""

import os
import time
from pathlib import Path

import pytest

from gluepipe import installation
from gluepipe.emulator import checkouts
from tests.cli.delivery.world import git


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in git with all that an environment is made from, and one that is current."""
    root = tmp_path / "checkout"
    for name in installation.SOURCES:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("first")
    (root / ".gitignore").write_text(f"{installation.FOLDER}/\n.gluepipe/\n")
    git(root.parent, "init", "-q", str(root))
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    (root / installation.FOLDER).mkdir()
    (root / installation.FOLDER / installation.STAMP).touch()
    (root / ".gluepipe" / "emulator").mkdir(parents=True)
    return root


def clone(checkout: Path) -> Path:
    """Clone its newest commit; return the folder."""
    folder = checkout.parent / "clone"
    checkouts.clone(checkout, checkouts.newest_commit(checkout)[0], folder, checkout / ".gluepipe" / "emulator")
    return folder


def test_a_clone_shares_an_environment_in_which_make_has_nothing_to_install(checkout: Path) -> None:
    folder = clone(checkout)
    assert (folder / installation.FOLDER).resolve() == checkout / installation.FOLDER
    assert installation.is_current(folder)


def test_a_commit_that_asks_for_another_environment_installs_its_own(checkout: Path) -> None:
    (checkout / "requirements" / "runtime.txt").write_text("second")
    git(checkout, "commit", "-qam", "second")
    (checkout / "requirements" / "runtime.txt").write_text("first")
    os.utime(checkout / installation.FOLDER / installation.STAMP, (time.time() + 60,) * 2)
    assert not (clone(checkout) / installation.FOLDER).exists()


def test_an_environment_that_is_older_than_what_it_is_made_from_is_not_shared(checkout: Path) -> None:
    os.utime(checkout / "pyproject.toml", (time.time() + 60,) * 2)
    assert not installation.is_current(checkout)
    assert not (clone(checkout) / installation.FOLDER).exists()


def test_nor_is_one_that_make_did_not_install(checkout: Path) -> None:
    (checkout / installation.FOLDER / installation.STAMP).unlink()
    assert not (clone(checkout) / installation.FOLDER).exists()
