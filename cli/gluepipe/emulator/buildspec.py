"""Runs a buildspec on this machine as the build service would: one shell, one folder, and what it exports."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gluepipe.errors import GluePipeError
from gluepipe.project import ROOT_VARIABLE

PHASES = ("install", "pre_build", "build", "post_build")
REFERENCE = re.compile(r"#\{([\w.]+)\}")  # what CodePipeline replaces in an action's configuration

Log = Callable[[str], None]
Watch = Callable[["subprocess.Popen[str]"], None]


def run_buildspec(
    spec: Mapping[str, Any],
    folder: Path,
    environment: Mapping[str, str],
    log: Log | None = None,
    watch: Watch = lambda _process: None,
) -> dict[str, str]:
    """Run the commands of a buildspec in one shell, as the build service does; return what it exports.

    `log` is given its output line by line, which else goes where ours goes; `watch` is given the shell, which leads a
    process group of its own. Raises GluePipeError when a command fails.
    """
    commands = [command for phase in PHASES for command in spec["phases"].get(phase, {}).get("commands", [])]
    names = spec.get("env", {}).get("exported-variables", [])
    with tempfile.TemporaryDirectory(prefix="gluepipe-") as scratch:
        exported = Path(scratch) / "exported"
        script = "\n".join([*map(_checked, commands), *(f'printf "%s\\0" "${name}" >> {exported}' for name in names)])
        with subprocess.Popen(
            ["bash", "-c", script],
            cwd=folder,
            env={**os.environ, ROOT_VARIABLE: str(folder), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if log else None,
            stderr=subprocess.STDOUT if log else None,
            text=True,
            errors="replace",
            start_new_session=log is not None,
        ) as shell:
            watch(shell)
            for line in shell.stdout or ():
                if log:
                    log(line.rstrip("\n"))
        if shell.returncode != 0:
            raise GluePipeError(f"The build failed with exit code {shell.returncode}; see its output.")
        values = exported.read_text(encoding="utf-8").split("\0") if names else []
    return dict(zip(names, values, strict=False))


def resolved(text: str, variables: Mapping[str, str]) -> str:
    """Return a configuration value with its `#{namespace.name}` replaced; what nobody exported is empty."""
    return REFERENCE.sub(lambda found: variables.get(found[1], ""), text)


def _checked(command: str) -> str:
    return f"{command} || exit"
