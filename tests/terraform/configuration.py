"""The Terraform configuration as data: its folders, and the blocks of their files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
from hcl2.utils import SerializationOptions

from tests.places import REPOSITORY

MODULES = sorted(path.parent for path in (REPOSITORY / "modules").glob("*/versions.tf"))
ROOTS = sorted(path.parent for path in (REPOSITORY / "terraform").rglob("versions.tf"))
FOLDERS = MODULES + ROOTS

OPTIONS = SerializationOptions(with_comments=False, explicit_blocks=False, strip_string_quotes=True)


def label(folder: Path) -> str:
    """Return a folder's path below the repository, to name a test by."""
    return folder.relative_to(REPOSITORY).as_posix()


def parse(file: Path) -> dict[str, Any]:
    """Return the blocks of a file as python-hcl2 lays them out: block type -> list of {label: ...: body}."""
    with file.open(encoding="utf-8") as text:
        return dict(hcl2.load(text, serialization_options=OPTIONS))


def named_blocks(folder: Path, block_type: str) -> dict[str, dict[str, Any]]:
    """Return the blocks of one type with one label in a folder (variables, outputs, modules), in file order."""
    return {
        name: body
        for file in sorted(folder.glob("*.tf"))
        for block in parse(file).get(block_type, [])
        for name, body in block.items()
    }


def typed_blocks(folder: Path, block_type: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield type, name and body of every resource (or data source) of a folder."""
    for file in sorted(folder.glob("*.tf")):
        for block in parse(file).get(block_type, []):
            for kind, named in block.items():
                for name, body in named.items():
                    yield kind, name, body
