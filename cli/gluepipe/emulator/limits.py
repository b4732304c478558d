"""Sizes and combinations that a service refuses and that its model, which `constraints` goes by, does not tell of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.iam.models import Role, get_account_id_from

from gluepipe.emulator.iam import accounts
from gluepipe.emulator.requests import Parameters, SignedRequest

# By service: the error that it answers with.
CODES = {"iam": "LimitExceeded", "lambda": "InvalidParameterValueException", "monitoring": "ValidationError"}
DEFAULT_CODE = "InvalidParameter"

# Characters, of which blanks do not count.
MANAGED_POLICY, INLINE_POLICIES, TRUST_POLICY = 6_144, 10_240, 2_048
POLICIES_PER_ROLE = 10
DATA_PER_CALL, VALUES_PER_DATUM = 1_000, 150
HOUR, DAY = 3_600, 86_400
SUBJECT_CHARACTERS = 99
ENVIRONMENT_BYTES, FUNCTION_SECONDS = 4_096, 900
UNFIT_VARIABLES = "Lambda was unable to configure your environment variables because what you have provided"
RESERVED_VARIABLES = {
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
}


def exceeded(request: SignedRequest, operation: str, parameters: Parameters) -> tuple[str, str] | None:
    """Return code and message of the error that a request ends in; None where it is within all limits."""
    look = RULES.get(f"{request.service}:{operation}")
    message = next(look(parameters, request), None) if look else None
    return (CODES.get(request.service, DEFAULT_CODE), message) if message else None


def _managed_policy(parameters: Parameters, _request: SignedRequest) -> Iterator[str]:
    if _size(parameters["PolicyDocument"]) > MANAGED_POLICY:
        yield f"Cannot exceed quota for PolicySize: {MANAGED_POLICY}"


def _inline_policy(parameters: Parameters, request: SignedRequest) -> Iterator[str]:
    role = _role(parameters, request)
    policies = {**(role.policies if role else {}), parameters["PolicyName"]: parameters["PolicyDocument"]}
    if sum(map(_size, policies.values())) > INLINE_POLICIES:
        yield f"Maximum policy size of {INLINE_POLICIES} bytes exceeded for role {parameters['RoleName']}"


def _trust_policy(parameters: Parameters, _request: SignedRequest) -> Iterator[str]:
    if _size(parameters.get("AssumeRolePolicyDocument") or parameters["PolicyDocument"]) > TRUST_POLICY:
        yield f"Cannot exceed quota for ACLSizePerRole: {TRUST_POLICY}"


def _attached_policy(parameters: Parameters, request: SignedRequest) -> Iterator[str]:
    role = _role(parameters, request)
    if role and len({*role.managed_policies, parameters["PolicyArn"]}) > POLICIES_PER_ROLE:
        yield f"Cannot exceed quota for PoliciesPerRole: {POLICIES_PER_ROLE}"


def _role(parameters: Parameters, request: SignedRequest) -> Role | None:
    return accounts.find_role(f"arn:aws:iam::{get_account_id_from(request.access_key)}:role/{parameters['RoleName']}")


def _metric_data(parameters: Parameters, _request: SignedRequest) -> Iterator[str]:
    data = parameters["MetricData"]
    if len(data) > DATA_PER_CALL:
        yield f"The collection MetricData must not have a size greater than {DATA_PER_CALL}."
    for number, datum in enumerate(data, 1):
        if len(datum.get("Values", [])) > VALUES_PER_DATUM:
            name = f"MetricData.member.{number}.Values"
            yield f"The collection {name} must not have a size greater than {VALUES_PER_DATUM}."


def _alarm(parameters: Parameters, _request: SignedRequest) -> Iterator[str]:
    metrics = [query["MetricStat"] for query in parameters.get("Metrics") or [] if "MetricStat" in query]
    for period in (int(each["Period"]) for each in (parameters, *metrics) if "Period" in each):
        if period % 60 and period not in (10, 20, 30):
            yield "Period must be 10, 20, 30 or a multiple of 60"
        most, what = (7 * DAY, "seven days") if period >= HOUR else (DAY, "a day")
        if period * int(parameters["EvaluationPeriods"]) > most:
            yield f"Metrics cannot be checked across more than {what} (EvaluationPeriods * Period must be <= {most})"


def _message(parameters: Parameters, _request: SignedRequest) -> Iterator[str]:
    subject = parameters.get("Subject", "-")
    if not 0 < len(subject) <= SUBJECT_CHARACTERS or any(ord(sign) < ord(" ") for sign in subject):
        yield "Invalid parameter: Subject"
    if not parameters["Message"]:
        yield "Invalid parameter: Empty message"


def _function(parameters: Parameters, _request: SignedRequest) -> Iterator[str]:
    if int(parameters.get("Timeout", 0)) > FUNCTION_SECONDS:
        yield f"Value '{parameters['Timeout']}' at 'timeout' must be less than or equal to {FUNCTION_SECONDS}"
    variables: Mapping[str, Any] = parameters.get("Environment", {}).get("Variables", {})
    text = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(text.encode()) > ENVIRONMENT_BYTES:
        yield f"{UNFIT_VARIABLES} exceeded the 4KB limit. String measured: {text}"
    if reserved := sorted(RESERVED_VARIABLES & variables.keys()):
        yield f"{UNFIT_VARIABLES} contains reserved keys: {', '.join(reserved)}"


def _size(policy: Any) -> int:
    text = policy if isinstance(policy, str) else json.dumps(policy)
    return len("".join(text.split()))


RULES: Mapping[str, Callable[[Parameters, SignedRequest], Iterator[str]]] = {
    "iam:AttachRolePolicy": _attached_policy,
    "iam:CreatePolicy": _managed_policy,
    "iam:CreatePolicyVersion": _managed_policy,
    "iam:CreateRole": _trust_policy,
    "iam:PutRolePolicy": _inline_policy,
    "iam:UpdateAssumeRolePolicy": _trust_policy,
    "lambda:CreateFunction": _function,
    "lambda:UpdateFunctionConfiguration": _function,
    "monitoring:PutMetricAlarm": _alarm,
    "monitoring:PutMetricData": _metric_data,
    "sns:Publish": _message,
}
