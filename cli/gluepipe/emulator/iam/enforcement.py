"""Lets through only what IAM allows: requests at the door, and what services do in a role's name or in their own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Response

from gluepipe.emulator import refusals, requests
from gluepipe.emulator.arns import Arn
from gluepipe.emulator.iam import accounts, needs, web_identity
from gluepipe.emulator.iam.conditions import Context, UnsupportedPolicyError
from gluepipe.emulator.iam.decisions import Caller, decide, serves
from gluepipe.emulator.iam.journal import Journal
from gluepipe.emulator.iam.policies import Permission
from gluepipe.emulator.requests import SignedRequest, WsgiApp

# The loopback counts as TLS.
CONTEXT = {"aws:SecureTransport": "true"}
# moto's own pages, which are no part of AWS.
OUTSIDE = "/moto-api/"

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
            return (_unsigned(environ) or application)(environ, start_response)
        try:
            caller = accounts.caller_of(request.access_key)
            message = refusal(caller, request) if caller else ""
        except UnsupportedPolicyError as error:
            caller, message = None, f"The emulated account cannot judge this request: {error}"
        if message:
            log.warning("Refused: %s", message)
            return refusals.access_denied(request, message)(environ, start_response)
        if caller is None:
            return refusals.unknown_key(request)(environ, start_response)
        return application(environ, start_response)

    return guarded


def _unsigned(environ: dict[str, Any]) -> Response | None:
    """Return the answer to a request without a signature; None to let it through, as one with a good token is."""
    form = requests.unsigned_form(environ)
    if form.get("Action") != web_identity.OPERATION:
        return refusals.unsigned()
    try:
        message = web_identity.refusal(form, CONTEXT)
    except UnsupportedPolicyError as error:
        message = f"The emulated account cannot judge this request: {error}"
    if not message:
        return None
    log.warning("Refused: %s", message)
    return refusals.untrusted(message)


def refusal(caller: Caller, request: SignedRequest) -> str:
    """Return why the caller may not make this request, in AWS's words; empty when it may.

    Raises:
        UnsupportedPolicyError: a policy uses something that is not emulated.
    """
    context = {**CONTEXT, "aws:RequestedRegion": request.region}
    try:
        needed = needs.needed(request, caller.account_id)
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # not known, or not understood
        what = f"{request.service} {request.method} {request.path} {request.headers.get('x-amz-target', '')}".strip()
        return f"The emulated account does not know which permission {what} takes, so nobody has it: {error}"
    return next((message for permission in needed if (message := check(caller, permission, context))), "")


def check(caller: Caller, permission: Permission, context: Context = CONTEXT) -> str:
    """Return why the caller lacks a permission, in AWS's words; empty when it has it.

    Raises:
        UnsupportedPolicyError: a policy uses something that is not emulated.
    """
    about = accounts.resource_policy(permission.action, permission.resource)
    decision = decide(caller, permission, about, {**context, **accounts.resource_context(permission)})
    journal.enter(caller, permission, decision)
    if not decision.refusal:
        return ""
    return (
        f"User: {caller.arn} is not authorized to perform: {permission.action} on resource: {permission.resource} "
        f"{decision.refusal}"
    )


def role_may(role_arn: str, session_name: str, action: str, resource: str) -> bool:
    """Tell whether a service may do something as a role; say in the emulator's log why not."""
    try:
        caller = accounts.role_caller(role_arn, session_name)
        message = check(caller, Permission(action, resource)) if caller else f"There is no role {role_arn}"
    except UnsupportedPolicyError as error:
        message = f"The role {role_arn} cannot be judged on {action}: {error}"
    return not _told(message)


def service_may(service: str, action: str, resource: str, source_arn: str = "", about: Context = CONTEXT) -> bool:
    """Tell whether a resource's policy lets a service do something to it on behalf of `source_arn`, if it says of what.

    `about` are other context keys. The ARN of a bucket names no account; buckets are taken to be in the account of the
    resource.
    """
    context = {**CONTEXT, **about}
    if source_arn:
        account_id = Arn.of(source_arn).account_id or Arn.of(resource).account_id
        context |= {"aws:SourceArn": source_arn, "aws:SourceAccount": account_id}
    try:
        allowed = serves(service, Permission(action, resource), accounts.resource_policy(action, resource), context)
        message = "" if allowed else f"{service} may not perform {action} on {resource} for {source_arn or 'anybody'}"
    except UnsupportedPolicyError as error:
        message = f"The policy of {resource} cannot be judged on {action}: {error}"
    return not _told(message)


def service_may_publish(service: str, topic_arn: str, source_arn: str) -> bool:
    """Tell whether a service may publish to a topic, which takes the topic's key as well."""
    # EventBridge does not say for whom it publishes, and no service for whom it asks for the key.
    source = "" if service == "events.amazonaws.com" else source_arn
    asked = [("sns:Publish", topic_arn, source)]
    if key := accounts.topic_key(topic_arn):
        asked += [("kms:Decrypt", key, ""), ("kms:GenerateDataKey", key, "")]
    return all(service_may(service, *needed) for needed in asked)


def _told(message: str) -> str:
    """Say in the log what was refused, once: it would be said again for every line of a log that is not written."""
    if message and message not in _said:
        _said.add(message)
        log.warning("Refused: %s", message)
    return message
