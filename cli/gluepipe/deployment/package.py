"""Builds the two bundles that Terraform uploads, byte for byte the same for the same sources."""

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path, PurePosixPath

from gluepipe.errors import GluePipeError

TRIGGER_DISTRIBUTIONS = ("aws-lambda-powertools", "jmespath", "typing-extensions")
JOB_SCRIPT = "file_processor.py"
JOB_PACKAGE = "glue_jobs.zip"
DIGEST_LENGTH = 16
# What an installer leaves behind, which differs from machine to machine.
INSTALLER_FILES = frozenset({"INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "uv_cache.json"})
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Bundle:
    """A built bundle; `path` is relative to the project's root."""

    digest: str
    path: str


@dataclass(frozen=True)
class Bundles:
    """Both bundles of one release."""

    trigger: Bundle
    job: Bundle


def build(root: Path) -> Bundles:
    """Build both bundles into `dist/` and record them in `dist/bundles.json`.

    Raises GluePipeError when a dataset contract is wrong or a dependency of the trigger is not installed.
    """
    _validate_contracts(root)
    bundles = Bundles(_build_trigger(root), _build_job(root))
    _write(root / "dist" / "bundles.json", (json.dumps(asdict(bundles), indent=2) + "\n").encode())
    return bundles


def trigger_bundle(digest: str) -> Bundle:
    """Return the trigger's bundle of that digest: one zip."""
    return Bundle(digest, f"dist/trigger-{digest}.zip")


def job_bundle(digest: str) -> Bundle:
    """Return the job's bundle of that digest: a folder with JOB_SCRIPT and JOB_PACKAGE."""
    return Bundle(digest, f"dist/job-{digest}")


def _build_trigger(root: Path) -> Bundle:
    entries = _package_files(root, "lambda_trigger")
    for name in TRIGGER_DISTRIBUTIONS:
        entries |= _distribution_files(name)
    content = zip_bytes(entries)
    bundle = trigger_bundle(digest([content]))
    _write(root / bundle.path, content)
    return bundle


def _build_job(root: Path) -> Bundle:
    package = _package_files(root, "glue_jobs")
    script = package.pop(f"glue_jobs/{JOB_SCRIPT}", None)
    if script is None:
        raise GluePipeError(f"glue_jobs/{JOB_SCRIPT} is missing.", "Check out the repository again.")
    content = zip_bytes(package)
    bundle = job_bundle(digest([script, content]))
    _write(root / bundle.path / JOB_SCRIPT, script)
    _write(root / bundle.path / JOB_PACKAGE, content)
    return bundle


def zip_bytes(entries: Mapping[str, bytes]) -> bytes:
    """Return a zip whose bytes depend on the names and contents alone."""
    buffer = io.BytesIO()
    # Stored, not deflated: compressed bytes depend on the zlib that Python happens to be built with.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(entries):
            member = zipfile.ZipInfo(name, ZIP_TIME)
            member.create_system = 3
            member.external_attr = 0o100644 << 16
            archive.writestr(member, entries[name])
    return buffer.getvalue()


def _package_files(root: Path, package: str) -> dict[str, bytes]:
    files = (path for path in (root / package).rglob("*") if path.is_file())
    return {
        name: path.read_bytes()
        for path in files
        if _is_source(PurePosixPath(name := path.relative_to(root).as_posix()))
    }


def _distribution_files(name: str) -> dict[str, bytes]:
    try:
        files: Iterable[metadata.PackagePath] = metadata.files(name) or []
    except metadata.PackageNotFoundError:
        raise GluePipeError(f"The trigger needs {name}, which is not installed.", "Run `make setup`.") from None
    return {str(path): path.read_binary() for path in files if _is_source(PurePosixPath(path))}


def _is_source(path: PurePosixPath) -> bool:
    if path.suffix == ".pyc" or "__pycache__" in path.parts or ".." in path.parts:
        return False
    if any(part.startswith(".") for part in path.parts):
        return False
    return not (path.parts[0].endswith(".dist-info") and path.name in INSTALLER_FILES)


def _validate_contracts(root: Path) -> None:
    from glue_jobs import contract

    folder = root / "glue_jobs" / "contracts"
    problems = contract.validate_all(folder) if folder.is_dir() else []
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise GluePipeError(f"Dataset contracts are wrong:\n{listed}", "Correct them; nothing was built.")


def digest(parts: Iterable[bytes]) -> str:
    """Return the name that content goes by: the digest of a bundle's files, in the order they are listed."""
    checksum = hashlib.sha256()
    for part in parts:
        # The length keeps two splits of the same bytes apart.
        checksum.update(len(part).to_bytes(8, "big") + part)
    return checksum.hexdigest()[:DIGEST_LENGTH]


def _write(path: Path, content: bytes) -> None:
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
