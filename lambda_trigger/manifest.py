"""The manifest: which files one job run is to process."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from lambda_trigger.file_version import FileVersion


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


def manifest_body(files: Iterable[FileVersion]) -> bytes:
    """The manifest as docs/architecture.md describes it."""
    return json.dumps([_entry(file) for file in files], ensure_ascii=False).encode()


def _entry(file: FileVersion) -> dict[str, Any]:
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
    }
