"""What roles asked for, and what their policies say, as the emulated accounts have both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gluepipe.emulator import control
from gluepipe.project import Project
from tests.end_to_end.conftest import Checkout

Use = dict[str, Any]

# What is asked for and gone on without: by the AWS provider; and by functions that look for a manifest that is gone,
# who may not list the bucket and are told as much as that they may not read it.
TOLERATED = {("kms:DescribeKey", "alias/aws/dynamodb"), ("s3:ListBucket", "assets")}


def uses_of(deployed: Checkout, role: str) -> list[Use]:
    """What a role of the dev account asked for until now."""
    return uses_in(deployed.project, "dev", role)


def uses_in(project: Project, account: str, role: str) -> list[Use]:
    """What a role of an account asked for until now; see `gluepipe.emulator.iam.journal.Use`."""
    arn = f"arn:aws:iam::{project.settings.account(account).id}:role/{role}"
    return [use for use in control.permissions_used(project.emulator_folder) if use["caller"] == arn]


def refused(uses: list[Use]) -> set[tuple[str, str]]:
    """Action and short resource of what was refused although it was needed."""
    found = {(use["action"], use["resource"].rpartition(":")[2]) for use in uses if use["refused"]}
    return {(action, "assets" if "-assets-" in name else name) for action, name in found} - TOLERATED


def needed(uses: list[Use], kind: str = "allowed_by") -> set[str]:
    """The statements without any of which something would have been refused."""
    return {use[kind][0] for use in uses if len(use[kind]) == 1}


def statements(iam: Any, role: str) -> Iterator[str]:
    """`{policy}/{Sid}` of each statement of a role's policies."""
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        yield from (f"{name}/{statement['Sid']}" for statement in document["Statement"])
    for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        yield from policy_statements(iam, attached["PolicyArn"])


def policy_statements(iam: Any, arn: str) -> Iterator[str]:
    """`{policy}/{Sid}` of each statement of a managed policy."""
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    yield from (f"{policy['PolicyName']}/{statement['Sid']}" for statement in version["Document"]["Statement"])
