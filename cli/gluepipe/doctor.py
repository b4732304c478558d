"""Checks everything that GluePipe needs here, one finding per thing."""

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from gluepipe import java, project, providers, terraform_binary
from gluepipe.errors import GluePipeError
from gluepipe.project import Project
from gluepipe.settings import Target

Level = Literal["ok", "warning", "missing"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `fix` says what to do where it is not ok."""

    name: str
    level: Level
    detail: str
    fix: str = ""

    def as_document(self) -> dict[str, str]:
        return asdict(self)


def examine(start: Path | None) -> list[Finding]:
    """Look at everything; never raises for what it finds. What is `missing` keeps GluePipe from working."""
    opened: list[Project] = []

    def settings() -> Finding:
        opened.append(project.load(start))
        found = opened[0]
        where = f"{found.root / 'gluepipe.toml'}, target {found.settings.target}"
        return Finding("settings", "ok", where)

    findings = [
        _checked("python", _python),
        _checked("terraform", _terraform),
        _checked("aws provider", _provider),
        _checked("java", _java),
        _checked("settings", settings),
    ]
    return findings + (_of_target(opened[0]) if opened else [])


def _checked(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except GluePipeError as error:
        return Finding(name, "missing", error.reason, error.fix)


def _python() -> Finding:
    return Finding("python", "ok", f"{platform.python_version()} ({sys.executable})")


def _terraform() -> Finding:
    found = terraform_binary.find()
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
    if opened.settings.target is Target.EMULATOR:
        account = [_checked("emulator", partial(_emulator, opened))]
    else:
        account = [
            _checked(f"account {name}", partial(_account, opened, name)) for name in opened.settings.environments
        ]
    if any(finding.level != "ok" for finding in account):
        return account
    return account + [_checked(name, partial(_environment, opened, name)) for name in opened.settings.environments]


def _emulator(opened: Project) -> Finding:
    from gluepipe.access import emulator_errors
    from gluepipe.emulator import process

    with emulator_errors():
        found = process.status(opened.emulator_folder)
    if found.state == "running" and found.emulator:
        return Finding("emulator", "ok", f"running at {found.emulator.url}")
    detail = "not running" if found.state == "stopped" else "its process is gone, and what it held"
    return Finding("emulator", "warning", detail, "It starts by itself: gluepipe apply dev")


def _account(opened: Project, environment_name: str) -> Finding:
    from gluepipe.access import check_identity

    account = opened.settings.environment(environment_name).account
    check_identity(opened, account)
    return Finding(f"account {environment_name}", "ok", f"{account.id} can be reached")


def _environment(opened: Project, name: str) -> Finding:
    """Look whether uploads still reach the queue: a notification that somebody replaced stops everything, silently."""
    from botocore.exceptions import ClientError

    from gluepipe.access import open_account

    environment = opened.settings.environment(name)
    names = opened.settings.names(environment)
    try:
        s3 = open_account(opened, environment.account).s3
        configuration = s3.get_bucket_notification_configuration(Bucket=names.input_bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            return Finding(name, "ok", "not deployed")
        return Finding(name, "missing", f"{names.input_bucket}: {error}", "Check the rights of these credentials.")
    queues = [queue["QueueArn"] for queue in configuration.get("QueueConfigurations", [])]
    if any(arn.endswith(f":{names.queue}") for arn in queues):
        return Finding(name, "ok", "deployed; uploads are announced")
    fix = f"Put it back: gluepipe apply {name} --stack infrastructure"
    return Finding(name, "missing", f"{names.input_bucket} announces no uploads to {names.queue}", fix)
