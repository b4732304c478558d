"""Who may do what, read from rendered policies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.security.rendering import ACCOUNT, ENVIRONMENT, PIPELINE_ACCOUNT, PROJECT, REGION

Resource = Mapping[str, Any]

# What stands for what in names that are shown.
SHOWN = {
    f"{PROJECT}-{ENVIRONMENT}": "{project}-{environment}",
    f"{PROJECT}_{ENVIRONMENT}": "{project}_{environment}",
    PROJECT: "{project}",
    PIPELINE_ACCOUNT: "{pipeline account}",
    ACCOUNT: "{account}",
    REGION: "{region}",
}
ITSELF = "itself"


@dataclass(frozen=True)
class Statement:
    """One statement of a policy, every element a list; `principals` is empty in the policies of roles."""

    sid: str
    effect: str
    principals: tuple[str, ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[str, ...]

    def open_to(self) -> Iterator[str]:
        """Yield what of an Allow reaches beyond the project's own names: actions, resources, callers."""
        if self.effect == "Deny":
            return
        yield from (action for action in self.actions if "*" in action)
        yield from (name for name in self.resources if "*" in name and "{project}" not in name.partition("*")[0])
        yield from (who for who in self.principals if who == "*" or (who.endswith(".com") and not self.conditions))


@dataclass(frozen=True)
class Policy:
    """The statements that hold for one thing; a role has its `trust` and the name of its `boundary` beside them."""

    holder: str
    statements: tuple[Statement, ...]
    description: str = ""
    trust: tuple[Statement, ...] = ()
    boundary: str = ""


def roles(resources: Sequence[Resource]) -> Iterator[Policy]:
    """Yield what each role may do, by its own policies and by those attached to it."""
    attached = {each["arn"]: each["policy"] for each in _values(resources, "aws_iam_policy")}
    for role in _values(resources, "aws_iam_role"):
        names = (role["id"], role["name"])
        documents = [each["policy"] for each in _values(resources, "aws_iam_role_policy") if each["role"] in names]
        attachments = _values(resources, "aws_iam_role_policy_attachment")
        documents += [attached[each["policy_arn"]] for each in attachments if each["role"] in names]
        yield Policy(
            holder=shown(role["name"]),
            description=shown(role["description"]),
            statements=tuple(each for document in documents for each in statements(document)),
            trust=tuple(statements(role["assume_role_policy"])),
            boundary=shown((role["permissions_boundary"] or "").rpartition("/")[2]),
        )


def boundaries(resources: Sequence[Resource]) -> Iterator[Policy]:
    """Yield the policies that are attached to no role: they bound what others may come to have."""
    used = {each["policy_arn"] for each in _values(resources, "aws_iam_role_policy_attachment")}
    for policy in _values(resources, "aws_iam_policy"):
        if policy["arn"] not in used:
            yield Policy(shown(policy["name"]), tuple(statements(policy["policy"])), shown(policy["description"]))


def guarded(resources: Sequence[Resource]) -> Iterator[Policy]:
    """Yield the policies of keys, buckets, queues, topics and log groups."""
    for key in _values(resources, "aws_kms_key"):
        yield _own("key", key["arn"], key["policy"], also="*")
    for policy in _values(resources, "aws_s3_bucket_policy"):
        arn = json.loads(policy["policy"])["Statement"][0]["Resource"][0]
        yield _own("bucket", arn, policy["policy"])
    for queue in _values(resources, "aws_sqs_queue"):
        if queue["policy"].startswith("{"):
            yield _own("queue", queue["arn"], queue["policy"])
    for policy in _values(resources, "aws_sns_topic_policy"):
        yield _own("topic", policy["arn"], policy["policy"])
    for policy in _values(resources, "aws_cloudwatch_log_resource_policy"):
        yield Policy(f"log policy {shown(policy['policy_name'])}", tuple(statements(policy["policy_document"])))


def statements(document: str, own: Mapping[str, str] | None = None) -> Iterator[Statement]:
    """Yield the statements of a policy document; `own` says how to show names of the thing that has it."""
    for number, body in enumerate(json.loads(document)["Statement"]):
        resources = [(own or {}).get(name, name) for name in _listed(body.get("Resource", []))]
        yield Statement(
            sid=body.get("Sid", str(number + 1)),
            effect=body["Effect"],
            principals=tuple(shown(name) for name in _principals(body.get("Principal", {}))),
            actions=tuple(_listed(body["Action"])),
            resources=tuple(map(shown, resources)),
            conditions=tuple(_conditions(body.get("Condition", {}))),
        )


def shown(text: str) -> str:
    """Return a text with placeholders for what each project, account and environment calls otherwise."""
    for said, placeholder in SHOWN.items():
        text = text.replace(said, placeholder)
    return text


def _own(kind: str, arn: str, document: str, also: str = "") -> Policy:
    own = {arn: ITSELF, f"{arn}/*": f"objects in {ITSELF}", also: ITSELF}
    name = re.split(r"[:/]", arn)[-1]
    return Policy(f"{kind} {shown(name)}", tuple(statements(document, own)))


def _values(resources: Sequence[Resource], kind: str) -> list[Mapping[str, Any]]:
    return [each["values"] for each in resources if each["type"] == kind]


def _principals(principal: Any) -> list[str]:
    return (
        [principal] if isinstance(principal, str) else [name for each in principal.values() for name in _listed(each)]
    )


def _conditions(conditions: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for operator, pairs in conditions.items():
        for key, wanted in pairs.items():
            yield shown(f"{key} {operator} {', '.join(map(str, _listed(wanted)))}")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
