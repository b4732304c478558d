from __future__ import annotations

from pathlib import Path

import hcl2
import pytest

from gluepipe.emulator.terraform import OVERRIDE, stage

ROOT = 'provider "aws" {\n  region = var.region\n}\n'
QUEUES = """
resource "aws_sqs_queue" "dead" {
  name = "dead"
}

resource "aws_sqs_queue" "files" {
  name = "files"
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
  })
}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    for name, text in {
        "terraform/dev/infrastructure/providers.tf": ROOT,
        "terraform/dev/infrastructure/terraform.tfvars": "days = 3\n",
        "modules/queues/main.tf": QUEUES,
        "modules/plain/main.tf": "# nothing\n",
        "dist/trigger-1.zip": "zip",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def staged(repository: Path, tmp_path: Path) -> Path:
    return stage(repository, tmp_path / "staged").folder


def test_copy_lies_as_the_source_does_and_leaves_it_alone(repository: Path, staged: Path) -> None:
    folder = staged / "terraform/dev/infrastructure"
    assert (folder / "terraform.tfvars").read_text() == "days = 3\n"
    assert (folder / "../../../dist/trigger-1.zip").read_text() == "zip"
    assert (folder / "../../../modules/queues/main.tf").read_text() == QUEUES
    assert not list(repository.rglob(OVERRIDE))


def test_root_gets_a_provider_override_that_terraform_can_read(staged: Path) -> None:
    with open(staged / "terraform/dev/infrastructure" / OVERRIDE) as file:
        (block,) = hcl2.load(file)["provider"]
    (settings,) = block.values()
    assert (settings["s3_use_path_style"], settings["max_retries"]) == (True, 4)
    assert "skip_requesting_account_id" not in settings  # or allowed_account_ids would check nothing


def test_only_queues_with_a_redrive_policy_ignore_it(staged: Path) -> None:
    override = (staged / "modules/queues" / OVERRIDE).read_text()
    assert override.count("resource") == 1
    assert 'resource "aws_sqs_queue" "files"' in override
    assert "ignore_changes = [redrive_policy]" in override
    assert not (staged / "modules/plain" / OVERRIDE).exists()


def test_staging_again_rewrites_only_what_changed_and_keeps_what_terraform_keeps(
    repository: Path, staged: Path
) -> None:
    folder = staged / "terraform/dev/infrastructure"
    (folder / ".terraform").mkdir()
    (folder / ".terraform/state").write_text("kept")
    (folder / ".terraform.lock.hcl").write_text("kept")
    before = {file: file.stat().st_ino for file in staged.rglob("*.tf")}
    (repository / "modules/queues/main.tf").write_text('resource "aws_sqs_queue" "dead" {\n}\n')
    (repository / "terraform/dev/infrastructure/new.tf").write_text("# new\n")
    (repository / "terraform/dev/infrastructure/terraform.tfvars").unlink()
    stage(repository, staged)
    assert (folder / ".terraform/state").read_text() == "kept"
    assert (folder / ".terraform.lock.hcl").read_text() == "kept"
    assert (folder / "new.tf").exists()
    assert not (folder / "terraform.tfvars").exists()
    assert not (staged / "modules/queues" / OVERRIDE).exists()
    assert (folder / "providers.tf").stat().st_ino == before[folder / "providers.tf"]
    assert (folder / OVERRIDE).stat().st_ino == before[folder / OVERRIDE]


def test_removed_folders_go_from_the_copy(repository: Path, staged: Path) -> None:
    (repository / "modules/plain/main.tf").unlink()
    (repository / "modules/plain").rmdir()
    stage(repository, staged)
    assert not (staged / "modules/plain").exists()


def test_what_is_left_out_is_told(repository: Path, tmp_path: Path) -> None:
    left_out = " ".join(stage(repository, tmp_path / "staged").left_out)
    assert "lifecycle" in left_out
