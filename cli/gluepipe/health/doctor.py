"""Checks everything that GluePipe needs here, one finding per thing."""

import os
import platform
import sys
from functools import partial
from pathlib import Path

from gluepipe import java, project
from gluepipe.health.findings import Finding, checked
from gluepipe.project import Project
from gluepipe.settings import Target
from gluepipe.terraform import binary, providers


def examine(start: Path | None) -> list[Finding]:
    """Look at everything; never raises for what it finds. What is `missing` keeps GluePipe from working."""
    opened: list[Project] = []

    def settings() -> Finding:
        opened.append(project.load(start))
        found = opened[0]
        where = f"{found.root / 'gluepipe.toml'}, target {found.settings.target}"
        return Finding("settings", "ok", where)

    findings = [
        checked("python", _python),
        checked("terraform", _terraform),
        checked("aws provider", _provider),
        checked("java", _java),
        checked("settings", settings),
    ]
    return findings + (_of_target(opened[0]) if opened else [])


def _python() -> Finding:
    return Finding("python", "ok", f"{platform.python_version()} ({sys.executable})")


def _terraform() -> Finding:
    found = binary.find()
    return Finding("terraform", "ok", f"{found.version} ({found.origin})")


def _provider() -> Finding:
    mirror = providers.find_mirror(os.environ)
    if mirror:
        return Finding("aws provider", "ok", f"from {mirror}")
    fix = "Where the registry cannot be reached, point GLUEPIPE_PROVIDER_MIRROR at a provider mirror."
    return Finding("aws provider", "warning", "no mirror here; Terraform will ask the registry", fix)


def _java() -> Finding:
    found = java.find()
    return Finding("java", "ok", f"{found.version} ({found.origin})")


def _of_target(opened: Project) -> list[Finding]:
    from gluepipe.health import doctor_accounts

    emulated = opened.settings.target is Target.EMULATOR
    here = [checked("emulator", partial(_emulator, opened))] if emulated else []
    if any(finding.level != "ok" for finding in here):
        return here
    return [*here, *doctor_accounts.examine(opened)]


def _emulator(opened: Project) -> Finding:
    from gluepipe.access import emulator_errors
    from gluepipe.emulator import process

    with emulator_errors():
        found = process.status(opened.emulator_folder)
    if found.state == "running" and found.emulator:
        return Finding("emulator", "ok", f"running at {found.emulator.url}")
    detail = "not running" if found.state == "stopped" else "its process is gone, and what it held"
    return Finding("emulator", "warning", detail, "It starts by itself: gluepipe apply dev")
