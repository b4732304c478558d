"""Turns recorded requests into what IAM would ask about them: who calls, which action, on which resources."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import botocore.session

from tests.permissions import resources

CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/")
IAM_PREFIXES = {"monitoring": "cloudwatch"}

# S3 names its permissions after settings, not after operations.
BUCKET_SETTINGS = {
    "accelerate": "AccelerateConfiguration", "acl": "BucketAcl", "cors": "BucketCORS",
    "encryption": "EncryptionConfiguration", "lifecycle": "LifecycleConfiguration", "location": "BucketLocation",
    "logging": "BucketLogging", "notification": "BucketNotification",
    "object-lock": "BucketObjectLockConfiguration", "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy", "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "ReplicationConfiguration", "requestPayment": "BucketRequestPayment", "tagging": "BucketTagging",
    "versioning": "BucketVersioning", "website": "BucketWebsite",
}  # fmt: skip


@dataclass(frozen=True)
class Call:
    """One permission that a request needs; `resources` are ARNs, of which every one must be allowed."""

    access_key: str
    action: str
    resources: tuple[str, ...]
    context: tuple[tuple[str, str], ...] = ()


def entries(recording: str) -> Iterator[Mapping[str, Any]]:
    """Yield the requests of a recording; concurrent ones may stand on one line."""
    decode, position = json.JSONDecoder().raw_decode, 0
    while start := re.compile(r"\s*(?=\{)").match(recording, position):
        entry, position = decode(recording, start.end())
        yield entry
    if rest := recording[position:].strip():
        raise ValueError(f"The recording cannot be read from here on: {rest[:80]}")


def read(entry: Mapping[str, Any], account_id: str) -> Iterator[Call]:
    """Yield the calls of one request; nothing for one that carries no AWS signature."""
    found = CREDENTIAL.search(entry["headers"].get("Authorization", ""))
    if not found:
        return
    access_key, region, service = found.groups()
    body = base64.b64decode(entry["body"]) if entry["body_encoded"] else (entry["body"] or "").encode()
    if service == "s3":
        for action, resource in _s3(entry, body):
            yield Call(access_key, f"s3:{action}", (resource,))
        return
    operation, parameters = _operation(service, entry, body)
    prefix = IAM_PREFIXES.get(service, service)
    account = resources.Account(region, account_id)
    for action, needed, context in resources.needed(prefix, operation, parameters, account):
        yield Call(access_key, action, needed, context)


def _s3(entry: Mapping[str, Any], body: bytes) -> Iterator[tuple[str, str]]:
    url, method = urlsplit(entry["url"]), entry["method"]
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    bucket, _, key = unquote(url.path).lstrip("/").partition("/")
    arn = f"arn:aws:s3:::{bucket}"
    if method == "POST" and "delete" in query:
        yield "DeleteObjectVersion" if b"<VersionId>" in body else "DeleteObject", f"{arn}/*"
        return
    if not key:
        yield _bucket_action(method, query), arn
        return
    yield _object_action(method, query), f"{arn}/{key}"


def _bucket_action(method: str, query: Mapping[str, str]) -> str:
    setting = next((name for name in BUCKET_SETTINGS if name in query), None)
    if setting == "policy" and method == "DELETE":
        return "DeleteBucketPolicy"
    if setting:
        return f"{'Get' if method == 'GET' else 'Put'}{BUCKET_SETTINGS[setting]}"
    if "versions" in query:
        return "ListBucketVersions"
    return {"GET": "ListBucket", "HEAD": "ListBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}[method]


def _object_action(method: str, query: Mapping[str, str]) -> str:
    if "tagging" in query:
        return f"{'Get' if method == 'GET' else 'Put'}ObjectTagging"
    if method in ("GET", "HEAD"):
        return "GetObjectVersion" if "versionId" in query else "GetObject"
    if method == "DELETE":
        return "AbortMultipartUpload" if "uploadId" in query else "DeleteObject"
    return "PutObject"


def _operation(service: str, entry: Mapping[str, Any], body: bytes) -> tuple[str, dict[str, Any]]:
    """Return operation and parameters, whichever protocol the request speaks."""
    if target := entry["headers"].get("X-Amz-Target"):
        return target.rpartition(".")[2], json.loads(body or b"{}")
    path = urlsplit(entry["url"]).path
    if form := dict(parse_qsl(body.decode("utf-8", "replace"))).get("Action"):
        return form, dict(parse_qsl(body.decode()))
    return _rest_operation(service, entry["method"], path, body)


def _rest_operation(service: str, method: str, path: str, body: bytes) -> tuple[str, dict[str, Any]]:
    for operation, wanted_method, pattern in _rest_patterns(service):
        if method == wanted_method and (found := pattern.fullmatch(path)):
            named = {name: unquote(value) for name, value in found.groupdict().items()}
            return operation, named | (json.loads(body) if body.startswith(b"{") else {})
    raise ValueError(f"{service} has no operation {method} {path}")


@cache
def _rest_patterns(service: str) -> list[tuple[str, str, re.Pattern[str]]]:
    model = botocore.session.get_session().get_service_model(service)
    patterns = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        uri = re.sub(r"\{(\w+)\+?\}", r"(?P<\1>[^/]+|arn:.+)", http["requestUri"].partition("?")[0])
        patterns.append((name, http["method"], re.compile(uri)))
    return patterns
