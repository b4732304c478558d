"""What happened to one file: its versions, its log lines, its outputs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gluepipe import ledger
from gluepipe.deployed import Deployed
from gluepipe.ledger import Item
from gluepipe.logs import LogLine, LogQuery, read_logs

MARGIN = timedelta(minutes=5)


@dataclass(frozen=True)
class Story:
    """A file version, the other versions of its key, and what was logged about it in the order of time."""

    item: Item
    others: list[Item]
    lines: list[LogLine]

    def as_document(self) -> dict[str, Any]:
        """Return everything for `--json`."""
        return {
            "file": self.item,
            "other_versions": self.others,
            "log": [line.as_document() for line in self.lines],
        }


def story_of(deployed: Deployed, file: str) -> Story:
    """Tell a file's story; `file` is a key, an s3:// URI or a file_id. Raises UsageProblem for an unknown one."""
    versions = ledger.find(deployed.ledger, deployed.names.input_bucket, file)
    item = versions[0]
    since = datetime.fromisoformat(item["claimed_at"]) - MARGIN
    lines = read_logs(deployed, LogQuery(since=since, run_id=item.get("run_id"), about=item["file_id"]))
    others = versions[1:] or [
        other
        for other in ledger.versions_of(deployed.ledger, item["source_file"])
        if other["file_id"] != item["file_id"]
    ]
    return Story(item, others, list(lines))
