"""Which permissions a request needs: its action, and what its service asks for besides on the caller's behalf."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from gluepipe.emulator.iam import accounts, resources, s3
from gluepipe.emulator.iam.policies import Permission
from gluepipe.emulator.iam.resources import Place
from gluepipe.emulator.requests import Parameters, SignedRequest, operation

# IAM's prefixes and actions where they are not the services' signing names and operations.
PREFIXES = {"monitoring": "cloudwatch", "codeconnections": "codestar-connections"}
RENAMED = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "lambda:InvokeAsync": "lambda:InvokeFunction",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}
# What DynamoDB does with the key of a table on behalf of whoever makes the table.
TABLE_KEY = (
    "CreateGrant",
    "Decrypt",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
)
# What needs no permission.
FREE = {"sts:GetCallerIdentity"}
# Tags given while something is made need the permission to tag it.
TAGGING = {"iam": "TagRole", "sqs": "TagQueue", "codebuild": "", "sts": "TagSession"}
MAKING = ("Create", "Put")

ITEM_OPERATIONS = {
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
}

# By service: where a request names a role that the service will act as.
PASSED = {
    "codebuild": ("serviceRole",),
    "codepipeline": ("pipeline.roleArn",),
    "glue": ("Role", "JobUpdate.Role"),
    "lambda": ("Role",),
    "scheduler": ("Target.RoleArn",),
}

Context = tuple[tuple[str, str], ...]


def needed(request: SignedRequest, account_id: str) -> list[Permission]:
    """Return every permission that a request of this account needs; none where anybody may ask.

    Raises:
        UnknownOperationError: it is not known what the request needs, so that nobody can be allowed it.
    """
    if request.service == "s3":
        through = ("kms:ViaService", f"s3.{request.region}.amazonaws.com")
        keys = [Permission(action, arn, (through,)) for action, arn in s3.kms_needed(request)]
        return [*s3.needed(request), *keys]
    name, parameters = operation(request)
    service = PREFIXES.get(request.service, request.service)
    place = Place(request.region, account_id)
    action = RENAMED.get(f"{service}:{name}", f"{service}:{name}")
    if action in FREE:
        return []
    context = _context(service, name, parameters, place)
    found = [Permission(action, arn, context) for arn in resources.named(service, name, parameters, place)]
    found += _tagging(service, name, parameters, found[-1])
    found += [_passing(role, service, place) for role in _passed_roles(service, parameters)]
    if name in ITEM_OPERATIONS:
        found += _stored_keys([permission.resource for permission in found], place)
    return found + list(BESIDES[action](parameters, place) if action in BESIDES else ())


def _context(service: str, name: str, parameters: Parameters, place: Place) -> Context:
    tags = _tags(parameters)
    context = [(f"aws:RequestTag/{tag}", value) for tag, value in tags.items()]
    for parameter, key in (
        ("PermissionsBoundary", "iam:PermissionsBoundary"),
        ("PolicyArn", "iam:PolicyARN"),
        ("ExternalId", "sts:ExternalId"),
        ("RoleSessionName", "sts:RoleSessionName"),
        ("Namespace", "cloudwatch:namespace"),
    ):
        if isinstance(parameters.get(parameter), str):
            context.append((key, parameters[parameter]))
    if service == "lambda" and "EventSourceMapping" in name:
        function = _fed_function(parameters, place)
        context += [("lambda:FunctionArn", function)] if function else []
    return tuple(context)


def _fed_function(parameters: Parameters, place: Place) -> str:
    if name := parameters.get("FunctionName"):
        return str(name) if name.startswith("arn:") else place.arn("lambda", f"function:{name}")
    return accounts.mapping_function(parameters.get("UUID", ""), place.region, place.account_id)


def _tags(parameters: Parameters) -> dict[str, str]:
    given = parameters.get("Tags") or parameters.get("tags") or parameters.get("TagsToAdd") or {}
    if isinstance(given, Mapping):
        return {str(name): str(value) for name, value in given.items()}
    lowered = [{name.lower(): value for name, value in tag.items()} for tag in given if isinstance(tag, Mapping)]
    return {tag.get("key") or tag.get("tagkey", ""): tag.get("value") or tag.get("tagvalue", "") for tag in lowered}


def _tagging(service: str, name: str, parameters: Parameters, making: Permission) -> list[Permission]:
    action = TAGGING.get(service, "TagResource")
    if service == "iam":
        kind = making.resource.rpartition(":")[2].partition("/")[0]
        action = {"role": action, "oidc-provider": "TagOpenIDConnectProvider"}.get(kind, "TagPolicy")
    if not action or not name.startswith(MAKING) or not _tags(parameters):
        return []
    return [Permission(f"{service}:{action}", making.resource, making.context)]


def _passed_roles(service: str, parameters: Parameters) -> Iterator[str]:
    yield from (role for path in PASSED.get(service, ()) if (role := resources.value(parameters, path)))
    if service == "events":
        yield from (target["RoleArn"] for target in parameters.get("Targets", []) if "RoleArn" in target)


def _passing(role: str, service: str, place: Place) -> Permission:
    arn = role if role.startswith("arn:") else place.global_arn("iam", f"role/{role}")
    return Permission("iam:PassRole", arn, (("iam:PassedToService", f"{service}.amazonaws.com"),))


def _function(parameters: Parameters, place: Place) -> Iterator[Permission]:
    """Its code, and the key that its variables are encrypted with."""
    code = parameters.get("Code", parameters)
    if "S3Bucket" in code:
        yield Permission("s3:GetObject", f"arn:aws:s3:::{code['S3Bucket']}/{code['S3Key']}")
    if key := parameters.get("KMSKeyArn"):
        for action in ("kms:CreateGrant", "kms:Encrypt"):
            yield Permission(action, key, _through("lambda", place))


def _table_key(parameters: Parameters, place: Place) -> Iterator[Permission]:
    if key := parameters.get("SSESpecification", {}).get("KMSMasterKeyId"):
        arn = accounts.key_arn(key, place.region, place.account_id)
        yield from (Permission(f"kms:{action}", arn, _through("dynamodb", place)) for action in TABLE_KEY)


def _stored_keys(tables: list[str], place: Place) -> list[Permission]:
    """DynamoDB takes the key of a table in the name of whoever reads or writes its items."""
    keys = sorted({key for table in tables if (key := accounts.table_key(table))})
    return [Permission("kms:Decrypt", key, _through("dynamodb", place)) for key in keys]


def _topic_key(parameters: Parameters, place: Place) -> Iterator[Permission]:
    if key := accounts.topic_key(parameters.get("TopicArn", "")):
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            yield Permission(action, key, _through("sns", place))


def _connections(parameters: Parameters, _place: Place) -> Iterator[Permission]:
    for stage in parameters["pipeline"]["stages"]:
        for action in stage["actions"]:
            if connection := action.get("configuration", {}).get("ConnectionArn"):
                to = (("codestar-connections:PassedToService", "codepipeline.amazonaws.com"),)
                yield Permission("codestar-connections:PassConnection", connection, to)


def _through(service: str, place: Place) -> Context:
    return (("kms:ViaService", f"{service}.{place.region}.amazonaws.com"),)


BESIDES: Mapping[str, Callable[[Parameters, Place], Iterator[Permission]]] = {
    "codepipeline:CreatePipeline": _connections,
    "codepipeline:UpdatePipeline": _connections,
    "dynamodb:CreateTable": _table_key,
    "dynamodb:UpdateTable": _table_key,
    "lambda:CreateFunction": _function,
    "lambda:UpdateFunctionCode": _function,
    "lambda:UpdateFunctionConfiguration": _function,
    "sns:Publish": _topic_key,
}
