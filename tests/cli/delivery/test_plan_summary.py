import json
from dataclasses import asdict
from typing import Any

import pytest

from gluepipe.delivery.plan_findings import Risk
from gluepipe.delivery.plan_summary import MAIL_LIMIT, PlanSummary, from_document, summarise

UPDATE = ("update",)


def change(
    kind: str,
    actions: tuple[str, ...],
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    **others: Any,
) -> dict[str, Any]:
    return {
        "address": f"{kind}.x",
        "type": kind,
        "mode": "managed",
        "change": {"actions": list(actions), "before": before, "after": after, **others},
    }


def summary(*changes: dict[str, Any]) -> PlanSummary:
    return summarise({"resource_changes": list(changes)})


def found(*changes: dict[str, Any]) -> list[tuple[Risk, str]]:
    return [(finding.risk, finding.detail) for finding in summary(*changes).findings]


def test_changes_are_counted_and_reads_and_no_ops_are_not() -> None:
    plan = summary(
        change("aws_sns_topic", ("create",), after={}),
        change("aws_sns_topic", UPDATE, before={}, after={}),
        change("aws_sns_topic", ("delete", "create"), before={}, after={}),
        change("aws_sns_topic", ("create", "delete"), before={}, after={}),
        change("aws_sns_topic", ("no-op",), before={}, after={}),
        change("aws_iam_policy_document", ("read",), after={}) | {"mode": "data"},
    )
    assert plan.counts == {"create": 1, "update": 1, "replace": 2, "delete": 0}
    assert plan.text().startswith("1 to create, 1 to change, 2 to replace, 0 to destroy.")


def test_an_empty_plan_says_so() -> None:
    assert summary().text().splitlines()[0] == "No changes."


@pytest.mark.parametrize(("actions", "verb"), [(("delete",), "destroyed"), (("delete", "create"), "replaced")])
def test_losing_a_stateful_resource_is_data_at_risk(actions: tuple[str, ...], verb: str) -> None:
    lost = change("aws_dynamodb_table", actions, before={"name": "ledger"}, after=None)
    assert found(lost) == [(Risk.DATA, f"will be {verb}: what it holds is lost")]


@pytest.mark.parametrize(
    ("kind", "before", "after", "risk", "detail"),
    [
        (
            "aws_s3_bucket_versioning",
            {"versioning_configuration": [{"status": "Enabled"}]},
            {"versioning_configuration": [{"status": "Suspended"}]},
            Risk.DATA,
            "versioning becomes Suspended",
        ),
        (
            "aws_cloudwatch_log_group",
            {"retention_in_days": 0},
            {"retention_in_days": 7},
            Risk.DATA,
            "retention_in_days is shortened from unlimited to 7",
        ),
        (
            "aws_dynamodb_table",
            {"deletion_protection_enabled": True},
            {"deletion_protection_enabled": False},
            Risk.DATA,
            "deletion_protection_enabled changes from True to False",
        ),
        (
            "aws_s3_bucket",
            {"force_destroy": False},
            {"force_destroy": True},
            Risk.DATA,
            "force_destroy changes from False to True",
        ),
        (
            "aws_s3_bucket_public_access_block",
            {"block_public_acls": True},
            {"block_public_acls": False},
            Risk.PUBLIC,
            "block_public_acls changes from True to False",
        ),
        (
            "aws_sns_topic",
            {"kms_master_key_id": "arn:key"},
            {"kms_master_key_id": None},
            Risk.ENCRYPTION,
            "kms_master_key_id is removed",
        ),
        (
            "aws_glue_job",
            {"default_arguments": {"--release": "a", "--same": "1"}},
            {"default_arguments": {"--release": "b", "--same": "1"}},
            Risk.JOB,
            "default_arguments.--release: a → b",
        ),
        (
            "aws_iam_role",
            {"permissions_boundary": "arn:boundary"},
            {"permissions_boundary": None},
            Risk.PERMISSIONS,
            "permissions boundary becomes none",
        ),
    ],
)
def test_lowered_guards_are_found(
    kind: str, before: dict[str, Any], after: dict[str, Any], risk: Risk, detail: str
) -> None:
    assert found(change(kind, UPDATE, before, after)) == [(risk, detail)]
    raised = [finding for finding in found(change(kind, UPDATE, after, before)) if finding[0] is not Risk.JOB]
    assert raised in ([], [(Risk.PERMISSIONS, "permissions boundary becomes arn:boundary")])


def test_deleting_what_guards_a_bucket_is_found() -> None:
    rule = {"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms"}]}]}
    deleted = change("aws_s3_bucket_server_side_encryption_configuration", ("delete",), rule, None)
    ((risk, detail),) = found(deleted)
    assert risk is Risk.ENCRYPTION
    assert detail.endswith("sse_algorithm changes from aws:kms to (not set)")


def test_a_public_statement_is_told_from_a_wider_permission() -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    to_everyone = json.dumps({"Statement": [{**statement, "Principal": "*"}]})
    to_role = json.dumps({"Statement": [statement]})
    assert found(change("aws_s3_bucket_policy", UPDATE, {"policy": "{}"}, {"policy": to_everyone})) == [
        (Risk.PUBLIC, "allows s3:GetObject on everything to everyone")
    ]
    assert found(change("aws_iam_role_policy", ("create",), None, {"policy": to_role})) == [
        (Risk.PERMISSIONS, "allows s3:GetObject on everything")
    ]


def test_a_policy_known_only_once_applied_is_not_passed_over() -> None:
    unknown = change("aws_iam_role_policy", ("create",), None, {}, after_unknown={"policy": True})
    assert found(unknown) == [(Risk.PERMISSIONS, "policy is known only once applied")]


def test_the_policy_that_mirrors_another_resource_is_compared_there_only() -> None:
    mirror = change("aws_s3_bucket", ("create",), None, {}, after_unknown={"policy": True})
    assert found(mirror) == []


def test_values_known_only_once_applied_are_not_taken_for_removed() -> None:
    unknown = change("aws_sns_topic", UPDATE, {"kms_master_key_id": "a"}, {}, after_unknown={"kms_master_key_id": True})
    assert found(unknown) == []


def test_sensitive_job_defaults_are_not_shown() -> None:
    secret = {"default_arguments": {"--token": True}}
    changed = change(
        "aws_glue_job",
        UPDATE,
        {"default_arguments": {"--token": "old"}},
        {"default_arguments": {"--token": "new"}},
        after_sensitive=secret,
    )
    assert found(changed) == [(Risk.JOB, "default_arguments.--token: (sensitive) → (sensitive)")]


def test_the_gravest_stands_first_and_a_mail_is_cut_at_a_line() -> None:
    jobs = [
        change("aws_glue_job", UPDATE, {"timeout": 1}, {"timeout": 2}) | {"address": f"aws_glue_job.j{number:02}"}
        for number in range(40)
    ]
    plan = summary(*jobs, change("aws_s3_bucket", ("delete",), {}, None))
    text = plan.text(MAIL_LIMIT)
    assert text.splitlines()[1] == "Data destroyed or less protected (1):"
    assert len(text) <= MAIL_LIMIT
    assert text.splitlines()[-1].startswith("… and ")
    assert len(plan.text()) > MAIL_LIMIT


def test_it_survives_being_stored() -> None:
    plan = summary(change("aws_s3_bucket", ("delete",), {}, None))
    assert from_document(json.loads(json.dumps(asdict(plan)))) == plan
