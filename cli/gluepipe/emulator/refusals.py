"""Answers to requests that are refused, in the form that each protocol has for errors."""

from __future__ import annotations

import json
import uuid
from html import escape

from werkzeug.wrappers import Response

from gluepipe.emulator.requests import SignedRequest

# Services that name it otherwise than their protocol's others.
CODES = {"sns": "AuthorizationError"}
XML, JSON = "application/xml", "application/x-amz-json-1.1"


def access_denied(request: SignedRequest, message: str) -> Response:
    """Return the answer to somebody who is known and not allowed."""
    if request.service == "s3":
        return _s3("AccessDenied", message)
    if request.is_form:
        return _form(CODES.get(request.service, "AccessDenied"), message)
    status = 400 if "x-amz-target" in request.headers else 403
    return _json("AccessDeniedException", message, status)


def unknown_key(request: SignedRequest) -> Response:
    """Return the answer to somebody whose access key does not exist."""
    if request.service == "s3":
        return _s3("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
    message = "The security token included in the request is invalid."
    if request.is_form:
        return _form("InvalidClientTokenId", message)
    status = 400 if "x-amz-target" in request.headers else 403
    return _json("UnrecognizedClientException", message, status)


def invalid(request: SignedRequest, code: str, message: str) -> Response:
    """Return the answer to a request whose parameters the service does not take; not for S3."""
    return _form(code, message, 400) if request.is_form else _json(code, message, 400)


def unsigned() -> Response:
    """Return the answer to a request without a signature."""
    return _s3("AccessDenied", "Access Denied: the request is not signed")


def untrusted(message: str) -> Response:
    """Return the answer to somebody whose token does not let him take a role."""
    return _form("AccessDenied", message)


def _s3(code: str, message: str) -> Response:
    body = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message><RequestId>{_id()}</RequestId></Error>"
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n{body}', 403, content_type=XML)


def _form(code: str, message: str, status: int = 403) -> Response:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    body = f"<ErrorResponse>{error}<RequestId>{_id()}</RequestId></ErrorResponse>"
    return Response(body, status, content_type="text/xml")


def _json(code: str, message: str, status: int) -> Response:
    # Services differ in how they spell `message`; those that read one spelling pass over the other.
    body = {"__type": code, "message": message, "Message": message}
    headers = {"x-amzn-RequestId": _id(), "x-amzn-ErrorType": code}
    return Response(json.dumps(body), status, headers, content_type=JSON)


def _id() -> str:
    return str(uuid.uuid4())
