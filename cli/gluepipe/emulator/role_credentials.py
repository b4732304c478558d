"""Credentials of a role, for the processes that run as it and for what services do as it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from moto.sts.models import sts_backends

from gluepipe.emulator import endpoint
from gluepipe.emulator.arns import Arn
from gluepipe.emulator.iam import enforcement
from gluepipe.errors import GluePipeError

ONE_DAY = 86_400
# The services whose documentation says that they tell for whom they take a role; no others are relied on to.
SAY_FOR_WHOM = frozenset({"codebuild.amazonaws.com", "scheduler.amazonaws.com"})


class RoleRefusedError(Exception):
    """The role's trust policy does not let the service take it."""


def role_environment(
    role_arn: str, session_name: str, region: str, url: str, service: str, source_arn: str
) -> dict[str, str]:
    """Let `service` take `role_arn` for `source_arn`; return the variables that make boto3 act as it at `url`.

    Raises:
        RoleRefusedError: the role does not trust the service, or is not there.
    """
    told = source_arn if service in SAY_FOR_WHOM else ""
    if not enforcement.service_may(service, "sts:AssumeRole", role_arn, told):
        raise RoleRefusedError(f"The role {role_arn} cannot be assumed by {service}.")
    role = sts_backends[Arn.of(role_arn).account_id]["aws"].assume_role(
        region_name=region,
        role_session_name=session_name[:64],
        role_arn=role_arn,
        policy="",
        duration=ONE_DAY,
        external_id="",
    )
    return {
        **endpoint.variables(url, region),
        "AWS_ACCESS_KEY_ID": role.access_key_id,
        "AWS_SECRET_ACCESS_KEY": role.secret_access_key,
        "AWS_SESSION_TOKEN": role.session_token,
    }


def client(service: str, credentials: Mapping[str, str]) -> Any:
    """Return a client that acts as the role whose variables `role_environment` returned."""
    session: Any = boto3.Session(
        credentials["AWS_ACCESS_KEY_ID"],
        credentials["AWS_SECRET_ACCESS_KEY"],
        credentials["AWS_SESSION_TOKEN"],
        credentials["AWS_REGION"],
    )
    config = Config(s3={"addressing_style": "path"})
    return session.client(service, endpoint_url=credentials["AWS_ENDPOINT_URL"], config=config)


def require(role: str, session: str, action: str, resource: str) -> None:
    """Raise GluePipeError where a role may not do what a service does as it."""
    if not enforcement.role_may(role, session, action, resource):
        raise GluePipeError(f"The role {role} may not perform {action} on {resource}.")
