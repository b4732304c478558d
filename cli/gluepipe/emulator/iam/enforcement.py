"""Lets through only what IAM allows: requests at the door, and what services do in a role's name or in their own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from gluepipe.emulator.iam import accounts, needs, refusals, requests
from gluepipe.emulator.iam.conditions import Context, UnknownOperatorError
from gluepipe.emulator.iam.decisions import Caller, decide, serves
from gluepipe.emulator.iam.journal import Journal
from gluepipe.emulator.iam.policies import Permission
from gluepipe.emulator.iam.requests import SignedRequest, UnknownOperationError

# The loopback counts as TLS.
CONTEXT = {"aws:SecureTransport": "true"}
# moto's own pages, which are no part of AWS.
OUTSIDE = "/moto-api/"

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

log = logging.getLogger(__name__)
journal = Journal()
_said: set[str] = set()


def guard(application: WsgiApp) -> WsgiApp:
    """Answer what is not allowed as AWS would; pass everything else on to `application`."""

    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(OUTSIDE):
            return application(environ, start_response)
        request = requests.read(environ)
        if request is None:
            return refusals.unsigned()(environ, start_response)
        caller = accounts.caller_of(request.access_key)
        if caller is None:
            return refusals.unknown_key(request)(environ, start_response)
        if message := refusal(caller, request):
            log.warning("Refused: %s", message)
            return refusals.access_denied(request, message)(environ, start_response)
        return application(environ, start_response)

    return guarded


def refusal(caller: Caller, request: SignedRequest) -> str:
    """Return why the caller may not make this request, in AWS's words; empty when it may."""
    context = {**CONTEXT, "aws:RequestedRegion": request.region}
    try:
        needed = needs.needed(request, caller.account_id)
    except UnknownOperationError as error:
        return f"The emulated account does not know which permission this takes, so nobody has it: {error}"
    return next((message for permission in needed if (message := check(caller, permission, context))), "")


def check(caller: Caller, permission: Permission, context: Context = CONTEXT) -> str:
    """Return why the caller lacks a permission, in AWS's words; empty when it has it."""
    about = accounts.resource_policy(permission.action, permission.resource)
    try:
        decision = decide(caller, permission, about, context)
    except UnknownOperatorError as error:
        return f"User: {caller.arn} cannot be judged on {permission.action}: {error}"
    journal.enter(caller, permission, decision)
    if not decision.refusal:
        return ""
    return (
        f"User: {caller.arn} is not authorized to perform: {permission.action} on resource: {permission.resource} "
        f"{decision.refusal}"
    )


def role_may(role_arn: str, session_name: str, action: str, resource: str) -> bool:
    """Tell whether a service may do something as a role; say in the emulator's log why not."""
    caller = accounts.role_caller(role_arn, session_name)
    message = check(caller, Permission(action, resource)) if caller else f"There is no role {role_arn}"
    if message and message not in _said:
        _said.add(message)  # it would be said again for every line of a log
        log.warning("Refused: %s", message)
    return not message


def service_may(service: str, action: str, resource: str, source_arn: str = "") -> bool:
    """Tell whether a resource's policy lets a service do something to it on behalf of `source_arn`, if it says of what.

    The ARN of a bucket names no account; buckets are taken to be in the account of the resource.
    """
    context = dict(CONTEXT)
    if source_arn:
        account_id = source_arn.split(":")[4] or resource.split(":")[4]
        context |= {"aws:SourceArn": source_arn, "aws:SourceAccount": account_id}
    about = accounts.resource_policy(action, resource)
    allowed = serves(service, Permission(action, resource), about, context)
    if not allowed:
        log.warning("Refused: %s may not perform %s on %s for %s", service, action, resource, source_arn)
    return allowed
