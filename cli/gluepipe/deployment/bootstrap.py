"""Prepares an account: the bucket of its Terraform states first, then all else by `terraform/bootstrap`."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from gluepipe.access import Access, open_account, open_account_directly
from gluepipe.console import Confirm, Say, Show, to_stdout
from gluepipe.errors import GluePipeError
from gluepipe.names import BOOTSTRAP_STATE_KEY, Role
from gluepipe.project import Project
from gluepipe.settings import PIPELINE_ACCOUNT, Account, Settings, Target
from gluepipe.terraform import checkout_lock, roots
from gluepipe.terraform.roots import Root
from gluepipe.terraform.runner import PlanResult
from gluepipe.terraform.toolchain import Toolchain

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def ensure(
    project: Project,
    account: Account,
    tools: Toolchain,
    say: Say,
    show: Show = to_stdout,
    role: Role = Role.DEPLOY,
) -> None:
    """Bootstrap the account if it is emulated and new; on AWS, where that takes an administrator, say so instead."""
    bucket = project.settings.account_names(account).state_bucket
    broken_off = project.emulator_folder / f"bootstrap-{account.name}"  # there as long as one is under way

    def is_ready() -> bool:
        return not broken_off.exists() and is_bootstrapped(open_account(project, account, role).s3, bucket, account)

    if is_ready():
        return
    if project.settings.target is Target.AWS:
        fix = f"As an administrator of {account.id}, run: gluepipe bootstrap {account.name}"
        raise GluePipeError(f"Account {account.name} ({account.id}) has no bootstrapped state bucket {bucket}.", fix)
    with checkout_lock.held(project):
        if is_ready():  # made by the command that held the lock
            return
        say(f"bootstrap: preparing account {account.name}")
        broken_off.touch()
        run(project, account, tools, lambda _question: True, show)
        broken_off.unlink()


def run(project: Project, account: Account, tools: Toolchain, confirm: Confirm, show: Show = to_stdout) -> PlanResult:
    """Create the state bucket if it is missing, then plan and apply `terraform/bootstrap` for the account.

    Returns whether anything changed; raises GluePipeError for credentials of another account or without a yes.
    """
    direct = open_account_directly(project, account)
    create_state_bucket(
        direct.s3, project.settings.account_names(account).state_bucket, account, project.settings.region
    )
    file = project.plan_file(f"bootstrap-{account.name}")
    with checkout_lock.held(project):
        terraform = roots.prepare(project, root(project, account), with_credentials(tools, direct), show)
        result = terraform.plan(file)
    if result is PlanResult.CHANGES:
        if not confirm(f"Apply these changes to account {account.name} ({account.id})?"):
            raise GluePipeError("Not applied: the plan was not confirmed.")
        terraform.apply(file)
    return result


def create_state_bucket(s3: S3Client, bucket: str, account: Account, region: str) -> bool:
    """Create the bucket: versioned, encrypted, TLS only, closed to the public. False when it is there already.

    What a broken-off run leaves unset is set by `terraform/bootstrap`, which imports the bucket.
    """
    if bucket_exists(s3, bucket, account):
        return False
    if region == "us-east-1":
        s3.create_bucket(Bucket=bucket)
    else:
        place: Any = {"LocationConstraint": region}
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    s3.put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    )
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(_tls_only(bucket)))
    return True


def _tls_only(bucket: str) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }


def is_bootstrapped(s3: S3Client, bucket: str, account: Account) -> bool:
    """Tell whether the account has a state bucket that holds the state of `terraform/bootstrap`."""
    if not bucket_exists(s3, bucket, account):
        return False
    # Looked for, not at: the deploy role may list the bucket, and has no business in that state.
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=BOOTSTRAP_STATE_KEY).get("Contents", [])
    return any(entry["Key"] == BOOTSTRAP_STATE_KEY for entry in listed)  # not its lock


def bucket_exists(s3: S3Client, bucket: str, account: Account) -> bool:
    """Tell whether the account has that bucket; raises GluePipeError where it is another account's."""
    try:
        s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=account.id)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "404":
            return False
        if code == "403":
            fix = "Choose another project name in gluepipe.toml, or check the rights of these credentials."
            raise GluePipeError(f"Bucket {bucket} is not account {account.id}'s to use.", fix) from None
        raise
    return True


def _github(settings: Settings) -> dict[str, Any] | None:
    if settings.github is None:
        return None
    return {**asdict(settings.github), "environments": list(settings.promotion_order)}


def root(project: Project, account: Account) -> Root:
    """Return the root folder of an account's bootstrap; an administrator's own credentials apply it."""
    settings = project.settings
    return Root(
        name="bootstrap",
        account=account,
        state_key=BOOTSTRAP_STATE_KEY,
        values={
            "delivery_role_arns": settings.delivery_role_arns,
            "github": _github(settings),
            "holds_environments": settings.holds_environments(account),
            "people_may_deploy": settings.people_may_deploy(account),
            "pipeline_account_id": settings.accounts[PIPELINE_ACCOUNT].id,
        },
        unlock="terraform -chdir=terraform/bootstrap force-unlock {id}",
        role=None,
    )


def with_credentials(tools: Toolchain, direct: Access) -> Toolchain:
    """Let Terraform act with the very credentials that were checked, whoever the environment names."""
    credentials = direct.session.get_credentials()
    if credentials is None:
        return tools
    frozen = credentials.get_frozen_credentials()
    variables = {
        "AWS_ACCESS_KEY_ID": frozen.access_key,
        "AWS_SECRET_ACCESS_KEY": frozen.secret_key,
        "AWS_SESSION_TOKEN": frozen.token,
    }
    present = {name: value for name, value in variables.items() if value}
    return replace(tools, environment={**tools.environment, **present})
