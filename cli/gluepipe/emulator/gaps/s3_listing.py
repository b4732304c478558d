"""S3: listings whose keys hold what XML cannot, and questions that are not about keys."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from moto.core.responses import TYPE_RESPONSE, ActionResult
from moto.s3.responses import S3Response

from gluepipe.emulator.gaps.patching import replaces

_KEYS = ("Delimiter", "KeyMarker", "NextKeyMarker", "Prefix")
_LISTS = {"CommonPrefixes": "Prefix", "DeleteMarkers": "Key", "Versions": "Key"}
_OWNER_PAYS = "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>"


def encode_keys_of_versions() -> None:
    """moto lists versions without `encoding-type`, so that one key with a control character breaks the whole answer."""
    listing = S3Response.list_object_versions

    @replaces(S3Response)
    def list_object_versions(self: S3Response) -> TYPE_RESPONSE:
        if self.querystring.get("encoding-type") != ["url"]:
            return listing(self)
        serialized = self.serialized
        self.serialized = lambda result: serialized(ActionResult(_encoded(result.result)))
        return listing(self)


def _encoded(listed: Any) -> Any:
    if not isinstance(listed, dict):  # an error is serialized like an answer
        return listed
    answer = {**listed, "EncodingType": "url"}
    answer |= {name: quote(listed[name]) for name in _KEYS if listed.get(name)}
    for name, member in _LISTS.items():
        if name in listed:
            answer[name] = [{**each, member: quote(each[member])} for each in listed[name]]
    return answer


def say_that_the_owner_pays() -> None:
    """moto answers the question who pays for requests with a listing of the bucket, which not every key survives."""
    answering = S3Response._bucket_response_get

    @replaces(S3Response, "_bucket_response_get")
    def bucket_response_get(self: S3Response, bucket_name: str, querystring: dict[str, Any]) -> str | TYPE_RESPONSE:
        if "requestPayment" in querystring:
            return 200, {}, _OWNER_PAYS
        return answering(self, bucket_name, querystring)
