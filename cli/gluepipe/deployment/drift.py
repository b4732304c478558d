"""Finds what was changed outside Terraform: the live resources against what the last apply left."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gluepipe.terraform import checkout_lock
from gluepipe.terraform.plan_changes import read_change

if TYPE_CHECKING:
    from gluepipe.console import Say
    from gluepipe.deployment.stacks import Deployment
    from gluepipe.names import Stack

# What the service fills in by itself, or what mirrors a setting that another resource owns (which is compared there).
FILLED_IN = {
    "aws_codestarconnections_connection": {"connection_status"},
    "aws_dynamodb_table": {"stream_arn", "stream_label"},
    "aws_glue_catalog_database": {"create_table_default_permission"},
    "aws_iam_role": {"inline_policy", "managed_policy_arns"},
    "aws_lambda_event_source_mapping": {"last_modified", "last_processing_result", "state_transition_reason"},
    "aws_lambda_function": {"last_modified", "qualified_arn", "qualified_invoke_arn", "version"},
    "aws_s3_bucket": {
        "acceleration_status", "acl", "cors_rule", "grant", "lifecycle_rule", "logging", "object_lock_configuration",
        "policy", "replication_configuration", "request_payer", "server_side_encryption_configuration", "versioning",
        "website",
    },
    "aws_sns_topic": {"policy"},
    "aws_sns_topic_subscription": {"confirmation_was_authenticated", "pending_confirmation"},
}  # fmt: skip


@dataclass(frozen=True)
class Drift:
    """One resource that is not as it was left; `details` say what differs, empty where it is gone."""

    stack: str
    address: str
    details: tuple[str, ...]

    def __str__(self) -> str:
        what = "\n".join(f"  {detail}" for detail in self.details) if self.details else "  is gone"
        return f"{self.address}\n{what}"


def look(deployment: Deployment, stacks: list[Stack], say: Say) -> list[Drift]:
    """Compare the stacks with what is live; nothing is changed, not even the state."""
    found = []
    for stack in stacks:
        deployment.warn_of_changes(stack, say)
        say(f"{stack}: comparing {deployment.environment.name} with what was applied")
        file = deployment.plan_file(stack)
        with checkout_lock.held(deployment.project):
            terraform = deployment.terraform(stack)
            terraform.plan(file, refresh_only=True, lock=deployment.locks)
        found += find(str(stack), terraform.show_plan(file))
    return found


def find(stack: str, plan: Mapping[str, Any]) -> list[Drift]:
    """Return the drift in the JSON of a refresh-only plan, without what the service fills in by itself."""
    drifts = []
    for entry in plan.get("resource_drift", []):
        change = read_change(entry)
        details = tuple(
            f"{path}: {_shown(path, old, change.secret)} → {_shown(path, new, change.secret)}"
            for path, old, new in change.differences()
            if path.split(".")[0] not in FILLED_IN.get(change.type, set()) and not _means_the_same(old, new)
        )
        if change.action == "delete":
            drifts.append(Drift(stack, change.address, ()))
        elif details:
            drifts.append(Drift(stack, change.address, details))
    return drifts


def _shown(path: str, value: Any, secret: frozenset[str]) -> str:
    if path in secret:
        return "(sensitive)"
    return "(not set)" if value is None else str(value)


def _means_the_same(old: Any, new: Any) -> bool:
    """Tell whether two values differ in form only.

    The provider reads back what was never set as zero or empty, and services hand documents back with other blanks and
    key order.
    """
    if old is None:
        return not new
    if not (isinstance(old, str) and isinstance(new, str)):
        return False
    try:
        return bool(json.loads(old) == json.loads(new))
    except ValueError:
        return False
