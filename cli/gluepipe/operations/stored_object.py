"""An object in a bucket of an environment, for the job's own readers, which read it by ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class StoredObject:
    """A `glue_jobs.source.Source` over somebody's own client; without a version id, the newest version."""

    s3: S3Client
    bucket: str
    key: str
    size: int
    version_id: str | None = None

    @property
    def name(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def portable(self) -> bool:
        return False

    def read(self, offset: int, length: int) -> bytes:
        end = min(offset + length, self.size) - 1
        if end < offset:
            return b""
        version: dict[str, Any] = {"VersionId": self.version_id} if self.version_id else {}
        answer = self.s3.get_object(Bucket=self.bucket, Key=self.key, Range=f"bytes={offset}-{end}", **version)
        return answer["Body"].read()
