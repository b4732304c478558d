"""A row that was set aside, or would be, as people see it."""

from __future__ import annotations

from typing import Any

from glue_jobs.rejects import Reject


def as_document(row: Reject) -> dict[str, Any]:
    """A JSON object of line, reason, detail and raw text; bytes that are not text are shown with backslashes."""
    return {**row._asdict(), "raw": row.raw.decode("utf-8", "backslashreplace")}
