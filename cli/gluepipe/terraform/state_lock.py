"""The lock that Terraform keeps beside a state while it may change it: an object of the state bucket."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SUFFIX = ".tflock"
PROBE_KEY = "doctor/probe.tfstate"  # where the deploy role may lock, and no state ever is


@dataclass(frozen=True)
class Lock:
    """Who holds a lock, since when (ISO 8601 UTC), and for which operation, as Terraform wrote it."""

    id: str
    who: str
    since: str
    operation: str

    def __str__(self) -> str:
        return f"{self.who} since {self.since} ({self.operation})"


def holder(s3: S3Client, bucket: str, state_key: str) -> Lock | None:
    """Return who holds the lock of a state, None where nobody does."""
    try:
        content = s3.get_object(Bucket=bucket, Key=state_key + SUFFIX)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return None
        raise
    written: dict[str, Any] = json.loads(content)
    operation = str(written.get("Operation", "unknown")).removeprefix("OperationType").lower()
    return Lock(
        written.get("ID", "LOCK_ID"), written.get("Who", "unknown"), written.get("Created", "unknown"), operation
    )


def probe(s3: S3Client, bucket: str) -> None:
    """Take a lock that nobody else uses, and release it; raises ClientError where that is not allowed."""
    s3.put_object(Bucket=bucket, Key=PROBE_KEY + SUFFIX, Body=b"{}")
    s3.delete_object(Bucket=bucket, Key=PROBE_KEY + SUFFIX)
