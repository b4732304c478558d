"""What happened to one file: its versions, its log lines, its outputs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gluepipe.errors import GluePipeError, UsageProblem
from gluepipe.moments import clock
from gluepipe.operations import ledger
from gluepipe.operations.deployed import Deployed
from gluepipe.operations.ledger import Item
from gluepipe.operations.logs import LogLine, LogQuery, read_arrivals, read_logs

MARGIN = timedelta(minutes=5)
LOOK_BACK = timedelta(days=14)  # as long as a message lives


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
    """Tell a file's story; `file` is a key, an s3:// URI or a file_id.

    Raises:
        UsageProblem: Neither the ledger nor the events of the input bucket know it.
        GluePipeError: It arrived, and nothing more is known of it.

    """
    try:
        versions = ledger.find(deployed.ledger, deployed.names, file)
    except UsageProblem:
        raise _unknown(deployed, file) from None
    item = versions[0]
    since = datetime.fromisoformat(item["claimed_at"]) - MARGIN
    lines = read_logs(deployed, LogQuery(since, item.get("run_id"), item["file_id"], item["key"]))
    others = versions[1:] or [
        other
        for other in ledger.versions_of(deployed.ledger, item["source_file"])
        if other["file_id"] != item["file_id"]
    ]
    return Story(item, others, list(lines))


def _unknown(deployed: Deployed, file: str) -> GluePipeError:
    """What to say of a file that is not in the ledger: did it arrive at all?"""
    names = deployed.names
    bucket, key = f"s3://{names.input_bucket}/", ledger.key_of(names, file)
    arrivals = read_arrivals(deployed, key, datetime.now(UTC) - LOOK_BACK)
    if not arrivals:
        reason = f"{bucket}{key} did not arrive within {LOOK_BACK.days} days, and the ledger does not know it."
        return UsageProblem(reason, f"Keys are listed by: gluepipe files {names.environment}")
    last = arrivals[-1]
    what = f"{last.message} {clock(last.time)} UTC, {last.fields.get('size')} bytes"
    fix = f"What waits, and why, is told by: gluepipe status {names.environment}"
    return GluePipeError(f"{bucket}{key} is not in the ledger yet; the bucket said last: {what}.", fix)
