"""How to reach an account: clients for us, environment variables for Terraform."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from gluepipe import aws_failures
from gluepipe.emulator import control, process
from gluepipe.errors import GluePipeError
from gluepipe.names import Role
from gluepipe.project import Project
from gluepipe.settings import Account, Target

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient


@dataclass(frozen=True)
class Access:
    """Clients of one account. `endpoint` is the emulator's address, None on AWS."""

    session: boto3.Session
    endpoint: str | None

    @cached_property
    def s3(self) -> S3Client:
        return self.session.client("s3", **self._options)

    @cached_property
    def glue(self) -> GlueClient:
        return self.session.client("glue", **self._options)

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        return self.session.client("dynamodb", **self._options)

    @cached_property
    def functions(self) -> LambdaClient:
        return self.session.client("lambda", **self._options)

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        return self.session.client("logs", **self._options)

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        return self.session.client("cloudwatch", **self._options)

    @cached_property
    def sqs(self) -> SQSClient:
        return self.session.client("sqs", **self._options)

    @cached_property
    def sts(self) -> STSClient:
        return self.session.client("sts", **self._options)

    @cached_property
    def iam(self) -> IAMClient:
        return self.session.client("iam", **self._options)

    @cached_property
    def ledger(self) -> DynamoDBClient:
        """DynamoDB with Python's values in place of its own `{"S": ...}`."""
        return self.session.resource("dynamodb", **self._options).meta.client

    def client(self, service: str) -> Any:
        """Return a client of a service that few ask for."""
        return self.session.client(service, **self._options)  # type: ignore[call-overload]

    @property
    def _options(self) -> dict[str, Any]:
        from botocore.config import Config

        # Bucket names as host names do not resolve on the loopback.
        addressing: Literal["path", "auto"] = "path" if self.endpoint else "auto"
        config = Config(s3={"addressing_style": addressing}, retries={"mode": "standard", "max_attempts": 5})
        return {"endpoint_url": self.endpoint, "config": config}


def open_account(project: Project, account: Account, role: Role = Role.DEPLOY) -> Access:
    """Return clients of an account; raises GluePipeError when the caller can reach it in no way.

    On AWS the caller's own credentials are used where they belong to the account, else its deploy (or plan) role is
    assumed. In the emulated accounts, whose administrators we are, the role is assumed as soon as there is one.
    """
    own = _own(project, account)
    if _administers(project):
        name = project.settings.account_names(account).role(role)
        return _assumed(project, own, account, role) if _has_role(own, name) else own
    return own if _identity(own)["Account"] == account.id else _assumed(project, own, account, role)


def open_account_directly(project: Project, account: Account) -> Access:
    """Return clients of an account that has no deploy role yet; refuses credentials of any other account."""
    own = _own(project, account)
    identity = _identity(own)
    if identity["Account"] != account.id:
        raise _wrong_account(identity, account, "bootstrap needs an administrator of that account")
    return own


def take_role(project: Project, account: Account, role: Role = Role.DEPLOY) -> Access:
    """Return clients of an account that act as one of its roles, as Terraform does; raises GluePipeError when refused.

    Credentials of the account itself do not do: what they may is not what the role may.
    """
    return _assumed(project, _own(project, account), account, role)


def start_emulator(project: Project) -> str:
    """Make sure that the emulator runs where it is the target; return what to tell people if it had to be started."""
    if project.settings.target is not Target.EMULATOR:
        return ""
    accounts = {account.name: account.id for account in project.settings.accounts.values()}
    started = process.up(project.emulator_folder, accounts=accounts, region=project.settings.region)
    if started.lost:
        return "The emulator had died, and what the emulated accounts held with it. Started it anew, empty."
    return "Started the emulated accounts." if started.fresh else ""


def aws_variables(project: Project, account: Account) -> dict[str, str]:
    """Return this process's environment; in the emulated accounts, pointed at them as the account's administrator."""
    if project.settings.target is Target.AWS:
        return {**os.environ, "AWS_REGION": project.settings.region}
    if not _administers(project):
        return dict(os.environ)
    pointed = control.environment(project.emulator_folder, account.id)
    kept = {name: value for name, value in os.environ.items() if name not in control.FOREIGN_VARIABLES}
    return {**kept, **pointed}


def check_identity(project: Project, account: Account, role: Role = Role.DEPLOY) -> None:
    """Refuse, before anything is touched, when the credentials cannot act on that account. Does nothing emulated."""
    if project.settings.target is Target.AWS:
        open_account(project, account, role)


def check_role(project: Project, account: Account, role: Role) -> None:
    """Refuse, before Terraform is started, when the credentials cannot take the role. Does nothing emulated."""
    if project.settings.target is Target.AWS:
        take_role(project, account, role)


def _administers(project: Project) -> bool:
    """Tell whether the accounts are emulated and ours; not so in a build, which has credentials of its own for them."""
    if project.settings.target is not Target.EMULATOR:
        return False
    endpoint = process.running(project.emulator_folder).url
    return os.environ.get("AWS_ENDPOINT_URL") != endpoint or "AWS_ACCESS_KEY_ID" not in os.environ


def _own(project: Project, account: Account) -> Access:
    """Return clients that act as the caller: in the emulated accounts, as the account's administrator."""
    import boto3

    if not _administers(project):
        endpoint = os.environ["AWS_ENDPOINT_URL"] if project.settings.target is Target.EMULATOR else None
        return Access(boto3.Session(region_name=project.settings.region), endpoint)
    arguments: dict[str, Any] = control.administrator(project.emulator_folder, account.id)
    return Access(boto3.Session(**arguments), process.running(project.emulator_folder).url)


def _has_role(own: Access, name: str) -> bool:
    try:
        own.iam.get_role(RoleName=name)
    except own.iam.exceptions.NoSuchEntityException:
        return False
    return True


def _identity(own: Access) -> Mapping[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return own.sts.get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise aws_failures.explain(error) from None


def _assumed(project: Project, own: Access, account: Account, role: Role) -> Access:
    from botocore.exceptions import ClientError

    from gluepipe.role_session import session_of

    names = project.settings.account_names(account)
    arn = names.role_arn(role)

    try:
        session = session_of(own.sts, arn, names.external_id, project.settings.region)
    except ClientError as error:
        identity = _identity(own)
        if identity["Account"] != account.id:
            raise _wrong_account(identity, account, f"assuming {arn} failed: {error}") from None
        reason = f"These credentials ({identity['Arn']}) may not take {arn}: {error}."
        raise GluePipeError(reason, _way_in(project, account, role)) from None
    return Access(session, own.endpoint)


def _way_in(project: Project, account: Account, role: Role) -> str:
    """Say what people of an account can do when they may not take one of its roles."""
    if role is Role.DEPLOY and not project.settings.people_may_deploy(account):
        return (
            f"People do not deploy to {account.name}, its pipeline does: gluepipe pipeline status. To let them, set "
            f"people_may_deploy = true for its environments in gluepipe.toml and bootstrap {account.name} again."
        )
    return f"Ask an administrator for sts:AssumeRole on it, or make it: gluepipe bootstrap {account.name}"


def _wrong_account(identity: Mapping[str, Any], account: Account, detail: str) -> GluePipeError:
    reason = (
        f"Wrong account: these credentials ({identity['Arn']}) belong to {identity['Account']}, "
        f"but {account.name} is {account.id}; {detail}."
    )
    return GluePipeError(reason, f"Use credentials of {account.id}, or correct accounts.{account.name}.")
