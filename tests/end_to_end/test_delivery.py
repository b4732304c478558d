"""The whole of delivery on three emulated accounts: real Terraform, both pipelines, promotion, approval, rollback."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.places import REPOSITORY

pytestmark = pytest.mark.slow

MINUTES = 60


@pytest.fixture(scope="module")
def demo() -> str:
    """What `gluepipe demo-delivery` prints; it must go the whole way."""
    finished = subprocess.run(
        [sys.executable, "-m", "gluepipe", "--project", str(REPOSITORY), "demo-delivery"],
        capture_output=True,
        text=True,
        timeout=30 * MINUTES,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    return finished.stdout


def rows(demo: str, environment: str) -> list[list[str]]:
    """The table of releases of an environment, a list of cells per release, without header."""
    table = demo.split(f"gluepipe releases {environment}\n", 1)[1].split(" s  gluepipe", 1)[0]
    lines = [line for line in table.splitlines() if re.match(r"\d{8}T", line)]
    return [line.split() for line in lines]


def test_both_stacks_reach_prod_through_their_pipelines(demo: str) -> None:
    assert "gluepipe pipeline run infrastructure" in demo
    assert "gluepipe pipeline run application" in demo
    assert [row[4] for row in rows(demo, "prod") if row[1] == "infrastructure"] == ["promotion"]


def test_the_changed_job_is_promoted_and_rolled_back(demo: str) -> None:
    kinds = [(row[4], row[5], row[6]) for row in rows(demo, "prod") if row[1] == "application"]
    assert kinds == [
        ("rollback", "applied", "passed"),
        ("promotion", "applied", "passed"),
        ("promotion", "applied", "passed"),
    ]


def test_the_rollback_brought_the_first_bytes_back(demo: str) -> None:
    bundles = [row[3] for row in rows(demo, "prod") if row[1] == "application"]
    assert bundles[0] == bundles[2] != bundles[1]
    assert [row[3] for row in rows(demo, "dev") if row[1] == "application"] == bundles[1:]


def test_prod_was_approved_by_somebody_else(demo: str) -> None:
    promoted = [row for row in rows(demo, "prod") if row[4] == "promotion"]
    assert all("release-manager" in row for row in promoted)
