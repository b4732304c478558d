"""The exported workflows under two linters: GitHub's schema of workflows, and a static analysis of their security."""

import subprocess
import sysconfig
from pathlib import Path

import pytest

from gluepipe.pipelines import github_actions

PROGRAMS = Path(sysconfig.get_path("scripts"))
SCHEMA = ("check-jsonschema", "--builtin-schema", "vendor.github-workflows")
SECURITY = ("zizmor", "--offline", "--no-config", "--no-progress", "--persona=regular")
LINTERS = pytest.mark.parametrize("linter", [SCHEMA, SECURITY], ids=["schema", "security"])


def lint(linter: tuple[str, ...], *files: Path) -> subprocess.CompletedProcess[str]:
    program, *options = linter
    return subprocess.run([PROGRAMS / program, *options, *files], capture_output=True, text=True, check=False)


@pytest.fixture
def workflows(tmp_path: Path) -> list[Path]:
    return github_actions.export(tmp_path, "eu-central-1", "dev", "prod")


@LINTERS
def test_nothing_is_found(linter: tuple[str, ...], workflows: list[Path]) -> None:
    done = lint(linter, *workflows)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("linter", "old", "new", "finding"),
    [
        (SCHEMA, "runs-on: ubuntu-24.04", "runs_on: ubuntu-24.04", "runs-on"),
        (SCHEMA, "needs: deploy-dev", "needs: 1", "needs"),
        (SECURITY, "make smoke ENV=dev", "echo ${{ github.head_ref }}", "template-injection"),
        (SECURITY, github_actions.CHECKOUT, "actions/checkout@main", "unpinned-uses"),
    ],
)
def test_what_is_wrong_would_be_found(
    workflows: list[Path], linter: tuple[str, ...], old: str, new: str, finding: str
) -> None:
    file = workflows[0]
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    done = lint(linter, file)
    assert done.returncode != 0
    assert finding in done.stdout + done.stderr
