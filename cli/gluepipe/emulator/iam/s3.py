"""Which permissions a request to S3 needs: S3 names its permissions after settings, not after operations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from urllib.parse import parse_qs, unquote

from moto.s3.models import FakeKey

from gluepipe.emulator.iam import accounts
from gluepipe.emulator.iam.policies import Permission
from gluepipe.emulator.requests import SignedRequest, UnknownOperationError

BUCKET_SETTINGS = {
    "accelerate": "AccelerateConfiguration",
    "acl": "BucketAcl",
    "cors": "BucketCORS",
    "encryption": "EncryptionConfiguration",
    "lifecycle": "LifecycleConfiguration",
    "location": "BucketLocation",
    "logging": "BucketLogging",
    "notification": "BucketNotification",
    "object-lock": "BucketObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "ReplicationConfiguration",
    "requestPayment": "BucketRequestPayment",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
# Taking these away is a permission of its own; for all others it is that of setting them.
DELETED_BY_NAME = ("policy", "website")
BUCKET_ACTIONS = {"GET": "ListBucket", "HEAD": "ListBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}
OBJECT_SETTINGS = {"acl": "ObjectAcl", "tagging": "ObjectTagging"}
ENCRYPTION, ENCRYPTION_KEY = "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"
COPY_SOURCE, CHECKSUM_MODE = "x-amz-copy-source", "x-amz-checksum-mode"
# Conditions on headers and parameters that policies commonly have.
CUSTOMER_ALGORITHM = "x-amz-server-side-encryption-customer-algorithm"
CONTEXT_HEADERS = (ENCRYPTION, ENCRYPTION_KEY, CUSTOMER_ALGORITHM, COPY_SOURCE, "x-amz-acl", "x-amz-storage-class")
CONTEXT_PARAMETERS = ("delimiter", "max-keys", "prefix", "versionid")

Context = tuple[tuple[str, str], ...]


def needed(request: SignedRequest) -> Iterator[Permission]:
    """Yield what a request needs, on the bucket or the object that it names; the key's part is not among it."""
    name, _, key = unquote(request.path).lstrip("/").partition("/")
    arn, context = f"arn:aws:s3:::{name}", _context(request)
    if not name:
        yield Permission("s3:ListAllMyBuckets", "*", context)
    elif request.method == "POST" and "delete" in request.query:
        yield from _deletions(arn, request.body.decode("utf-8", "replace"), context)
    elif not key:
        yield Permission(f"s3:{_bucket_action(request.method, request.query)}", arn, context)
    else:
        yield Permission(f"s3:{_object_action(request)}", f"{arn}/{key}", context)
        yield from _copied(request)
        if request.method in ("GET", "HEAD") and "versionId" not in request.query and not _exists(name, key):
            # Who may not list is not told that there is nothing.
            yield Permission("s3:ListBucket", arn, (("s3:prefix", key),))


def kms_needed(request: SignedRequest) -> Iterator[tuple[str, str]]:
    """Yield action and key ARN of what S3 does, in the caller's name, to encrypt or decrypt an object's content."""
    name, _, key = unquote(request.path).lstrip("/").partition("/")
    if not key or request.method == "DELETE" or set(request.query) & set(OBJECT_SETTINGS):
        return
    arn = _key_of(request, name)
    if request.method == "HEAD" and request.headers.get(CHECKSUM_MODE, "").upper() != "ENABLED":
        return  # only the checksum is encrypted
    if request.method in ("GET", "HEAD"):
        if arn and "uploadId" not in request.query and _exists(name, key):
            yield "kms:Decrypt", arn
        return
    if arn:
        yield "kms:GenerateDataKey", arn
        if "uploadId" in request.query:
            yield "kms:Decrypt", arn
    for source in _sources(request):
        if source_key := accounts.bucket_key(source[0]):
            yield "kms:Decrypt", source_key


def _key_of(request: SignedRequest, bucket: str) -> str:
    asked = request.headers.get(ENCRYPTION)
    if request.method in ("GET", "HEAD") or asked is None:
        return accounts.bucket_key(bucket)
    return request.headers.get(ENCRYPTION_KEY) or accounts.bucket_key(bucket) if asked.startswith("aws:kms") else ""


def _deletions(arn: str, body: str, context: Context) -> Iterator[Permission]:
    for entry in re.findall(r"<Object>(.*?)</Object>", body, re.DOTALL):
        action = "DeleteObjectVersion" if "<VersionId>" in entry else "DeleteObject"
        for key in re.findall(r"<Key>(.*?)</Key>", entry, re.DOTALL):
            yield Permission(f"s3:{action}", f"{arn}/{unescape(key)}", context)


def _copied(request: SignedRequest) -> Iterator[Permission]:
    for bucket, key, is_version in _sources(request):
        yield Permission(f"s3:GetObject{'Version' if is_version else ''}", f"arn:aws:s3:::{bucket}/{key}")


def _sources(request: SignedRequest) -> Iterator[tuple[str, str, bool]]:
    if source := request.headers.get(COPY_SOURCE):
        path, _, query = source.partition("?")
        bucket, _, key = unquote(path).lstrip("/").partition("/")
        yield bucket, key, "versionId" in parse_qs(query)


def _bucket_action(method: str, query: Mapping[str, str]) -> str:
    setting = next((name for name in BUCKET_SETTINGS if name in query), None)
    if setting:
        if method == "DELETE" and setting in DELETED_BY_NAME:
            return f"Delete{BUCKET_SETTINGS[setting]}"
        return f"{'Get' if method == 'GET' else 'Put'}{BUCKET_SETTINGS[setting]}"
    if method == "GET" and "versions" in query:
        return "ListBucketVersions"
    if method == "GET" and "uploads" in query:
        return "ListBucketMultipartUploads"
    known = {"list-type", "prefix", "delimiter", "marker", "start-after", "x-id", "session"}
    if method in BUCKET_ACTIONS and (method != "PUT" or not set(query) - known):
        return BUCKET_ACTIONS[method]
    raise UnknownOperationError(f"s3 has no operation {method} on a bucket with {sorted(query)}")


def _object_action(request: SignedRequest) -> str:
    method, query = request.method, request.query
    for setting, named in OBJECT_SETTINGS.items():
        if setting in query:
            return f"{ {'GET': 'Get', 'DELETE': 'Delete'}.get(method, 'Put') }{named}"
    version = "Version" if "versionId" in query else ""
    if method == "GET" and "uploadId" in query:
        return "ListMultipartUploadParts"
    if method in ("GET", "HEAD"):
        return f"GetObject{version}"
    if method == "DELETE":
        return "AbortMultipartUpload" if "uploadId" in query else f"DeleteObject{version}"
    if method == "PUT" or (method == "POST" and set(query) & {"uploads", "uploadId"}):
        return "PutObject"
    raise UnknownOperationError(f"s3 has no operation {method} on an object with {sorted(query)}")


def _exists(bucket: str, key: str) -> bool:
    found = accounts.bucket(bucket)
    return found is None or (key in found.keys and isinstance(found.keys[key], FakeKey))  # no delete marker


def _context(request: SignedRequest) -> Context:
    headers = [(f"s3:{name}", request.headers[name]) for name in CONTEXT_HEADERS if name in request.headers]
    asked = [(f"s3:{name.lower()}", text) for name, text in request.query.items() if name.lower() in CONTEXT_PARAMETERS]
    return (("s3:TlsVersion", "1.3"), *headers, *asked)
