"""Compares the input bucket with the ledger: which objects did no event tell us about?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lambda_trigger.decide import Rules, reason_to_ignore
from lambda_trigger.events import FileEvent
from lambda_trigger.file_version import FileVersion, order_of, second_of, version_id_of
from lambda_trigger.ledger import ITEMS_PER_READ, Ledger

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import ObjectVersionTypeDef

YOUNGEST = timedelta(minutes=15)  # the event of a younger object may still be on its way
OLDEST = timedelta(days=14)  # so long a message lives; an older object is asked for by `gluepipe replay`
# Every look costs two reads for each object: those that were looked for all day are so in one hour of a day only.
RECENT = timedelta(days=1)
THOROUGH_HOUR = 3
FULL_SECOND = timedelta(microseconds=999_999)


@dataclass(frozen=True)
class BucketCheck:
    """Looks at the newest version of every key."""

    s3: S3Client
    ledger: Ledger
    rules: Rules

    def missed(self, now: datetime, prefix: str = "") -> Iterator[FileVersion]:
        """The files of the last day that should have been started and are not in the ledger.

        In one hour of the day, those of the last 14 days: no sweep may have run while they were young.
        """
        oldest = OLDEST if now.hour == THOROUGH_HOUR else RECENT
        group: list[FileVersion] = []
        for file, modified in self.newest_versions(prefix):
            if YOUNGEST < now - modified < oldest:
                group.append(file)
            if len(group) == ITEMS_PER_READ // 2:
                yield from self.unknown(group)
                group = []
        yield from self.unknown(group)

    def newest_versions(self, prefix: str = "") -> Iterator[tuple[FileVersion, datetime]]:
        """Every input file there is now, with the time of its upload."""
        pages = self.s3.get_paginator("list_object_versions").paginate(Bucket=self.rules.input_bucket, Prefix=prefix)
        for page in pages:
            for version in page.get("Versions", []):
                file = file_of(self.rules.input_bucket, version)
                if version["IsLatest"] and reason_to_ignore(FileEvent("ObjectCreated:Put", file), self.rules) is None:
                    yield file, version["LastModified"]

    def unknown(self, files: Sequence[FileVersion]) -> Iterator[FileVersion]:
        """Those the ledger does not know, placed after the version of their key that it does.

        If that one was uploaded in a later second, the listing is out of date, and the file is not the newest.
        """
        items = self.ledger.get_many([name for file in files for name in (file.file_id, file.key_id)])
        for file in files:
            key = items.get(file.key_id, {})
            if file.file_id in items or (not file.version_id and key.get("etag") == file.etag):
                continue
            newest = key.get("order", "")
            if second_of(newest) <= second_of(file.order):
                yield file if file.order > newest else replace(file, order=newest + "0")


def file_of(bucket: str, version: ObjectVersionTypeDef) -> FileVersion:
    """A listed version as a file. Listings know whole seconds only: it counts as written at the end of its second."""
    return FileVersion(
        bucket=bucket,
        key=version["Key"],
        version_id=version_id_of(version["VersionId"]),
        etag=version["ETag"].strip('"'),
        sequencer="",
        size=version["Size"],
        order=order_of("", version["LastModified"].replace(microsecond=0) + FULL_SECOND),
    )
