"""The manifest of a run: which versions of which files to process."""

from __future__ import annotations

import json
from dataclasses import MISSING, dataclass, fields
from typing import Any


class ManifestError(Exception):
    """The manifest is not there or is not a JSON list of files; the message says which and what is wrong."""


@dataclass(frozen=True)
class FileVersion:
    """One version of one object, as the trigger describes it.

    `order` sorts as the versions of one key do; `etag` is without quotes; `size` is in bytes. `event_time` (ISO 8601)
    is when S3 told of the file, or when somebody asked for it again.
    """

    file_id: str
    bucket: str
    key: str
    version_id: str | None
    etag: str
    sequencer: str
    size: int
    dataset: str
    order: str
    event_time: str | None = None

    @property
    def source_file(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def read_manifest(s3: Any, uri: str) -> list[FileVersion]:
    """Read the JSON list at an s3:// URI, each file version once.

    Raises:
        ManifestError: There is no such object, or an entry lacks a field.

    """
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        text = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket) as error:
        raise ManifestError(f"There is no manifest {uri}; start the run with one that exists.") from error
    try:
        versions = [_file_version(entry) for entry in json.loads(text)]
    except (ValueError, TypeError, KeyError) as error:
        raise ManifestError(f"{uri} is not a JSON list of file versions: {error}.") from error
    return list({version.file_id: version for version in versions}.values())


def _file_version(entry: dict[str, Any]) -> FileVersion:
    missing = [field.name for field in fields(FileVersion) if field.name not in entry and field.default is MISSING]
    if missing:
        raise ValueError(f"entry {entry.get('file_id', entry)!r} lacks {', '.join(missing)}")
    return FileVersion(**{field.name: entry[field.name] for field in fields(FileVersion) if field.name in entry})
