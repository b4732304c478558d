"""Which permissions an operation needs, on which resources, by the rules of each service."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Parameters = Mapping[str, Any]
Context = tuple[tuple[str, str], ...]
Needed = tuple[str, tuple[str, ...], Context]

# Operations that need a permission of another name, per the services' authorization references.
RENAMED = {"lambda:Invoke": "lambda:InvokeFunction"}
# Trust policies are tested on their own; the provider asks IAM who it is only where it was told not to ask STS.
LEFT_OUT = {"iam:GetUser", "sts:AssumeRole", "sts:GetCallerIdentity"}


@dataclass(frozen=True)
class Account:
    """Where a request went."""

    region: str
    id: str

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.id}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}::{self.id}:{resource}"


def needed(prefix: str, operation: str, parameters: Parameters, account: Account) -> Iterator[Needed]:
    """Yield action, resources and context of each permission that an operation needs."""
    action = RENAMED.get(f"{prefix}:{operation}", f"{prefix}:{operation}")
    if action in LEFT_OUT:
        return
    yield action, FINDERS[prefix](operation, parameters, account), _context(action, parameters, account)
    for role in (parameters[name] for name in ("Role", "RoleArn") if name in parameters and prefix != "iam"):
        service = f"{prefix}.amazonaws.com"
        yield "iam:PassRole", (role,), (("iam:PassedToService", service),)


def _context(action: str, parameters: Parameters, account: Account) -> Context:
    if action == "kms:CreateKey":
        return tuple((f"aws:RequestTag/{tag['TagKey']}", tag["TagValue"]) for tag in parameters.get("Tags", []))
    if action == "cloudwatch:PutMetricData":
        return (("cloudwatch:namespace", parameters["Namespace"]),)
    if action == "lambda:CreateEventSourceMapping":
        return (("lambda:FunctionArn", account.arn("lambda", f"function:{_short(parameters['FunctionName'])}")),)
    if "PermissionsBoundary" in parameters:
        return (("iam:PermissionsBoundary", parameters["PermissionsBoundary"]),)
    return ()


def _dynamodb(_operation: str, parameters: Parameters, account: Account) -> tuple[str, ...]:
    if "ResourceArn" in parameters:
        return (parameters["ResourceArn"],)
    names = list(parameters.get("RequestItems", {})) or [parameters["TableName"]]
    index = f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
    return tuple(account.arn("dynamodb", f"table/{_short(name)}{index}") for name in names)


def _sqs(_operation: str, parameters: Parameters, account: Account) -> tuple[str, ...]:
    name = parameters.get("QueueName") or parameters["QueueUrl"].rpartition("/")[2]
    return (account.arn("sqs", name),)


def _glue(operation: str, parameters: Parameters, account: Account) -> tuple[str, ...]:
    if "ResourceArn" in parameters:
        return (parameters["ResourceArn"],)
    if "Job" in operation:
        return (account.arn("glue", f"job/{parameters.get('JobName') or parameters['Name']}"),)
    database = parameters.get("DatabaseName") or parameters.get("Name") or parameters["DatabaseInput"]["Name"]
    found = ["catalog", f"database/{database}"]
    tables = [
        parameters.get("TableName"),
        parameters.get("TableInput", {}).get("Name"),
        *parameters.get("TablesToDelete", []),
    ]
    if operation in ("GetTable", "DeleteTable"):
        tables.append(parameters["Name"])
    found += [f"table/{database}/{table}" for table in tables if table]
    if operation == "GetTables":
        found.append(f"table/{database}/any")
    return tuple(account.arn("glue", resource) for resource in found)


def _iam(_operation: str, parameters: Parameters, account: Account) -> tuple[str, ...]:
    if "PolicyArn" in parameters and "RoleName" not in parameters:
        return (parameters["PolicyArn"],)
    return (account.global_arn("iam", f"role/{parameters['RoleName']}"),)


def _kms(operation: str, parameters: Parameters, account: Account) -> tuple[str, ...]:
    if operation in ("CreateKey", "ListAliases"):
        return ("*",)
    key = parameters.get("KeyId") or parameters.get("TargetKeyId", "")
    found = [key if key.startswith("arn:") else account.arn("kms", f"key/{key}")] if key else []
    if "AliasName" in parameters:
        found.append(account.arn("kms", parameters["AliasName"]))
    return tuple(found)


def _lambda(operation: str, parameters: Parameters, account: Account) -> tuple[str, ...]:
    if "EventSourceMapping" in operation:
        return ("*",)
    named = parameters.get("FunctionName") or parameters.get("Resource") or parameters["ARN"]
    return (named if ":event-source-mapping:" in named else account.arn("lambda", f"function:{_short(named)}"),)


def _logs(operation: str, parameters: Parameters, account: Account) -> tuple[str, ...]:
    if operation == "DescribeLogGroups" or "ResourcePolic" in operation:
        return ("*",)
    named = parameters.get("logGroupName") or parameters.get("logGroupIdentifier") or parameters["resourceArn"]
    group = named if named.startswith("arn:") else account.arn("logs", f"log-group:{named}")
    return (f"{group}:log-stream:any",) if "logStream" in str(parameters) else (group,)


def _cloudwatch(operation: str, parameters: Parameters, account: Account) -> tuple[str, ...]:
    if operation in ("DescribeAlarms", "GetMetricData", "PutCompositeAlarm", "PutMetricData"):
        return ("*",)
    if "ResourceARN" in parameters:
        return (parameters["ResourceARN"],)
    if "Dashboard" in operation:
        return tuple(account.global_arn("cloudwatch", f"dashboard/{name}") for name in _named(parameters, "Dashboard"))
    return tuple(account.arn("cloudwatch", f"alarm:{name}") for name in _named(parameters, "Alarm"))


def _named(parameters: Parameters, kind: str) -> list[str]:
    """Return the names of one or several alarms or dashboards; forms number them as `…Names.member.1`."""
    return [
        name
        for parameter, value in parameters.items()
        if parameter.startswith(f"{kind}Name")
        for name in (value if isinstance(value, list) else [value])
    ]


def _events(_operation: str, parameters: Parameters, account: Account) -> tuple[str, ...]:
    if "ResourceARN" in parameters:
        return (parameters["ResourceARN"],)
    return (account.arn("events", f"rule/{parameters.get('Name') or parameters['Rule']}"),)


def _sns(_operation: str, parameters: Parameters, account: Account) -> tuple[str, ...]:
    return (parameters.get("TopicArn") or parameters.get("ResourceArn") or account.arn("sns", parameters["Name"]),)


def _short(name: str) -> str:
    """Return the last part of an ARN, or the name that it is already."""
    return name.rpartition(":")[2].removeprefix("table/") if name.startswith("arn:") else name


FINDERS: Mapping[str, Callable[[str, Parameters, Account], tuple[str, ...]]] = {
    "cloudwatch": _cloudwatch, "dynamodb": _dynamodb, "events": _events, "glue": _glue, "iam": _iam, "kms": _kms,
    "lambda": _lambda, "logs": _logs, "sns": _sns, "sqs": _sqs,
}  # fmt: skip
