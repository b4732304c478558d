"""What the emulated accounts hold that permissions depend on: callers, and the policies and keys of resources."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.dynamodb.models import dynamodb_backends
from moto.iam.models import Role, User, iam_backends
from moto.kms.models import Key, kms_backends
from moto.logs.models import logs_backends
from moto.s3.models import FakeBucket, s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.sts.models import sts_backends

from gluepipe.emulator.arns import Arn
from gluepipe.emulator.iam import policies
from gluepipe.emulator.iam.decisions import Caller, ResourcePolicy
from gluepipe.emulator.iam.policies import Permission, Statement

# What counts for these is the boundary that they ask for, not the one there is.
SETTING_BOUNDARY = ("iam:CreateRole", "iam:PutRolePermissionsBoundary")

Context = dict[str, str | tuple[str, ...]]


def caller_of(access_key: str) -> Caller | None:
    """Return whose key it is; None for keys that nobody has (any more)."""
    for account_id, account in list(iam_backends.items()):
        key = account["aws"].access_keys.get(access_key)
        if key is None:
            continue
        if key.role_arn is None:
            user = account["aws"].users.get(key.user_name)
            return user and Caller(user.arn, user.arn, account_id, _own_policies(account_id, user))
        session = sts_backends[account_id]["aws"].get_assumed_role_from_access_key(access_key)
        return role_caller(key.role_arn, session.session_name if session else "")
    return None


def role_caller(role_arn: str, session_name: str) -> Caller | None:
    """Return a session of a role; None where there is no such role."""
    role, account_id = find_role(role_arn), Arn.of(role_arn).account_id
    if role is None:
        return None
    arn = f"arn:aws:sts::{account_id}:assumed-role/{role.name}/{session_name}"
    bound = role.permissions_boundary_arn
    boundary = _managed(account_id, bound) if bound else None
    return Caller(arn, role.arn, account_id, _own_policies(account_id, role), boundary)


def find_role(role_arn: str) -> Role | None:
    """Return a role by its ARN."""
    _, _, account_id, name = Arn.of(role_arn)
    roles = iam_backends[account_id]["aws"].roles if account_id in iam_backends else {}
    return next((role for role in list(roles.values()) if role.arn == role_arn or name == f"role/{role.name}"), None)


def identity_provider(issuer: str, account_id: str) -> str:
    """Return the ARN of an account's identity provider of that name; empty where it has none."""
    arn = f"arn:aws:iam::{account_id}:oidc-provider/{issuer}"
    return arn if account_id in iam_backends and arn in iam_backends[account_id]["aws"].open_id_providers else ""


def resource_policy(action: str, resource: str) -> ResourcePolicy:
    """Return the policy on a resource, as far as its service has such policies, and the account that owns it."""
    if resource == "*":
        return ResourcePolicy()
    arn = Arn.of(resource)
    if arn.service == "s3":
        return _bucket_policy(arn.name.partition("/")[0])
    if action.startswith("sts:AssumeRole"):
        role = find_role(resource)
        return ResourcePolicy(arn.account_id, policies.parse(_text(role.assume_role_policy_document)) if role else ())
    document = _document(arn)
    return ResourcePolicy(arn.account_id, policies.parse(document) if document else None)


def bucket(name: str) -> FakeBucket | None:
    """Return a bucket of whatever account."""
    _, account_id = s3_backends.bucket_accounts.get(name, ("aws", ""))
    return s3_backends[account_id]["aws"].buckets.get(name) if account_id else None


def bucket_key(name: str) -> str:
    """Return the ARN of the key that a bucket encrypts with by default; empty where that is none of KMS."""
    found = bucket(name)
    if found is None or not found.encryption:
        return ""
    default = found.encryption["Rule"]["ApplyServerSideEncryptionByDefault"]
    return str(default.get("KMSMasterKeyID") or "") if default["SSEAlgorithm"].startswith("aws:kms") else ""


def key_arn(name: str, region: str, account_id: str) -> str:
    """Return the ARN of a key that is named by id, ARN, alias or ARN of an alias."""
    if ":key/" in name:
        return name
    if "alias/" in name:
        alias = name[name.index("alias/") :]
        keys = kms_backends[account_id][region].keys.values()
        name = next((key.id for key in list(keys) if alias in key.aliases), name)
    return f"arn:aws:kms:{region}:{account_id}:{name if name.startswith('alias/') else f'key/{name}'}"


def resource_context(permission: Permission) -> Context:
    """Return the context keys that a resource contributes: tags and aliases of a key, the boundary of a role."""
    action, resource = permission.action, permission.resource
    if action.startswith("kms:") and ":key/" in resource:
        return _key_context(resource)
    if action.startswith("iam:") and ":role/" in resource and action not in SETTING_BOUNDARY:
        role = find_role(resource)
        if role and role.permissions_boundary_arn:
            return {"iam:PermissionsBoundary": role.permissions_boundary_arn}
    return {}


def mapping_function(uuid: str, region: str, account_id: str) -> str:
    """Return the ARN of the function that an event source mapping feeds; empty where there is no such mapping."""
    mapping = lambda_backends[account_id][region]._event_source_mappings.get(uuid)
    return mapping.function_arn if mapping else ""


def topic_key(topic_arn: str) -> str:
    """Return the ARN of the key that encrypts a topic; empty where none does."""
    _, region, account_id, _ = Arn.of(topic_arn)
    topic = sns_backends[account_id][region].topics.get(topic_arn)
    return key_arn(topic.kms_master_key_id, region, account_id) if topic and topic.kms_master_key_id else ""


def table_key(table_arn: str) -> str:
    """Return the ARN of the key that encrypts a table (or the table of an index); empty where none does."""
    _, region, account_id, name = Arn.of(table_arn)
    table = dynamodb_backends[account_id][region].tables.get(name.split("/")[1])
    key = (table.sse_specification or {}).get("KMSMasterKeyId") if table else None
    return key_arn(key, region, account_id) if key else ""


def _own_policies(account_id: str, owner: Role | User) -> tuple[Statement, ...]:
    inline = [policies.parse(_text(text), name) for name, text in list(owner.policies.items())]
    attached = [_managed(account_id, arn) for arn in list(owner.managed_policies)]
    return tuple(chain.from_iterable(inline + attached))


def _managed(account_id: str, arn: str) -> tuple[Statement, ...]:
    policy = iam_backends[account_id]["aws"].managed_policies.get(arn)
    if policy is None:
        return ()
    document = next(version.document for version in policy.versions if version.is_default)
    return policies.parse(_text(document), policy.name)


def _bucket_policy(name: str) -> ResourcePolicy:
    found = bucket(name)
    if found is None:
        return ResourcePolicy()
    return ResourcePolicy(found.account_id, policies.parse(_text(found.policy)) if found.policy else None)


def _document(arn: Arn) -> str:
    """Return the text of the policy on a key, queue, topic, function or log group; empty where there is none."""
    service, region, account_id, name = arn
    if service == "kms" and (key := _key(arn)):
        return _text(key.policy)
    if service == "sqs":
        queue = sqs_backends[account_id][region].queues.get(name)
        return _text(queue.policy) if queue and queue.policy else ""
    if service == "sns":
        topic = sns_backends[account_id][region].topics.get(f"arn:aws:sns:{region}:{account_id}:{name}")
        return _text(topic.policy) if topic else ""
    if service == "lambda" and name.startswith("function:"):
        known = lambda_backends[account_id][region]._lambdas._functions.get(name.split(":")[1])
        return json.dumps({"Statement": known["latest"].policy.statements}) if known else ""
    if service == "logs":
        kept = list(logs_backends[account_id][region].resource_policies.values())
        statements = [each for policy in kept for each in json.loads(policy.policy_document)["Statement"]]
        return json.dumps({"Statement": statements}) if statements else ""
    return ""


def _key_context(arn: str) -> Context:
    key = _key(Arn.of(arn))
    if key is None:
        return {}
    tags = kms_backends[key.account_id][key.region].tagger.get_tag_dict_for_resource(key.id)
    aliases: Context = {"kms:ResourceAliases": tuple(key.aliases)} if key.aliases else {}
    return aliases | {f"aws:ResourceTag/{name}": value for name, value in tags.items()}


def _key(arn: Arn) -> Key | None:
    return kms_backends[arn.account_id][arn.region].keys.get(arn.name.removeprefix("key/"))


def _text(document: Any) -> str:
    if isinstance(document, bytes):
        return document.decode()
    return document if isinstance(document, str) else json.dumps(document)
