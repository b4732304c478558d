"""Sessions that act as a role for as long as it takes: each time, a role is taken for an hour at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.credentials import CredentialProvider, CredentialResolver, RefreshableCredentials
from botocore.session import Session

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

METHOD = "assume-role"


def session_of(sts: STSClient, role_arn: str, external_id: str, region: str) -> boto3.Session:
    """Take a role, and take it again whenever its credentials are about to expire; raises ClientError when refused."""

    def take() -> dict[str, str]:
        taken = sts.assume_role(RoleArn=role_arn, RoleSessionName="gluepipe", ExternalId=external_id)["Credentials"]
        return {
            "access_key": taken["AccessKeyId"],
            "secret_key": taken["SecretAccessKey"],
            "token": taken["SessionToken"],
            "expiry_time": taken["Expiration"].isoformat(),
        }

    credentials = RefreshableCredentials.create_from_metadata(take(), take, METHOD)
    session = Session()
    session.register_component("credential_provider", CredentialResolver([_Taken(credentials)]))
    return boto3.Session(botocore_session=session, region_name=region)


class _Taken(CredentialProvider):
    """Provides credentials that are there already."""

    METHOD = METHOD

    def __init__(self, credentials: RefreshableCredentials) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> RefreshableCredentials:
        return self._credentials
