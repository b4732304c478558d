"""The manifest: which files one job run is to process."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import ClientError

from lambda_trigger.events import FileEvent

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

# The last is what S3 says of a missing object to those who may not list its bucket.
GONE = frozenset({"NoSuchKey", "NoSuchBucket", "AccessDenied"})


@dataclass(frozen=True)
class Batch:
    """The files given to one run. Its id is what a claim is held by; the manifest's name comes from it."""

    batch_id: str
    claimed_at: datetime

    @classmethod
    def new(cls, now: datetime) -> Batch:
        return cls(uuid4().hex[:16], now)

    def manifest_key(self) -> str:
        return f"manifests/{self.claimed_at:%Y-%m-%d}/{self.batch_id}.json"


def manifest_body(events: Iterable[FileEvent]) -> bytes:
    """The manifest as docs/architecture.md describes it."""
    return json.dumps([_entry(event) for event in events], ensure_ascii=False).encode()


def _entry(event: FileEvent) -> dict[str, Any]:
    file = event.file
    return {
        "file_id": file.file_id,
        "bucket": file.bucket,
        "key": file.key,
        "version_id": file.version_id,
        "etag": file.etag,
        "sequencer": file.sequencer,
        "size": file.size,
        "dataset": file.dataset,
        "order": file.order,
        "event_time": event.time and event.time.isoformat(),
    }


def file_sizes(s3: S3Client, manifest_uri: str) -> dict[str, int]:
    """The size in bytes of each file of a manifest, by file_id; none if it is gone, or was made by hand and is none."""
    bucket, _, key = manifest_uri.removeprefix("s3://").partition("/")
    try:
        entries = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) if key else []
        return {entry["file_id"]: int(entry["size"]) for entry in entries}
    except ClientError as cause:
        if cause.response["Error"]["Code"] not in GONE:
            raise
    except (ValueError, TypeError, KeyError):
        pass  # not as the job wants it either
    return {}
