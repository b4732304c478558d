import shutil
from pathlib import Path

import pytest

from gluepipe.delivery import sources
from gluepipe.errors import GluePipeError
from tests.cli.delivery.world import World, git


def test_a_checkout_is_clean_until_something_that_is_deployed_changes(world: World) -> None:
    root = world.project.root
    git(root, "add", "gluepipe.toml")
    commit = git(root, "rev-parse", "HEAD")
    assert sources.revision(root) == sources.Revision(commit, clean=True)
    (root / "notes.md").write_text("a document")
    assert sources.revision(root).clean
    (root / "glue_jobs" / "new.py").write_text("")
    assert not sources.revision(root).clean


def test_outside_git_there_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert sources.revision(tmp_path) == sources.Revision("", clean=False)


def test_an_earlier_commit_is_checked_out_beside_the_current_one(world: World) -> None:
    first = git(world.project.root, "rev-parse", "HEAD")
    world.change_job("second")
    with sources.tree(world.project, first) as tree:
        assert (tree.root / "glue_jobs" / "file_processor.py").read_text() == "first"
        assert tree.settings is world.project.settings
        assert tree.emulator_folder == world.project.emulator_folder
        root = tree.root
    assert not root.exists()
    assert (world.project.root / "glue_jobs" / "file_processor.py").read_text() == "second"


def test_a_commit_that_is_not_in_the_clone_is_named(world: World) -> None:
    with pytest.raises(GluePipeError, match="Commit 0000 is not in this clone"), sources.tree(world.project, "0000"):
        pass


def test_where_there_is_no_clone_that_is_said(world: World) -> None:
    commit = git(world.project.root, "rev-parse", "HEAD")
    shutil.rmtree(world.project.root / ".git")
    with pytest.raises(GluePipeError, match="is no git clone, or git is not installed"):
        sources.tree(world.project, commit).__enter__()


def test_the_modules_digest_covers_what_the_stack_is_made_of_and_nothing_else(world: World) -> None:
    root = world.project.root
    before = {
        stack: sources.modules_digest(root, f"terraform/dev/{stack}") for stack in ("infrastructure", "application")
    }
    assert sources.modules_digest(root, "terraform/prod/application") == before["application"]
    (root / "modules" / "glue_job" / "main.tf").write_text("# another job\n")
    assert sources.modules_digest(root, "terraform/dev/application") != before["application"]
    assert sources.modules_digest(root, "terraform/dev/infrastructure") == before["infrastructure"]
