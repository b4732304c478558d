"""The staged copy of the configuration that Terraform applies to the emulated accounts.

It mirrors `terraform/`, `modules/` and `dist/` as they lie to each other and adds Terraform override files; the source
tree is only read. What is emulated differently, or not at all, is said here and nowhere else.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

OVERRIDE = "emulator_override.tf"
MIRRORED = ("terraform", "modules")
LINKED = "dist"
KEPT = (".terraform", ".terraform.lock.hcl", OVERRIDE)

LEFT_OUT = ("lifecycle rules of buckets: the provider would wait a minute for them, and nothing there acts on them",)

PROVIDER_OVERRIDE = """\
provider "aws" {
  max_retries                 = 4
  s3_use_path_style           = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
}
"""

# moto hands the redrive policy back with other blanks, which the provider takes for a change.
QUEUE_OVERRIDE = """\
resource "aws_sqs_queue" "{name}" {{
  lifecycle {{
    ignore_changes = [redrive_policy]
  }}
}}
"""

PROVIDER = re.compile(r'^provider\s+"aws"', re.MULTILINE)
QUEUE = re.compile(r'^resource\s+"aws_sqs_queue"\s+"(\w+)"\s*\{(.*?)^\}', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Staged:
    """`folder` mirrors the repository's root; `left_out` is for people to read."""

    folder: Path
    left_out: tuple[str, ...]


def stage(repo_root: Path, folder: Path) -> Staged:
    """Bring `folder` up to date with the configuration in `repo_root`; rewrite only what changed.

    What Terraform itself keeps beside the configuration (`.terraform`, the lock file) stays, so that `init` has nothing
    to do again.
    """
    for name in MIRRORED:
        _mirror(repo_root / name, folder / name)
    _link(repo_root / LINKED, folder / LINKED)
    for configuration in {file.parent for name in MIRRORED for file in (folder / name).rglob("*.tf")}:
        _override(configuration)
    return Staged(folder, LEFT_OUT)


def _mirror(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    entries = {entry.name: entry for entry in source.iterdir() if entry.name not in KEPT}
    for present in list(target.iterdir()):
        if present.name not in entries and present.name not in KEPT:
            shutil.rmtree(present) if present.is_dir() else present.unlink()
    for name, entry in entries.items():
        if entry.is_dir():
            _mirror(entry, target / name)
        else:
            _write(target / name, entry.read_bytes())


def _write(file: Path, content: bytes) -> None:
    if file.exists() and file.read_bytes() == content:
        return
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(file)


def _link(source: Path, target: Path) -> None:
    if not target.is_symlink() or target.readlink() != source:
        target.unlink(missing_ok=True)
        target.symlink_to(source, target_is_directory=True)


def _override(configuration: Path) -> None:
    texts = [file.read_text(encoding="utf-8") for file in sorted(configuration.glob("*.tf")) if file.name != OVERRIDE]
    blocks = [PROVIDER_OVERRIDE] if any(PROVIDER.search(text) for text in texts) else []
    blocks += [
        QUEUE_OVERRIDE.format(name=queue[1])
        for text in texts
        for queue in QUEUE.finditer(text)
        if "redrive_policy" in queue[2]
    ]
    if blocks:
        _write(configuration / OVERRIDE, "\n".join(blocks).encode())
    else:
        (configuration / OVERRIDE).unlink(missing_ok=True)
