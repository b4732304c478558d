"""Reads from an HTTP request what has to be known before its service sees it: whose it is, operation and parameters."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.utils import get_service_model
from werkzeug.datastructures import MultiDict

CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d+/([^/]+)/([^/]+)/aws4_request")
PRESIGNED = "X-Amz-Credential"
FORM = "application/x-www-form-urlencoded"
# Signing names that are not the models' names.
MODELS = {"monitoring": "cloudwatch"}

Parameters = Mapping[str, Any]
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class UnknownOperationError(ValueError):
    """The request is not one that any known service understands."""


@dataclass(frozen=True)
class SignedRequest:
    """One request. `headers` have lower-case names; `body` is empty for S3's objects, which nobody has to see."""

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
        return self.headers.get("content-type", "").startswith(FORM)


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
        access_key,
        region,
        service,
        method,
        path,
        query,
        {name[5:].replace("_", "-").lower(): text for name, text in environ.items() if name.startswith("HTTP_")}
        | {"content-type": environ.get("CONTENT_TYPE", "")},
        _body(environ) if wants_body else b"",
    )


def unsigned_form(environ: dict[str, Any]) -> Mapping[str, str]:
    """Return the form of a request without a signature, whose body stays readable; empty where it is none."""
    is_form = environ.get("CONTENT_TYPE", "").startswith(FORM)
    return dict(parse_qsl(_body(environ).decode("utf-8", "replace"))) if is_form else {}


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
            asked = operation_model(request.service, form["Action"])
            return asked.name, PROTOCOL_PARSERS["query"](asked).parse({"values": MultiDict(form)})
    return _rest_operation(request)


def operation_model(service: str, name: str) -> OperationModel:
    """Return what the service, by its signing name, publishes of an operation.

    Raises:
        UnknownOperationError: there is no such service, or it has no such operation.
    """
    try:
        return _model(service).operation_model(name)
    except (OperationNotFoundError, UnknownServiceError) as error:
        raise UnknownOperationError(f"{service} has no operation {name}") from error


def _body(environ: dict[str, Any]) -> bytes:
    length = environ.get("CONTENT_LENGTH") or "0"
    body: bytes = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    return gzip.decompress(body) if environ.get("HTTP_CONTENT_ENCODING") == "gzip" else body


def _rest_operation(request: SignedRequest) -> tuple[str, Parameters]:
    for name, method, pattern in _rest_patterns(request.service):
        if request.method == method and (found := pattern.fullmatch(request.path)):
            named = {part: unquote(value) for part, value in found.groupdict().items()}
            body = json.loads(request.body) if request.body.startswith(b"{") else {}
            return name, {**request.query, **named, **body}
    raise UnknownOperationError(f"{request.service} has no operation {request.method} {request.path}")


@cache
def _rest_patterns(service: str) -> list[tuple[str, str, re.Pattern[str]]]:
    return list(_read_patterns(service))


def _read_patterns(service: str) -> Iterator[tuple[str, str, re.Pattern[str]]]:
    try:
        model = _model(service)
    except UnknownServiceError:
        return
    for name in model.operation_names:
        http = model.operation_model(name).http
        uri = http["requestUri"].partition("?")[0]
        yield name, http["method"], re.compile(re.sub(r"\{(\w+)\+?\}", r"(?P<\1>[^/]+|arn:.+)", uri))


@cache
def _model(service: str) -> ServiceModel:
    return get_service_model(MODELS.get(service, service))
