import subprocess
from pathlib import Path

import pytest

from tests.places import REPOSITORY
from tests.terraform import fmt
from tests.terraform.configuration import MODULES, ROOTS, label
from tests.terraform.conftest import Terraform

# The environments' roots are the same to the byte (test_structure.py), so one of them speaks for all.
WIRED = [*MODULES, *(root for root in ROOTS if root.parent.name in ("terraform", "dev"))]


def test_every_file_is_formatted() -> None:
    assert fmt.main() == 0


def test_formatting_that_differs_is_told(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('locals {\n    a = "b"\n}\n')
    assert fmt.main([tmp_path]) == 1


@pytest.mark.parametrize("folder", ROOTS, ids=label)
def test_every_root_is_valid(terraform: Terraform, staged: Path, folder: Path) -> None:
    copy = staged / label(folder)
    terraform.init(copy)
    assert_succeeds(terraform.run(copy, "validate", "-no-color"))


@pytest.mark.parametrize("folder", WIRED, ids=label)
def test_wiring(terraform: Terraform, staged: Path, folder: Path) -> None:
    copy = staged / label(folder)
    terraform.init(copy)
    done = terraform.run(copy, "test", "-no-color")
    assert_succeeds(done)
    assert "Success! 0 passed" not in done.stdout


def test_every_module_has_wiring_tests() -> None:
    untested = [label(module) for module in MODULES if not list((module / "tests").glob("*.tftest.hcl"))]
    assert not untested


def assert_succeeds(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}".replace(str(REPOSITORY), ".")
