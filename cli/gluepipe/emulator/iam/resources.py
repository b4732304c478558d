"""Which resources an operation is about, by the rules of each service; S3 has a module of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gluepipe.emulator.iam import accounts
from gluepipe.emulator.requests import Parameters, UnknownOperationError

# What only looks, and names nothing, is about all that there is.
LOOKING = ("BatchGet", "Describe", "Filter", "Get", "List", "Search")


@dataclass(frozen=True)
class Place:
    """The account and region that a request went to."""

    region: str
    account_id: str

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}::{self.account_id}:{resource}"


def named(service: str, operation: str, parameters: Parameters, place: Place) -> tuple[str, ...]:
    """Return the ARNs that an operation is about, or `*` where it takes none; `service` is IAM's prefix for it.

    Raises:
        UnknownOperationError: what the operation is about is not known here.
    """
    if service in SPECIAL:
        found = SPECIAL[service](operation, parameters, place)
    elif service in SIMPLE:
        found = _by_parameter(SIMPLE[service], service, parameters, place)
    else:
        raise UnknownOperationError(f"{service} is not a service whose permissions are emulated")
    if found or f"{service}:{operation}" in WITHOUT_RESOURCE:
        return tuple(found) or ("*",)
    if operation.startswith(LOOKING):
        return ("*",)
    raise UnknownOperationError(f"it is not known which resource {service}:{operation} is about")


def value(parameters: Parameters, path: str) -> Any:
    """Return a parameter, which a dot looks for inside an object; None where there is none."""
    found: Any = parameters
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _by_parameter(rules: Iterable[tuple[str, str]], service: str, parameters: Parameters, place: Place) -> list[str]:
    """Return what the first parameter of the rules that the request has names; an ARN stands for itself."""
    for parameter, resource in rules:
        if found := value(parameters, parameter):
            names = found if isinstance(found, list) else [found]
            return [_arn(name, service, resource, place) for name in names]
    return []


def _arn(name: str, service: str, resource: str, place: Place) -> str:
    return name if name.startswith("arn:") else place.arn(service, resource.format(name))


def _dynamodb(_operation: str, parameters: Parameters, place: Place) -> list[str]:
    if "ResourceArn" in parameters:
        return [parameters["ResourceArn"]]
    names = [*parameters.get("RequestItems", {}), *_transaction_tables(parameters)]
    names = names or [parameters[name] for name in ("TableName",) if name in parameters]
    index = f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
    return [place.arn("dynamodb", f"table/{_short(name).removeprefix('table/')}{index}") for name in names]


def _transaction_tables(parameters: Parameters) -> list[str]:
    items = [item for item in parameters.get("TransactItems", []) for item in item.values()]
    return [item["TableName"] for item in items]


def _sqs(_operation: str, parameters: Parameters, place: Place) -> list[str]:
    if "QueueName" in parameters:
        return [place.arn("sqs", parameters["QueueName"])]
    if "QueueUrl" not in parameters:
        return []
    account_id, name = parameters["QueueUrl"].split("/")[-2:]
    return [f"arn:aws:sqs:{place.region}:{account_id}:{name}"]


def _glue(operation: str, parameters: Parameters, place: Place) -> list[str]:
    if "ResourceArn" in parameters:
        return [parameters["ResourceArn"]]
    if "Job" in operation:
        jobs = parameters.get("JobNames") or [parameters.get("JobName") or parameters.get("Name")]
        return [place.arn("glue", f"job/{job}") for job in jobs if job]
    if not any(kind in operation for kind in ("Database", "Partition", "Table")):
        return []
    database = parameters.get("DatabaseName") or parameters.get("DatabaseInput", {}).get("Name")
    is_about_database = operation.endswith(("Database", "Databases"))
    database = database or (parameters.get("Name") if is_about_database else None)
    found = ["catalog", f"database/{database or '*'}"]
    if operation == "DeleteDatabase":
        found += [f"table/{database}/*", f"userDefinedFunction/{database}/*"]
    tables = [
        parameters.get("TableName"),
        parameters.get("TableInput", {}).get("Name"),
        *parameters.get("TablesToDelete", []),
        "*" if operation == "GetTables" else None,
        parameters.get("Name") if not is_about_database else None,
    ]
    found += [f"table/{database}/{table}" for table in tables if table]
    return [place.arn("glue", resource) for resource in found]


def _iam(_operation: str, parameters: Parameters, place: Place) -> list[str]:
    for parameter, kind in (("RoleName", "role"), ("UserName", "user"), ("InstanceProfileName", "instance-profile")):
        if parameter in parameters:
            return [place.global_arn("iam", f"{kind}/{parameters[parameter]}")]
    if "OpenIDConnectProviderArn" in parameters:
        return [parameters["OpenIDConnectProviderArn"]]
    if "Url" in parameters:
        return [place.global_arn("iam", f"oidc-provider/{parameters['Url'].removeprefix('https://')}")]
    if "PolicyArn" in parameters:
        return [parameters["PolicyArn"]]
    return [place.global_arn("iam", f"policy/{parameters['PolicyName']}")] if "PolicyName" in parameters else []


def _kms(_operation: str, parameters: Parameters, place: Place) -> list[str]:
    key = parameters.get("KeyId") or parameters.get("TargetKeyId")
    found = [accounts.key_arn(key, place.region, place.account_id)] if key else []
    if "AliasName" in parameters:
        found.append(place.arn("kms", parameters["AliasName"]))
    return found


def _lambda(operation: str, parameters: Parameters, place: Place) -> list[str]:
    if "EventSourceMapping" in operation:
        return []
    name = parameters.get("FunctionName") or parameters.get("Resource") or parameters.get("ARN")
    if not name:
        return []
    return [name if ":event-source-mapping:" in name else place.arn("lambda", f"function:{_short(name)}")]


def _logs(operation: str, parameters: Parameters, place: Place) -> list[str]:
    name = parameters.get("logGroupName") or parameters.get("logGroupIdentifier") or parameters.get("resourceArn")
    if not name:
        return []
    group = name.removesuffix(":*") if name.startswith("arn:") else place.arn("logs", f"log-group:{name}")
    if "Tag" in operation:
        return [group]
    # So that policies have to say `log-group:name:*`, as on AWS.
    return [f"{group}:log-stream:{parameters.get('logStreamName', '')}"]


def _cloudwatch(operation: str, parameters: Parameters, place: Place) -> list[str]:
    if "ResourceARN" in parameters:
        return [parameters["ResourceARN"]]
    kind = "Dashboard" if "Dashboard" in operation else "Alarm"
    names = parameters.get(f"{kind}Names") or [parameters.get(f"{kind}Name")]
    if kind == "Dashboard":
        return [place.global_arn("cloudwatch", f"dashboard/{name}") for name in names if name]
    # Looking at alarms by name is no narrower permission than looking at all.
    looking = operation == "DescribeAlarms"
    return [place.arn("cloudwatch", f"alarm:{name}") for name in names if name and not looking]


def _events(_operation: str, parameters: Parameters, place: Place) -> list[str]:
    if "Entries" in parameters:
        buses = {entry.get("EventBusName", "default").rpartition("/")[2] for entry in parameters["Entries"]}
        return [place.arn("events", f"event-bus/{bus}") for bus in sorted(buses)]
    return _by_parameter((("ResourceARN", "{}"), ("Rule", "rule/{}"), ("Name", "rule/{}")), "events", parameters, place)


def _sts(_operation: str, parameters: Parameters, _place: Place) -> list[str]:
    return [parameters["RoleArn"]] if "RoleArn" in parameters else []


def _short(name: str) -> str:
    """Return the last part of an ARN, or the name that it is already."""
    return name.split(":", 6)[-1].removeprefix("function:") if name.startswith("arn:") else name


SPECIAL: Mapping[str, Callable[[str, Parameters, Place], list[str]]] = {
    "cloudwatch": _cloudwatch,
    "dynamodb": _dynamodb,
    "events": _events,
    "glue": _glue,
    "iam": _iam,
    "kms": _kms,
    "lambda": _lambda,
    "logs": _logs,
    "sqs": _sqs,
    "sts": _sts,
}

# By service: parameter and what it names, the first one that a request has. A dot looks into an object.
SIMPLE: Mapping[str, tuple[tuple[str, str], ...]] = {
    "codebuild": (("names", "project/{}"), ("projectName", "project/{}"), ("name", "project/{}")),
    "codepipeline": (
        ("resourceArn", "{}"),
        ("pipeline.name", "{}"),
        ("pipelineName", "{}"),
        ("name", "{}"),
    ),
    "codestar-connections": (("ConnectionArn", "{}"), ("ResourceArn", "{}"), ("ConnectionName", "connection/{}")),
    "scheduler": (("ResourceArn", "{}"), ("Name", "schedule/default/{}")),
    "sns": (("TopicArn", "{}"), ("ResourceArn", "{}"), ("Name", "{}")),
}

# What changes something and yet takes no resource.
WITHOUT_RESOURCE = {
    "cloudwatch:PutMetricData",
    "kms:CreateKey",
    "kms:GenerateRandom",
    "logs:DeleteResourcePolicy",
    "logs:PutResourcePolicy",
    "lambda:CreateEventSourceMapping",
    "lambda:DeleteEventSourceMapping",
    "lambda:UpdateEventSourceMapping",
    "sns:Unsubscribe",
}
