"""What a reader may rely on in every folder, and what dev and prod may differ in."""

import re
from pathlib import Path

import pytest

from tests.places import REPOSITORY
from tests.terraform.configuration import FOLDERS, MODULES, ROOTS, label, named_blocks, parse, typed_blocks

ENVIRONMENTS = [folder for folder in sorted((REPOSITORY / "terraform").iterdir()) if (folder / "application").is_dir()]
VALUES = "terraform.tfvars"


def committed(folder: Path) -> dict[str, Path]:
    return {
        path.relative_to(folder).as_posix(): path
        for suffix in ("*.tf", "*.tfvars")
        for path in folder.rglob(suffix)
        if ".terraform" not in path.parts
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=label)
def test_environments_differ_in_nothing_but_values(environment: Path) -> None:
    dev, other = committed(REPOSITORY / "terraform" / "dev"), committed(environment)
    assert dev.keys() == other.keys()
    for name, file in dev.items():
        if file.name == VALUES:
            assert parse(file).keys() == parse(other[name]).keys(), name
        else:
            assert file.read_bytes() == other[name].read_bytes(), name


def test_there_are_a_dev_and_a_prod_environment() -> None:
    assert {"dev", "prod"} <= {environment.name for environment in ENVIRONMENTS}


@pytest.mark.parametrize("folder", FOLDERS, ids=label)
@pytest.mark.parametrize("block_type", ["variable", "output"])
def test_variables_and_outputs_are_sorted_and_described(folder: Path, block_type: str) -> None:
    file = folder / f"{block_type}s.tf"
    names = [name for block in parse(file)[block_type] for name in block]
    assert names == sorted(names)
    undescribed = [name for name, body in named_blocks(folder, block_type).items() if not body.get("description")]
    assert not undescribed


@pytest.mark.parametrize("folder", FOLDERS, ids=label)
def test_variables_are_typed_and_refuse_null_unless_null_means_something(folder: Path) -> None:
    for name, body in named_blocks(folder, "variable").items():
        assert "any" not in re.findall(r"\w+", str(body["type"])), name
        null_is_the_default = "default" in body and body["default"] in (None, "null")
        assert body.get("nullable") is False or null_is_the_default, name


@pytest.mark.parametrize("folder", MODULES, ids=label)
def test_modules_know_neither_providers_nor_accounts(folder: Path) -> None:
    for file in folder.glob("*.tf"):
        assert "provider" not in parse(file), file.name
        assert not re.search(r"\b\d{12}\b", file.read_text()), file.name


@pytest.mark.parametrize("folder", ROOTS, ids=label)
def test_roots_refuse_other_accounts_and_hold_only_wiring(folder: Path) -> None:
    assert named_blocks(folder, "provider")["aws"]["allowed_account_ids"] == ["${var.account_id}"]
    assert not list(typed_blocks(folder, "resource"))


def test_one_notification_resource_owns_the_input_bucket() -> None:
    owners = [
        (label(folder), body)
        for folder in FOLDERS
        for kind, _, body in typed_blocks(folder, "resource")
        if kind == "aws_s3_bucket_notification"
    ]
    assert [where for where, _ in owners] == ["modules/file_trigger"]
    assert all("filter_suffix" not in queue for _, body in owners for queue in body["queue"])


@pytest.mark.parametrize("folder", FOLDERS, ids=label)
def test_every_validation_has_a_test_that_it_refuses(folder: Path) -> None:
    tests = Path(__file__).parent / "roots" / folder.name if folder in ROOTS else folder / "tests"
    written = "\n".join(file.read_text() for file in tests.glob("*.tftest.hcl"))
    expected = " ".join(re.findall(r"expect_failures = \[(.*?)\]", written))
    refused = set(re.findall(r"var\.(\w+)", expected))
    validated = {name for name, body in named_blocks(folder, "variable").items() if "validation" in body}
    assert validated <= refused


@pytest.mark.parametrize("folder", FOLDERS, ids=label)
def test_files_stay_short(folder: Path) -> None:
    assert not [file.name for file in folder.glob("*.tf") if len(file.read_text().splitlines()) > 200]
