"""Finds the files that a run was given by its manifest: unlike the ledger's indexes, it does not lag behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambda_trigger.ledger import ITEMS_PER_READ, Ledger
from lambda_trigger.ledger_item import Item
from lambda_trigger.manifest import file_sizes
from lambda_trigger.start import Job

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@dataclass(frozen=True)
class RunFiles:
    """Asks Glue for a run's manifest, S3 for what is in it, and the ledger for its files."""

    job: Job
    s3: S3Client
    ledger: Ledger

    def of(self, run_id: str) -> Iterator[Item]:
        """The ledger's items of a run's files, as they are now; none if Glue forgot the run or its manifest is gone."""
        run = self.job.describe(run_id) or {}
        ids = list(file_sizes(self.s3, run.get("Arguments", {}).get("--manifest", "")))
        for at in range(0, len(ids), ITEMS_PER_READ):
            yield from self.ledger.get_many(ids[at : at + ITEMS_PER_READ]).values()
