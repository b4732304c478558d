"""Checks everything that GluePipe needs, one finding per thing; the accounts are `doctor_accounts`'."""

import os
import platform
import sys
from functools import partial
from pathlib import Path

from gluepipe import java, project
from gluepipe.errors import GluePipeError
from gluepipe.health.findings import Finding, checked
from gluepipe.project import Project
from gluepipe.settings import Target
from gluepipe.terraform import binary, providers


def examine(start: Path | None) -> dict[str, Finding]:
    """Look at everything, thing by thing; never raises for what it finds.

    `start` is the project's folder, None to look for it from here upward.
    """
    here = {"python": _python, "terraform": _terraform, "aws provider": _provider, "java": _java}
    found = {name: checked(check) for name, check in here.items()}
    try:
        opened = project.load(start)
    except GluePipeError as error:
        return found | {"settings": Finding("missing", error.reason, error.fix)}
    where = f"{opened.root / 'gluepipe.toml'}, target {opened.settings.target}"
    return found | {"settings": Finding("ok", where)} | _of_target(opened)


def _python() -> Finding:
    return Finding("ok", f"{platform.python_version()} ({sys.executable})")


def _terraform() -> Finding:
    found = binary.find()
    return Finding("ok", f"{found.version} ({found.origin})")


def _provider() -> Finding:
    mirror = providers.find_mirror(os.environ)
    if mirror:
        return Finding("ok", f"from {mirror}")
    fix = "Where the registry cannot be reached, point GLUEPIPE_PROVIDER_MIRROR at a provider mirror."
    return Finding("warning", "no mirror here; Terraform will ask the registry", fix)


def _java() -> Finding:
    found = java.find()
    return Finding("ok", f"{found.version} ({found.origin})")


def _of_target(opened: Project) -> dict[str, Finding]:
    from gluepipe.health import doctor_accounts

    if opened.settings.target is not Target.EMULATOR:
        return doctor_accounts.examine(opened)
    here = checked(partial(_emulator, opened))
    return {"emulator": here} | (doctor_accounts.examine(opened) if here.level == "ok" else {})


def _emulator(opened: Project) -> Finding:
    from gluepipe.emulator import process

    found = process.status(opened.emulator_folder)
    if found.state == "running" and found.emulator:
        return Finding("ok", f"running at {found.emulator.url}")
    detail = "not running" if found.state == "stopped" else "its process is gone, and what it held"
    return Finding("warning", detail, "It starts by itself: gluepipe apply dev")
