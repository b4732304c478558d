"""What the data buckets hold, and how they are emptied: objects, old versions and delete markers alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectVersionsOutputTypeDef, ObjectIdentifierTypeDef

BATCH = 1000  # the most that one DeleteObjects takes
# A key may hold characters that XML cannot, and DeleteObjects is a document of XML.
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Contents:
    """How much a bucket holds: current objects, older versions, delete markers."""

    bucket: str
    objects: int
    old_versions: int
    delete_markers: int

    def __bool__(self) -> bool:
        return bool(self.objects or self.old_versions or self.delete_markers)

    def __str__(self) -> str:
        return (
            f"{self.bucket}: {self.objects} objects, {self.old_versions} old versions, "
            f"{self.delete_markers} delete markers"
        )


def count(s3: S3Client, bucket: str) -> Contents:
    """Count what a bucket holds; a bucket that does not exist holds nothing."""
    objects = old = markers = 0
    for page in _pages(s3, bucket):
        latest = sum(bool(version["IsLatest"]) for version in page.get("Versions", []))
        objects += latest
        old += len(page.get("Versions", [])) - latest
        markers += len(page.get("DeleteMarkers", []))
    return Contents(bucket, objects, old, markers)


def empty(s3: S3Client, bucket: str, prefix: str = "") -> int:
    """Delete every version and delete marker under a prefix; return how many there were."""
    total = 0
    # Always the first page: what a marker points at is gone by the time the second one is asked for.
    while batch := _first_versions(s3, bucket, prefix):
        _delete(s3, bucket, batch)
        total += len(batch)
    return total


def _delete(s3: S3Client, bucket: str, versions: list[ObjectIdentifierTypeDef]) -> None:
    together = []
    for version in versions:
        if NOT_IN_XML.search(version["Key"]):
            s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
        else:
            together.append(version)
    if not together:
        return
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": together, "Quiet": True})
    if failures := answer.get("Errors"):
        first = failures[0]
        raise OSError(0, f"{first.get('Code')}: {first.get('Message')}", f"s3://{bucket}/{first.get('Key')}")


def _first_versions(s3: S3Client, bucket: str, prefix: str) -> list[ObjectIdentifierTypeDef]:
    page = s3.list_object_versions(Bucket=bucket, Prefix=prefix, MaxKeys=BATCH)
    found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
    return [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in found]


def _pages(s3: S3Client, bucket: str) -> Iterator[ListObjectVersionsOutputTypeDef]:
    with suppress(s3.exceptions.NoSuchBucket):
        yield from s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
