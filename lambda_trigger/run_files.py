"""The files that a run was given, by its manifest: unlike the ledger's indexes, it does not lag behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambda_trigger.ledger import ITEMS_PER_READ, Ledger
from lambda_trigger.ledger_item import Item
from lambda_trigger.manifest import file_sizes
from lambda_trigger.start import Job

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import JobRunTypeDef
    from mypy_boto3_s3.client import S3Client


@dataclass(frozen=True)
class RunFiles:
    """A run in Glue's words, None where Glue forgot it, and the size in bytes of each of its files, by file_id.

    There are no files where the run is forgotten or its manifest is gone.
    """

    run: JobRunTypeDef | None
    sizes: Mapping[str, int]

    @classmethod
    def of(cls, job: Job, s3: S3Client, run_id: str) -> RunFiles:
        """Ask Glue for the run, and S3 for what is in its manifest."""
        run = job.describe(run_id)
        arguments = run.get("Arguments", {}) if run else {}
        return cls(run, file_sizes(s3, arguments.get("--manifest", "")))

    def items(self, ledger: Ledger) -> Iterator[Item]:
        """The ledger's items of the files, as they are now."""
        ids = list(self.sizes)
        for at in range(0, len(ids), ITEMS_PER_READ):
            yield from ledger.get_many(ids[at : at + ITEMS_PER_READ]).values()
