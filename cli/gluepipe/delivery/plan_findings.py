"""What an approver must see of one planned change: risks to data, permissions, exposure, encryption, the job."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gluepipe.delivery.policy_changes import widenings
from gluepipe.terraform.plan_changes import Change

STATEFUL = frozenset(
    {
        "aws_cloudwatch_log_group",
        "aws_dynamodb_table",
        "aws_glue_catalog_database",
        "aws_glue_catalog_table",
        "aws_kms_key",
        "aws_s3_bucket",
        "aws_sqs_queue",
    }
)
POLICIES = ("policy", "assume_role_policy")
# Their `policy` only mirrors the one that a resource of its own sets, and is compared there.
MIRRORS = frozenset({"aws_s3_bucket", "aws_sns_topic"})
KEYS = frozenset({"kms_key_arn", "kms_key_id", "kms_master_key_id"})
# Settings that guard, by the last two names of their path, and the value under which they do.
DATA_GUARDS = {"deletion_protection_enabled": True, "point_in_time_recovery.enabled": True, "force_destroy": False}
ENCRYPTION_GUARDS = {
    "enable_key_rotation": True,
    "server_side_encryption.enabled": True,
    "sqs_managed_sse_enabled": True,
    "apply_server_side_encryption_by_default.sse_algorithm": "aws:kms",
}
PUBLIC_GUARDS = dict.fromkeys(
    ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"), True
)
PERIODS = frozenset({"days", "message_retention_seconds", "noncurrent_days", "retention_in_days"})
UNSET = "(not set)"


class Risk(StrEnum):
    """Why somebody must look, the gravest first."""

    DATA = "Data destroyed or less protected"
    PERMISSIONS = "Permissions widened"
    PUBLIC = "Opened to the public"
    ENCRYPTION = "Encryption removed"
    JOB = "Job defaults changed"


@dataclass(frozen=True)
class Finding:
    """One thing to look at: the resource's address and what happens to it."""

    risk: Risk
    address: str
    detail: str


def find(change: Change) -> Iterator[Finding]:
    """Yield what an approver must see of one change."""
    for risk, detail in (*_data(change), *_permissions(change), *_guards(change), *_job(change)):
        yield Finding(risk, change.address, detail)


def _data(change: Change) -> Iterator[tuple[Risk, str]]:
    if change.type in STATEFUL and change.action in ("delete", "replace"):
        verb = "destroyed" if change.action == "delete" else "replaced"
        yield Risk.DATA, f"will be {verb}: what it holds is lost"
        return
    for path, old, new in _changed_settings(change):
        name = path.rpartition(".")[2]
        if name in PERIODS and _is_shorter(old, new):
            yield Risk.DATA, f"{path} is shortened from {old or 'unlimited'} to {new}"
        if change.type == "aws_s3_bucket_versioning" and old == "Enabled":
            yield Risk.DATA, f"versioning becomes {new or 'unmanaged'}"


def _is_shorter(old: Any, new: Any) -> bool:
    """Compare two periods; none and 0 mean for ever."""
    return bool(new) and (not old or new < old)


def _permissions(change: Change) -> Iterator[tuple[Risk, str]]:
    for name in POLICIES if change.type not in MIRRORS else ():
        if change.unknown.get(name) and change.action != "delete":
            yield Risk.PERMISSIONS, f"{name} is known only once applied"
            continue
        for widening in widenings(change.before.get(name), change.after.get(name)):
            yield Risk.PUBLIC if widening.is_public else Risk.PERMISSIONS, str(widening)
    if change.type == "aws_iam_role_policy_attachment" and change.after:
        yield Risk.PERMISSIONS, f"attaches {change.after.get('policy_arn', 'a policy known only once applied')}"
    if change.type == "aws_lambda_permission" and change.after:
        yield from _invocation(change.after)
    if change.action == "update" and change.before.get("permissions_boundary") != change.after.get(
        "permissions_boundary"
    ):
        yield Risk.PERMISSIONS, f"permissions boundary becomes {change.after.get('permissions_boundary') or 'none'}"


def _invocation(permission: Mapping[str, Any]) -> Iterator[tuple[Risk, str]]:
    everyone = permission.get("principal") == "*"
    who = "everyone" if everyone else permission.get("principal")
    yield Risk.PUBLIC if everyone else Risk.PERMISSIONS, f"allows {permission.get('action')} to {who}"


def _guards(change: Change) -> Iterator[tuple[Risk, str]]:
    guards = ((Risk.DATA, DATA_GUARDS), (Risk.ENCRYPTION, ENCRYPTION_GUARDS), (Risk.PUBLIC, PUBLIC_GUARDS))
    for path, old, new in _changed_settings(change):
        names = [name for name in path.split(".") if not name.isdigit()]
        for risk, guarding in guards:
            value = guarding.get(names[-1], guarding.get(".".join(names[-2:])))
            if value is not None and old == value:
                yield risk, f"{path} changes from {old} to {UNSET if new is None else new}"
        if names[-1] in KEYS and old and not new:
            yield Risk.ENCRYPTION, f"{path} is removed"


def _job(change: Change) -> Iterator[tuple[Risk, str]]:
    if change.type != "aws_glue_job":
        return
    for path, old, new in _changed_settings(change):
        if change.action == "update" and not path.startswith(("tags", "tags_all")):
            shown = ("(sensitive)", "(sensitive)") if path in change.secret else (old, new)
            was, becomes = (UNSET if value is None else value for value in shown)
            yield Risk.JOB, f"{path}: {was} → {becomes}"


def _changed_settings(change: Change) -> Iterator[tuple[str, Any, Any]]:
    """Yield the settings that a resource loses or changes; one that vanishes with its data is `_data`'s."""
    if change.action == "update" or (change.action == "delete" and change.type not in STATEFUL):
        yield from change.differences()
