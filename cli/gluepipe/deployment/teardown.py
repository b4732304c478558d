"""Removes what `bootstrap` made, once nothing that it was made for is left in the account."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluepipe import data_buckets
from gluepipe.access import open_account_directly
from gluepipe.deployment import bootstrap
from gluepipe.errors import GluePipeError
from gluepipe.names import BOOTSTRAP_STATE_KEY, PIPELINE_STATE_KEY
from gluepipe.terraform import roots, state_lock
from gluepipe.terraform.runner import PlanResult, Terraform

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from gluepipe.console import Confirm, Say
    from gluepipe.project import Project
    from gluepipe.settings import Account
    from gluepipe.terraform.toolchain import Toolchain

STATE_SUFFIX = ".tfstate"
RELEASES = "releases/"
STATE_FILE = "terraform.tfstate"
# The state must outlive the bucket that it describes.
LOCAL_BACKEND = 'terraform {\n  backend "local" {}\n}\n'
IGNORED = shutil.ignore_patterns(".terraform", "tests")


def run(project: Project, account: Account, tools: Toolchain, delete_history: bool, say: Say, confirm: Confirm) -> bool:
    """Destroy roles, policies, key and state bucket of an account; False where there is nothing of them.

    Raises GluePipeError, with every reason, while anything still needs them, and when not confirmed. One that failed
    half-way goes on when it is run again on the same machine.
    """
    direct = open_account_directly(project, account)
    bucket = project.settings.account_names(account).state_bucket
    folder = project.state_folder / "teardown" / account.name
    has_bucket = bootstrap.bucket_exists(direct.s3, bucket, account)
    if not has_bucket and not (folder / "terraform" / "bootstrap" / STATE_FILE).is_file():
        return False
    if has_bucket:
        if reasons := still_needed(project, account, direct.s3, delete_history):
            listed = "\n".join(f"  {reason}" for reason in reasons)
            raise GluePipeError(f"{account.name} ({account.id}) is still in use; nothing was destroyed.\n{listed}")
        _copy_configuration(project, account, direct.s3, bucket, folder)
    terraform = Terraform(
        command=tools.binary.command,
        folder=folder / "terraform" / "bootstrap",
        environment=bootstrap.with_credentials(tools, direct).environment,
    )
    terraform.init()
    plan = folder / "destroy.tfplan"
    result = terraform.plan(plan, destroy=True)
    if not confirm(f"Destroy the state bucket, key and roles of {account.name} ({account.id})?"):
        raise GluePipeError("Not destroyed: it was not confirmed.")
    if has_bucket:
        total = data_buckets.empty(direct.s3, bucket)
        say(f"{bucket}: deleted {total} versions and delete markers")
    if result is PlanResult.CHANGES:
        terraform.apply(plan)
    if bootstrap.bucket_exists(direct.s3, bucket, account):  # made by a bootstrap that broke off before its import
        direct.s3.delete_bucket(Bucket=bucket)
    shutil.rmtree(folder)
    return True


def still_needed(project: Project, account: Account, s3: S3Client, delete_history: bool) -> list[str]:
    """Return what in the account still needs its state bucket, key and roles, in words, with what to do about it."""
    bucket = project.settings.account_names(account).state_bucket
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
    reasons = [reason for key in keys if (reason := _alive(s3, bucket, key))]
    here = [each for each in project.settings.environments.values() if each.account == account]
    for name in (name for environment in here for name in project.settings.names(environment).buckets):
        if bootstrap.bucket_exists(s3, name, account):
            reasons.append(f"bucket {name} exists: gluepipe destroy removes it, or delete it by hand")
    records = sum(key.startswith(RELEASES) for key in keys)
    if records and not delete_history:
        reasons.append(f"{records} releases are on record: add --delete-history to delete their records and bundles")
    return reasons


def _alive(s3: S3Client, bucket: str, key: str) -> str | None:
    if key.endswith(state_lock.SUFFIX):
        held = state_lock.holder(s3, bucket, key.removesuffix(state_lock.SUFFIX))
        return f"{key.removesuffix(state_lock.SUFFIX)} is locked by {held}: wait for that run" if held else None
    if not key.endswith(STATE_SUFFIX) or key == BOOTSTRAP_STATE_KEY:
        return None
    state: dict[str, Any] = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    kept = [resource for resource in state.get("resources", []) if resource["mode"] == "managed"]
    environment = key.partition("/")[0]
    fix = "gluepipe pipeline destroy" if key == PIPELINE_STATE_KEY else f"gluepipe destroy {environment}"
    return f"{key.removesuffix(STATE_SUFFIX)} holds {len(kept)} resources: {fix}" if kept else None


def _copy_configuration(project: Project, account: Account, s3: S3Client, bucket: str, folder: Path) -> None:
    """Copy `terraform/bootstrap` and what it is made of, with its state beside it in place of in the bucket."""
    configured = roots.configure(project, bootstrap.root(project, account))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    copy = folder / "terraform" / configured.name
    shutil.copytree(configured.parent.parent / "modules", folder / "modules", ignore=IGNORED)
    shutil.copytree(configured, copy, ignore=IGNORED)
    (copy / "teardown_override.tf").write_text(LOCAL_BACKEND, encoding="utf-8")
    if bootstrap.is_bootstrapped(s3, bucket, account):
        state = s3.get_object(Bucket=bucket, Key=BOOTSTRAP_STATE_KEY)["Body"].read()
        (copy / STATE_FILE).write_bytes(state)
