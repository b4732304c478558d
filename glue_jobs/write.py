"""Write one Parquet object from the units of one file, invisible until it is complete.

A unit that is large enough is at once a part of the object's multipart upload; smaller ones, which S3 takes only as the
last part, wait in memory (a file of one unit) or under the staging prefix. `complete` then makes the object visible in
one step, and writes the same bytes when it is repeated.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from glue_jobs.clients import s3
from glue_jobs.metadata import RESCUED, with_metadata
from glue_jobs.rescue import fold_into_rescued
from glue_jobs.row_groups import encode_unit, joined_footer

SMALLEST_PART = 5 << 20
MOST_PARTS = 9_000  # of the 10,000 that S3 allows; the rest is for the tail
_TAIL_PART = 16 << 20


@dataclass(frozen=True)
class StoredUnit:
    """Where one unit's body waits: as a part of the upload (`etag`), staged as an object, or here.

    `rescued` counts rows with rescued values.
    """

    index: int
    footer: bytes
    size: int
    rows: int
    rescued: int
    etag: str | None = None
    staged: str | None = None
    body: bytes = b""


@dataclass(frozen=True)
class Origin:
    """What the metadata columns of a file's rows say."""

    source_file: str
    processing_job: str
    processed_at: dt.datetime


@dataclass(frozen=True)
class ObjectWriter:
    """Writes `s3://bucket/name`; picklable, so that executors can store units too.

    `staging` is the prefix for what is too small to be a part. `upload_id` is None for a small file, whose units
    stay in memory.
    """

    bucket: str
    name: str
    staging: str
    origin: Origin
    upload_id: str | None

    @classmethod
    def begin(cls, bucket: str, name: str, staging: str, origin: Origin, *, in_parts: bool) -> ObjectWriter:
        upload_id = s3().create_multipart_upload(Bucket=bucket, Key=name)["UploadId"] if in_parts else None
        return cls(bucket, name, staging, origin, upload_id)

    def store(self, index: int, table: pa.Table) -> StoredUnit:
        """Store one unit, data columns and `_rescued_data`; storing the same index again replaces it."""
        origin = self.origin
        rescued = table.num_rows - table.column(RESCUED).null_count
        unit = encode_unit(with_metadata(table, origin.source_file, origin.processing_job, origin.processed_at))
        place = self._place(index, unit.body)
        return StoredUnit(index, unit.footer, len(unit.body), unit.rows, rescued, **place)

    def _place(self, index: int, body: bytes) -> dict[str, Any]:
        if self.upload_id is None:
            return {"body": body}
        if len(body) >= SMALLEST_PART and index < MOST_PARTS:
            return {"etag": self._upload_part(index + 1, body)}
        staged = f"{self.staging}/{index}"
        s3().put_object(Bucket=self.bucket, Key=staged, Body=body)
        return {"staged": staged}

    def complete(self, units: Sequence[StoredUnit]) -> None:
        """Make the object visible."""
        in_place, tail, footer = _layout(units)
        if self.upload_id is None:
            body = b"".join([*(unit.body for unit in tail), footer])
            s3().put_object(Bucket=self.bucket, Key=self.name, Body=body)
        else:
            parts = [{"PartNumber": unit.index + 1, "ETag": unit.etag} for unit in in_place]
            numbers = itertools.count(max((unit.index for unit in in_place), default=-1) + 2)
            for number, body in zip(numbers, self._tail_parts(tail, footer), strict=False):
                parts.append({"PartNumber": number, "ETag": self._upload_part(number, body)})
            s3().complete_multipart_upload(
                Bucket=self.bucket, Key=self.name, UploadId=self.upload_id, MultipartUpload={"Parts": parts}
            )

    def size(self, units: Sequence[StoredUnit]) -> int:
        """Bytes of the object."""
        return sum(unit.size for unit in units) + len(_layout(units)[2])

    def abandon(self) -> None:
        """Give up an object that shall never become visible."""
        if self.upload_id is not None:
            s3().abort_multipart_upload(Bucket=self.bucket, Key=self.name, UploadId=self.upload_id)
        self.clear_staging()

    def clear_staging(self) -> None:
        """Delete what waited outside of the upload."""
        if self.upload_id is None:
            return
        pages = s3().get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{self.staging}/")
        for page in pages:
            if staged := [{"Key": each["Key"]} for each in page.get("Contents", ())]:
                s3().delete_objects(Bucket=self.bucket, Delete={"Objects": staged, "Quiet": True})

    def _tail_parts(self, tail: Sequence[StoredUnit], footer: bytes) -> Iterator[bytes]:
        waiting = bytearray()
        for unit in tail:
            waiting += s3().get_object(Bucket=self.bucket, Key=unit.staged)["Body"].read()
            if len(waiting) >= _TAIL_PART:
                yield bytes(waiting)
                waiting.clear()
        yield bytes(waiting + footer)

    def _upload_part(self, number: int, body: bytes) -> str:
        answer = s3().upload_part(
            Bucket=self.bucket, Key=self.name, UploadId=self.upload_id, PartNumber=number, Body=body
        )
        etag: str = answer["ETag"]
        return etag


@dataclass(frozen=True)
class UnitWriter:
    """Stores the units of one conversion; see `glue_jobs.conversion.WriteUnit`. `folded` columns go to the rescued."""

    writer: ObjectWriter
    folded: tuple[str, ...] = ()

    def __call__(self, index: int, table: pa.Table) -> StoredUnit:
        return self.writer.store(index, fold_into_rescued(table, self.folded))


def _layout(units: Sequence[StoredUnit]) -> tuple[list[StoredUnit], list[StoredUnit], bytes]:
    """The units that are parts already, those that follow them, and the footer."""
    in_place = [unit for unit in units if unit.etag]
    tail = [unit for unit in units if not unit.etag]
    starts = itertools.accumulate((unit.size for unit in in_place + tail), initial=0)
    footer = joined_footer([(unit.footer, start) for unit, start in zip(in_place + tail, starts, strict=False)])
    return in_place, tail, footer
