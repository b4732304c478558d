"""The record a running emulator leaves in its state folder, and what to tell people when it is not there."""

from __future__ import annotations

import http.client
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gluepipe.errors import GluePipeError

RECORD = "endpoint.json"
LOG = "emulator.log"
READY = b"ready"
ANSWER_SECONDS = 30.0  # it answers at once, but on a machine that is busy with something else it may not get to run
IDENTITY_PATH = "/_emulator/identity"
STOP_PATH = "/_emulator/stop"
FAULTS_PATH = "/_emulator/faults"
CREDENTIALS_PATH = "/_emulator/credentials"
PERMISSIONS_PATH = "/_emulator/permissions"
TOKEN_HEADER = "X-Emulator-Token"  # noqa: S105 # nosec B105 # the header's name, not a secret


class EmulatorError(GluePipeError):
    """The emulated accounts can't be used."""


@dataclass(frozen=True)
class Emulator:
    """A running emulator. `accounts` maps names to ids, `administrators` ids to one's access key and secret."""

    url: str
    pid: int
    started_at: str
    token: str
    region: str
    accounts: dict[str, str]
    administrators: dict[str, list[str]]
    log_path: str


def variables(url: str, region: str) -> dict[str, str]:
    """Return the environment variables that point SDKs and Terraform at an emulator, whatever proxies there are."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def read(state_dir: Path) -> Emulator | None:
    """Return the record in `state_dir`, whether or not its process still runs; None if there is none."""
    try:
        return Emulator(**json.loads((state_dir / RECORD).read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise EmulatorError(
            f"{state_dir / RECORD} is damaged ({error}).",
            "Delete that file, then start the emulator again: gluepipe emulator up",
        ) from error


def write(state_dir: Path, emulator: Emulator) -> None:
    """Replace the record at once, readable by its owner only."""
    draft = state_dir / f"{RECORD}.{os.getpid()}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(emulator), file, indent=2)
    draft.replace(state_dir / RECORD)


def answers(emulator: Emulator, timeout: float | None = None) -> bool:
    """Tell whether the process behind the record is the one that wrote it.

    Another program may have been given the same port or the same pid, so it has to return our token.

    Raises:
        EmulatorError: something accepts connections there but says nothing in `timeout` (or ANSWER_SECONDS) seconds.
    """
    try:
        return request(emulator, "GET", IDENTITY_PATH, timeout or ANSWER_SECONDS) == emulator.token
    except TimeoutError as error:
        raise EmulatorError(
            f"The emulator at {emulator.url} (process {emulator.pid}) does not answer.",
            f"Look at {emulator.log_path}, then restart it: gluepipe emulator down; gluepipe emulator up",
        ) from error
    except (OSError, http.client.HTTPException):
        return False


def request(emulator: Emulator, method: str, path: str, timeout: float) -> str:
    """Send a control request straight to the loopback address, whatever proxies the environment names."""
    address = urlsplit(emulator.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=timeout)
    try:
        connection.request(method, path, headers={TOKEN_HEADER: emulator.token})
        return connection.getresponse().read().decode("utf-8", "replace")
    finally:
        connection.close()
