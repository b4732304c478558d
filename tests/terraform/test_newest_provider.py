"""Holds the configuration against the newest provider's schema; `terraform validate` does so for the oldest."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.configuration import FOLDERS, ROOTS, label, named_blocks, typed_blocks
from tests.terraform.provider_schema import PROVIDER, Schema, folded

META_ARGUMENTS = {"count", "depends_on", "for_each", "lifecycle", "provider"}
KINDS = {"resource": "resources", "data": "data-sources"}


@pytest.fixture(scope="module")
def schema() -> Schema:
    return Schema.load()


def test_the_schema_is_of_the_next_major_version(schema: Schema) -> None:
    assert int(schema.version.split(".")[0]) == 6


@pytest.mark.parametrize("folder", FOLDERS, ids=label)
@pytest.mark.parametrize("block_type", KINDS)
def test_resources_exist_with_all_their_arguments(schema: Schema, folder: Path, block_type: str) -> None:
    findings = [
        f"{kind}.{name}: {problem}"
        for kind, name, body in typed_blocks(folder, block_type)
        if kind.startswith("aws_")
        for problem in problems_of(schema, (KINDS[block_type], kind), body)
    ]
    assert not findings


@pytest.mark.parametrize("folder", ROOTS, ids=label)
def test_the_provider_takes_its_arguments(schema: Schema, folder: Path) -> None:
    assert not list(problems(schema, PROVIDER, named_blocks(folder, "provider")["aws"]))


def test_what_does_not_exist_is_found(schema: Schema) -> None:
    bucket = ("resources", "aws_s3_bucket_versioning")
    assert list(problems_of(schema, ("resources", "aws_s3_bucket_object_v2"), {})) == ["no such type"]
    assert list(problems_of(schema, bucket, {"bucket": "b", "versioning_configuration": [{"state": "Enabled"}]})) == [
        "versioning_configuration.state does not exist",
        "versioning_configuration.status is missing",
    ]
    dynamic = {"bucket": "b", "dynamic": [{"versioning_configuration": {"for_each": [], "content": [{"status": ""}]}}]}
    assert list(problems_of(schema, bucket, dynamic)) == []


def problems_of(schema: Schema, key: tuple[str, str], body: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with one resource or data source."""
    shape = schema.shapes.get(key)
    if shape is None:
        yield "no such type"
    else:
        arguments = {name: value for name, value in body.items() if name not in META_ARGUMENTS}
        yield from problems(schema, shape, arguments)


def problems(schema: Schema, shape: str, body: dict[str, Any], path: str = "") -> Iterator[str]:
    """Yield arguments that do not exist, and required ones that are missing, in a block and those inside it."""
    known = schema.arguments(shape)
    given = expand(body)
    for name, value in given.items():
        argument = known.get(folded(name))
        if argument is None:
            yield f"{path}{name} does not exist"
        elif argument.shape:
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, dict):
                    yield from problems(schema, argument.shape, inner, f"{path}{name}.")
    missing = {name for name, argument in known.items() if argument.required} - {folded(name) for name in given}
    yield from (f"{path}{name} is missing" for name in sorted(missing))


def expand(body: dict[str, Any]) -> dict[str, Any]:
    """Return a block with its dynamic blocks in place of the blocks that they make."""
    given = {name: value for name, value in body.items() if name != "dynamic"}
    for block in body.get("dynamic", []):
        for name, dynamic in block.items():
            given[name] = [*given.get(name, []), *dynamic["content"]]
    return given
