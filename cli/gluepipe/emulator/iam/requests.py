"""Reads from an HTTP request what IAM has to know: whose key signed it, its operation and parameters."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote

import botocore.session

CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d+/([^/]+)/([^/]+)/aws4_request")
PRESIGNED = "X-Amz-Credential"
# Signing names that are not the models' names.
MODELS = {"monitoring": "cloudwatch"}

Parameters = Mapping[str, Any]


class UnknownOperationError(ValueError):
    """The request is not one that any known service understands."""


@dataclass(frozen=True)
class SignedRequest:
    """One request. `headers` have lower-case names; `body` is empty for S3's objects, which IAM has no need to see."""

    access_key: str
    region: str
    service: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def is_form(self) -> bool:
        """Whether it speaks the query protocol, whose answers are XML."""
        return self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


def read(environ: dict[str, Any]) -> SignedRequest | None:
    """Return the request of a WSGI environment, whose body stays readable; None for one without a signature."""
    path, _, query_text = environ.get("RAW_URI", environ.get("PATH_INFO", "/")).partition("?")
    query = dict(parse_qsl(query_text, keep_blank_values=True))
    credential = environ.get("HTTP_AUTHORIZATION", "") or f"Credential={query.get(PRESIGNED, '')}"
    found = CREDENTIAL.search(credential)
    if not found:
        return None
    access_key, region, service = found.groups()
    method = environ["REQUEST_METHOD"]
    wants_body = service != "s3" or (method == "POST" and "delete" in query)
    return SignedRequest(
        access_key, region, service, method, path, query,
        {name[5:].replace("_", "-").lower(): text for name, text in environ.items() if name.startswith("HTTP_")}
        | {"content-type": environ.get("CONTENT_TYPE", "")},
        _body(environ) if wants_body else b"",
    )  # fmt: skip


def operation(request: SignedRequest) -> tuple[str, Parameters]:
    """Return operation and parameters, whichever protocol the request speaks.

    Raises:
        UnknownOperationError: the service has no such operation.
    """
    if target := request.headers.get("x-amz-target"):
        return target.rpartition(".")[2], json.loads(request.body or b"{}")
    if request.is_form:
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)) | dict(request.query)
        if "Action" in form:
            return form["Action"], _unflattened(form)
    return _rest_operation(request)


def _body(environ: dict[str, Any]) -> bytes:
    length = environ.get("CONTENT_LENGTH") or "0"
    body: bytes = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    return gzip.decompress(body) if environ.get("HTTP_CONTENT_ENCODING") == "gzip" else body


def _unflattened(form: Mapping[str, str]) -> dict[str, Any]:
    """Turn `Names.member.1` into a list `Names`, and `Tags.member.1.Key` into a list `Tags` of objects."""
    parameters: dict[str, Any] = {}
    for name, value in form.items():
        found = re.fullmatch(r"(\w+)(?:\.member|\.entry)?\.\d+(?:\.(\w+))?", name)
        if found is None:
            parameters[name] = value
        elif found[2] is None:
            parameters.setdefault(found[1], []).append(value)
        else:
            items = parameters.setdefault(found[1], [])
            if not items or found[2] in items[-1]:
                items.append({})
            items[-1][found[2]] = value
    return parameters


def _rest_operation(request: SignedRequest) -> tuple[str, Parameters]:
    for name, method, pattern in _rest_patterns(MODELS.get(request.service, request.service)):
        if request.method == method and (found := pattern.fullmatch(request.path)):
            named = {part: unquote(value) for part, value in found.groupdict().items()}
            body = json.loads(request.body) if request.body.startswith(b"{") else {}
            return name, {**request.query, **named, **body}
    raise UnknownOperationError(f"{request.service} has no operation {request.method} {request.path}")


@cache
def _rest_patterns(service: str) -> list[tuple[str, str, re.Pattern[str]]]:
    return list(_read_patterns(service))


def _read_patterns(service: str) -> Iterator[tuple[str, str, re.Pattern[str]]]:
    session = botocore.session.get_session()
    if service not in session.get_available_services():
        return
    model = session.get_service_model(service)
    for name in model.operation_names:
        http = model.operation_model(name).http
        uri = http["requestUri"].partition("?")[0]
        yield name, http["method"], re.compile(re.sub(r"\{(\w+)\+?\}", r"(?P<\1>[^/]+|arn:.+)", uri))
