"""More files that broke other readers, from public bug reports (tests/cases_extra/<case>/expected.json)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gluepipe.preview import preview
from tests.glue_jobs.judging import problems
from tests.glue_jobs.test_cases import given

CASES = Path(__file__).parent.parent / "cases_extra"


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_a_reported_file_is_read_or_refused_without_loss(case: Path, tmp_path: Path) -> None:
    expected = json.loads((case / "expected.json").read_text())

    [result] = preview([given(case, expected, tmp_path)], tmp_path / "out")

    assert not problems(result, expected)
