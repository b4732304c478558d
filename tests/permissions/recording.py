"""Records what reaches the emulated accounts, and says who sent it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3

from gluepipe.emulator import process
from tests.permissions.recorded_calls import Call, entries, read

FILE = "moto_recording"


@contextmanager
def recording(emulator_folder: Path) -> Iterator[None]:
    """Add every request that is made meanwhile to the folder's recording."""
    _control(emulator_folder, "start-recording")
    try:
        yield
    finally:
        _control(emulator_folder, "stop-recording")


def calls_by_role(emulator_folder: Path, account_id: str) -> dict[str, set[Call]]:
    """Return the recorded calls by the name of the role that made them, in one account."""
    requests = entries((emulator_folder / FILE).read_text())
    calls = {call for request in requests for call in read(request, account_id)}
    roles = {key: _role(emulator_folder, key, account_id) for key in {call.access_key for call in calls}}
    found: dict[str, set[Call]] = {}
    for call in calls:
        if role := roles[call.access_key]:
            found.setdefault(role, set()).add(call)
    return found


def _role(emulator_folder: Path, access_key: str, account_id: str) -> str | None:
    """Return whose the key is; None for the base user and for roles of other accounts."""
    emulator = process.running(emulator_folder)
    client = boto3.client(
        "sts",
        endpoint_url=emulator.url,
        region_name=emulator.region,
        aws_access_key_id=access_key,
        aws_secret_access_key="not checked",
    )
    arn = client.get_caller_identity()["Arn"]
    return str(arn.split("/")[1]) if f"::{account_id}:assumed-role/" in arn else None


def _control(emulator_folder: Path, command: str) -> None:
    url = f"{process.running(emulator_folder).url}/moto-api/recorder/{command}"
    with urllib.request.urlopen(urllib.request.Request(url, method="POST")) as answer:  # noqa: S310 - the loopback
        assert answer.status == 200, json.load(answer)
