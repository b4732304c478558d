import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from gluepipe.deployment import package
from gluepipe.errors import GluePipeError
from tests.places import REPOSITORY

DAY = 86_400
SOURCES = {
    "lambda_trigger/__init__.py": "",
    "lambda_trigger/handler.py": "def handler(event, context): ...\n",
    "glue_jobs/__init__.py": "",
    "glue_jobs/file_processor.py": "print('job')\n",
    "glue_jobs/read.py": "ROWS = 1\n",
    "glue_jobs/contracts/orders.toml": "",
    "glue_jobs/transforms/__init__.py": "",
}


def checkout(root: Path, names: list[str]) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SOURCES[name])
    return root


def built_bytes(root: Path) -> dict[str, bytes]:
    package.build(root)
    return {str(path.relative_to(root)): path.read_bytes() for path in (root / "dist").rglob("*") if path.is_file()}


def test_the_same_sources_give_the_same_bytes_anywhere_and_any_time(tmp_path: Path) -> None:
    first = checkout(tmp_path / "a", list(SOURCES))
    previous = os.umask(0o077)
    try:
        second = checkout(tmp_path / "another folder", list(reversed(SOURCES)))
    finally:
        os.umask(previous)
    for name in SOURCES:
        os.utime(second / name, (0, time.time() - 1e7))
        (second / name).chmod(0o664)
    cache = second / "lambda_trigger" / "__pycache__"
    cache.mkdir()
    (cache / "handler.cpython-311.pyc").write_bytes(b"compiled")
    (second / "glue_jobs" / ".DS_Store").write_bytes(b"litter")
    assert built_bytes(first) == built_bytes(second)


@pytest.mark.parametrize(
    ("changed", "bundle"),
    [
        ("lambda_trigger/handler.py", "trigger"),
        ("glue_jobs/read.py", "job"),
        ("glue_jobs/file_processor.py", "job"),
        ("glue_jobs/contracts/orders.toml", "job"),
    ],
)
def test_one_changed_byte_changes_the_digest_of_its_bundle_alone(tmp_path: Path, changed: str, bundle: str) -> None:
    root = checkout(tmp_path, list(SOURCES))
    before = package.build(root)
    (root / changed).write_text(SOURCES[changed] + "#")
    after = package.build(root)
    other = "job" if bundle == "trigger" else "trigger"
    assert getattr(before, bundle).digest != getattr(after, bundle).digest
    assert getattr(before, other) == getattr(after, other)


def test_bundles_stand_where_terraform_looks_for_them(tmp_path: Path) -> None:
    bundles = package.build(checkout(tmp_path, list(SOURCES)))
    assert re.fullmatch(r"dist/trigger-[0-9a-f]{16}\.zip", bundles.trigger.path)
    assert re.fullmatch(r"dist/job-[0-9a-f]{16}", bundles.job.path)
    job = tmp_path / bundles.job.path
    assert sorted(path.name for path in job.iterdir()) == ["file_processor.py", "glue_jobs.zip"]
    names = zipfile.ZipFile(job / "glue_jobs.zip").namelist()
    assert "glue_jobs/contracts/orders.toml" in names
    assert "glue_jobs/file_processor.py" not in names


def test_a_bundle_that_is_there_already_is_not_written_again(tmp_path: Path) -> None:
    root = checkout(tmp_path, list(SOURCES))
    path = root / package.build(root).trigger.path
    os.utime(path, (1, 1))
    package.build(root)
    assert path.stat().st_mtime == 1


def test_the_trigger_runs_from_its_zip_alone(tmp_path: Path) -> None:
    bundles = package.build(checkout(tmp_path, list(SOURCES)))
    program = (
        "import sys; sys.path[:] = [sys.argv[1], *(p for p in sys.path if 'site-packages' not in p)]\n"
        "import aws_lambda_powertools.logging, jmespath, lambda_trigger.handler, typing_extensions"
    )
    command = [sys.executable, "-I", "-c", program, str(tmp_path / bundles.trigger.path)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "No module named 'boto" in ran.stderr or ran.returncode == 0, ran.stderr


def test_the_trigger_zip_holds_every_distribution_it_needs() -> None:
    held = {name.replace("_", "-") for name in package.TRIGGER_DISTRIBUTIONS}
    needed = {
        re.split(r"[^A-Za-z0-9._-]", requirement)[0].replace("_", "-")
        for name in package.TRIGGER_DISTRIBUTIONS
        for requirement in importlib.metadata.requires(name) or []
        if "extra ==" not in requirement
    }
    assert needed <= held


def test_a_missing_dependency_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "TRIGGER_DISTRIBUTIONS", ("no-such-thing",))
    with pytest.raises(GluePipeError, match="no-such-thing, which is not installed"):
        package.build(checkout(tmp_path, list(SOURCES)))


def test_a_wrong_contract_stops_the_build(tmp_path: Path) -> None:
    root = checkout(tmp_path, list(SOURCES))
    (root / "glue_jobs/contracts/orders.toml").write_text('mode = "sometimes"\n')
    with pytest.raises(GluePipeError, match=r"contracts are wrong[\s\S]*orders"):
        package.build(root)
    assert not (root / "dist").exists()


def test_a_project_without_contracts_is_fine(tmp_path: Path) -> None:
    package.build(checkout(tmp_path, [name for name in SOURCES if "contracts" not in name]))


def test_rebuilding_this_very_checkout_gives_the_same_bytes(tmp_path: Path) -> None:
    for copy in ("one", "two"):
        for folder in ("lambda_trigger", "glue_jobs"):
            shutil.copytree(REPOSITORY / folder, tmp_path / copy / folder)
        (tmp_path / copy / "glue_jobs" / "file_processor.py").touch()
    assert built_bytes(tmp_path / "one") == built_bytes(tmp_path / "two")


def test_two_clones_in_different_folders_on_different_days_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clones = [tmp_path / "one", tmp_path / "somewhere else" / "two"]
    for clone in clones:
        subprocess.run(["git", "clone", "--quiet", REPOSITORY, clone], check=True)
    today = built_bytes(clones[0])
    for path in clones[1].rglob("*"):
        os.utime(path, (0, time.time() + 40 * DAY))
    clock, calendar = time.time, time.localtime
    monkeypatch.setattr(time, "time", lambda: clock() + 40 * DAY)
    monkeypatch.setattr(
        time, "localtime", lambda moment=None: calendar(clock() + 40 * DAY if moment is None else moment)
    )
    assert built_bytes(clones[1]) == today
