"""All the fixture's commands have secrets in their environment (tests/security/secrets.py); nothing repeats them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from gluepipe.emulator import process
from gluepipe.emulator.job_runs import DRIVER
from gluepipe.emulator.sandbox import WORKER
from tests.end_to_end.conftest import Checkout
from tests.security.secrets import found_in, in_arguments, in_files

POLL_SECONDS = 0.05


@dataclass
class Seen:
    """What was seen of the processes: programs, commands with secrets in them, and who was handed any."""

    programs: set[str] = field(default_factory=set)
    in_arguments: dict[str, set[str]] = field(default_factory=dict)
    handed_over: dict[str, set[str]] = field(default_factory=dict)

    def look(self, emulator: psutil.Process) -> None:
        """Take in what runs now."""
        workers = emulator.children()
        processes = [emulator, *workers, *psutil.Process().children(recursive=True)]
        self.in_arguments.update(in_arguments(processes))
        for each in processes:
            try:
                command, environment = each.cmdline(), Path(f"/proc/{each.pid}/environ").read_bytes()
            except (psutil.Error, OSError):
                continue
            self.programs.update(Path(part).name for part in command[:5])
            if {str(DRIVER), str(WORKER)} & set(command):
                self.handed_over[" ".join(command)] = found_in(environment)


@pytest.fixture(scope="module")
def seen(deployed: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """A plan, and a file on its way through function and job, watched meanwhile."""
    seen, done = Seen(), threading.Event()
    emulator = psutil.Process(process.running(deployed.project.emulator_folder).pid)

    def keep_looking() -> None:
        while not done.wait(POLL_SECONDS):
            seen.look(emulator)

    (file := tmp_path_factory.mktemp("secrets") / "plain.csv").write_text("id\n1\n")
    watching = threading.Thread(target=keep_looking)
    watching.start()
    try:
        deployed.succeed("plan", "dev", timeout=600)
        deployed.upload(file, "--dataset", "secrets")
    finally:
        done.set()
        watching.join()
    return seen


def test_no_command_has_a_secret_among_its_arguments(seen: Seen) -> None:
    assert {"terraform", DRIVER.name, WORKER.name} <= seen.programs
    assert seen.in_arguments == {}


def test_jobs_and_functions_are_handed_none(seen: Seen) -> None:
    assert len(seen.handed_over) >= 2
    assert {command: found for command, found in seen.handed_over.items() if found} == {}


def test_nothing_on_disk_holds_one(deployed: Checkout, seen: Seen) -> None:
    """Generated settings, staged copies and the emulator's log; plans are gone with the command that made them."""
    assert not list((deployed.root / ".gluepipe/plans").iterdir())
    assert dict(in_files(deployed.root)) == {}


def test_nothing_in_the_account_holds_one(deployed: Checkout, seen: Seen) -> None:
    kinds, found = set(), {}
    for place, content in _contents(deployed):
        kinds.add(place.partition(":")[0])
        if secrets := found_in(content):
            found[place] = secrets
    assert kinds == {"object", "item", "log"}
    assert found == {}


def test_no_command_said_one(deployed: Checkout, seen: Seen) -> None:
    assert len(deployed.said) >= 4
    assert {text for text in deployed.said if found_in(text.encode())} == set()


def _contents(deployed: Checkout) -> Iterator[tuple[str, bytes]]:
    """Every object version (states, releases, manifests, tables ...) but those uploaded, ledger item and log line."""
    account = deployed.administrator
    s3 = account.s3
    for bucket in {each["Name"] for each in s3.list_buckets()["Buckets"]} - {deployed.names.input_bucket}:
        pages: Any = s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
        for version in (each for page in pages for each in page.get("Versions", ())):
            where = {"Bucket": bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
            yield f"object: {bucket}/{version['Key']}", s3.get_object(**where)["Body"].read()
    for page in account.dynamodb.get_paginator("scan").paginate(TableName=deployed.names.ledger):
        yield from (("item: ledger", repr(item).encode()) for item in page["Items"])
    for group in account.logs.describe_log_groups()["logGroups"]:
        events = account.logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        yield from ((f"log: {group['logGroupName']}", e["message"].encode()) for page in events for e in page["events"])
