"""Rows that could not be loaded, written where people can look at them: JSON lines under `_quarantine/`."""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Iterable
from typing import Any

from glue_jobs.manifest import FileVersion
from glue_jobs.rejects import Reject

_IN_MEMORY = 8 << 20


def write_quarantine(s3: Any, bucket: str, version: FileVersion, rejects: Iterable[Reject]) -> str:
    """Store the rejected rows of a file version and return the key; the same version always has the same key."""
    key = f"_quarantine/{version.dataset}/{version.file_id}.jsonl"
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as lines:
        for reject in rejects:
            lines.write(json.dumps(described(reject), ensure_ascii=False).encode() + b"\n")
        lines.seek(0)
        s3.upload_fileobj(lines, bucket, key)
    return key


def described(reject: Reject) -> dict[str, Any]:
    """One rejected row as JSON shows it; bytes that are no text are kept as `raw_base64`."""
    about: dict[str, Any] = {"line": reject.line, "reason": reject.reason, "detail": reject.detail}
    try:
        return about | {"raw": reject.raw.decode("utf-8")}
    except UnicodeDecodeError:
        return about | {"raw_base64": base64.b64encode(reject.raw).decode("ascii")}
