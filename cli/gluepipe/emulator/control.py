"""What a running emulator hands out and is told: credentials, what roles asked for, which invocations are to fail."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from gluepipe.emulator import endpoint
from gluepipe.emulator.endpoint import EmulatorError
from gluepipe.emulator.faults import Fault
from gluepipe.emulator.process import running

# Settings of the caller that would win over `environment`, or that belong to other credentials: unset them.
FOREIGN_VARIABLES = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
)


def environment(state_dir: Path, account_id: str) -> dict[str, str]:
    """Variables that point boto3 and Terraform at the emulator as the administrator of an account.

    Drop `FOREIGN_VARIABLES` from the environment they are added to.
    """
    emulator = running(state_dir)
    access_key, secret = emulator.administrators[account_id]
    return {
        **endpoint.variables(emulator.url, emulator.region),
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def administrator(state_dir: Path, account_id: str) -> dict[str, str]:
    """Return keyword arguments for a `boto3.Session` as the administrator of an account.

    Clients made from it still need the endpoint: `AWS_ENDPOINT_URL`, or `endpoint_url=running(state_dir).url`.
    """
    emulator = running(state_dir)
    access_key, secret = emulator.administrators[account_id]
    return {"aws_access_key_id": access_key, "aws_secret_access_key": secret, "region_name": emulator.region}


def service_environment(state_dir: Path, service: str, role_arn: str, source_arn: str) -> dict[str, str]:
    """Variables that make what an AWS service runs act as the role that the service was given for `source_arn`.

    Raises:
        EmulatorError: the role's trust policy does not let the service take it.
    """
    emulator = running(state_dir)
    asked = {
        "service": service,
        "role": role_arn,
        "source": source_arn,
        "region": emulator.region,
        "session": source_arn.rpartition("/")[2],
    }
    answer = endpoint.request(emulator, "POST", f"{endpoint.CREDENTIALS_PATH}?{urlencode(asked)}", timeout=5.0)
    variables: dict[str, str] = json.loads(answer)
    if not variables:
        raise EmulatorError(
            f"The role {role_arn} cannot be assumed by {service}.", "Correct the role's trust policy, or name another."
        )
    return variables


def permissions_used(state_dir: Path) -> list[dict[str, Any]]:
    """Return what every role asked for since the start; see `iam.journal.Use`."""
    answer = endpoint.request(running(state_dir), "GET", endpoint.PERMISSIONS_PATH, timeout=5.0)
    uses: list[dict[str, Any]] = json.loads(answer)
    return uses


def fail_invocations(state_dir: Path, function: str, rate: float, *, seconds: float = 0.0, seed: int = 0) -> None:
    """Have the part `rate` of a function's invocations killed, each at a random moment of its first `seconds`.

    With 0 seconds the event never reaches the handler. A rate of 0 ends it. The same seed strikes the same invocations.
    """
    fault = Fault(function, rate, seconds, seed)
    endpoint.request(running(state_dir), "POST", f"{endpoint.FAULTS_PATH}?{fault.as_query()}", timeout=5.0)
