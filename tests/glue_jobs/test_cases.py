"""Files that broke other readers, each with what is right: the reference cases, and more from bug reports."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gluepipe.preview import preview
from tests.glue_jobs.judging import problems

TESTS = Path(__file__).parent.parent


def expectation(case: Path) -> dict[str, Any] | None:
    """What is expected of a case of one file, None for a case of another kind."""
    path = case / "expected.json"
    expected: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return expected if expected.get("family") in ("a", "c") and len(expected["inputs"]) == 1 else None


def single_files(*folders: str) -> list[Any]:
    cases = [case for folder in folders for case in sorted((TESTS / folder).iterdir())]
    found = ((case, expectation(case)) for case in cases)
    return [pytest.param(case, expected, id=case.name) for case, expected in found if expected]


def given(case: Path, expected: dict[str, Any], folder: Path) -> Path:
    """The case's input under the name it is delivered with."""
    name = expected["inputs"][0]
    if name == "generate.py":
        target = folder / "input.csv"
        subprocess.run([sys.executable, str(case / name), str(target)], check=True)
        return target
    target = folder / Path(expected.get("object_key", name)).name
    target.write_bytes((case / name).read_bytes())
    return target


@pytest.mark.parametrize(("case", "expected"), single_files("cases", "cases_extra"))
def test_a_reported_file_is_read_or_refused_without_loss(case: Path, expected: dict[str, Any], tmp_path: Path) -> None:
    [result] = preview([given(case, expected, tmp_path)], tmp_path / "out")

    assert not problems(result, expected)
    if result.outcome != "ok":
        assert not list((tmp_path / "out").rglob("*.parquet"))
