"""The sources in git: which commit is checked out, whether it is all of it, and the tree of an earlier one."""

import hashlib
import io
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gluepipe.errors import GluePipeError
from gluepipe.project import Project

# What a deployment is made from; an edited document does not make a release unclean.
DEPLOYED = ("cli", "glue_jobs", "gluepipe.toml", "lambda_trigger", "modules", "requirements", "terraform")
LOCAL_MODULE = re.compile(r'^\s*source\s*=\s*"(\.\.?/[^"]+)"', re.MULTILINE)


@dataclass(frozen=True)
class Revision:
    """The commit that is checked out, empty outside git; `clean` where all that is deployed is in it."""

    commit: str
    clean: bool


def revision(root: Path) -> Revision:
    """Return what is checked out in a folder."""
    commit = _git(root, "rev-parse", "HEAD")
    if commit is None:
        return Revision("", clean=False)
    changed = _git(root, "status", "--porcelain", "--", *DEPLOYED)
    return Revision(commit.decode().strip(), clean=changed == b"")


def modules_digest(root: Path, folder: str) -> str:
    """Return the SHA-256 of every module that a root folder (relative to `root`) is made of, directly or not."""
    waiting, seen = [(root / folder).resolve()], set[Path]()
    while waiting:
        configuration = waiting.pop()
        for text in (file.read_text(encoding="utf-8") for file in configuration.glob("*.tf")):
            found = {(configuration / source).resolve() for source in LOCAL_MODULE.findall(text)}
            waiting += found - seen
            seen |= found
    checksum = hashlib.sha256()
    for file in sorted(file for module in seen for file in module.glob("*") if file.suffix in (".tf", ".yml")):
        checksum.update(f"{file.relative_to(root.resolve()).as_posix()}\0".encode() + file.read_bytes() + b"\0")
    return checksum.hexdigest()


@contextmanager
def tree(project: Project, commit: str) -> Iterator[Project]:
    """Check an earlier commit out into a temporary folder; the settings stay those of the project.

    Raises GluePipeError where there is no git, no clone, or not this commit in it.
    """
    archive = _git(project.root, "archive", "--format=tar", commit)
    if archive is None:
        if _git(project.root, "rev-parse", "--git-dir") is None:
            reason = f"Commit {commit} is needed, but {project.root} is no git clone, or git is not installed."
            raise GluePipeError(reason, "Install git, or run this in a clone of the project's repository.")
        fix = "Fetch it (`git fetch --unshallow`, `git fetch origin COMMIT`) and try again."
        raise GluePipeError(f"Commit {commit} is not in this clone.", fix)
    with tempfile.TemporaryDirectory(prefix="gluepipe-tree-") as folder:
        root = Path(folder).resolve()
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(root, filter="data")
        yield Project(root, project.settings, emulator=project.emulator_folder)


def _git(root: Path, *arguments: str) -> bytes | None:
    """Run git; None where it fails or is not installed."""
    try:
        finished = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        return None
    return finished.stdout if finished.returncode == 0 else None
