"""A run: every file of its manifest, small ones side by side, large ones one after the other on every core."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from glue_jobs.catalog import Catalog
from glue_jobs.clients import client, s3
from glue_jobs.conversion import Runner
from glue_jobs.convert import RANGE
from glue_jobs.execution import choose_runner, executor_count, executors, prepare_session, spark_session, threads
from glue_jobs.items import Items
from glue_jobs.ledger import Ledger
from glue_jobs.manifest import FileVersion, read_manifest
from glue_jobs.metrics import put_metrics
from glue_jobs.process import SMALL_FILE, Outcome, Processor
from glue_jobs.publish import KeyState, Publisher
from glue_jobs.row_counts import RowCounts
from glue_jobs.settings import Settings
from glue_jobs.transform import has_hook, warm_up

log = logging.getLogger(__name__)

_SMALL_FILES_AT_ONCE = 8


def run(settings: Settings) -> list[Outcome]:
    """Process the files of the run's manifest; each outcome is in the ledger and in the metrics.

    Raises:
        ManifestError: There is no usable manifest.

    """
    versions = read_manifest(s3(), settings.manifest)
    items = Items(client("dynamodb"), settings.ledger_table)
    publisher = Publisher(s3(), items, settings.output_bucket)
    catalog = Catalog(client("glue"), settings.database, settings.output_bucket)
    row_counts = RowCounts(items, {version.dataset for version in versions})
    processor = Processor(settings, Ledger(items, settings), catalog, publisher, row_counts)
    outcomes = _Files(processor, catalog, publisher.key_states(versions), _runner(settings, versions)).process(versions)
    try:
        row_counts.remember()
        put_metrics(client("cloudwatch"), settings.environment, outcomes)
    except (ClientError, BotoCoreError) as error:  # the ledger has it all; no reason to do the work again
        log.warning("Metrics or row counts were not sent: %s", error)
    return outcomes


@dataclass(frozen=True)
class _Files:
    processor: Processor
    catalog: Catalog
    key_states: dict[str, KeyState]
    runner: Runner

    def process(self, versions: Sequence[FileVersion]) -> list[Outcome]:
        """Process every file; the first ones of a new table go first, so that it does not depend on a race."""
        outcomes = []
        waiting = list(versions)
        for version in versions:
            if self.catalog.table(version.dataset) is None:
                outcomes.append(self._one(version, self.runner))
                waiting.remove(version)
        small = [version for version in waiting if version.size <= SMALL_FILE]
        medium = [version for version in waiting if SMALL_FILE < version.size <= RANGE]
        outcomes += self._side_by_side(small, _SMALL_FILES_AT_ONCE)
        outcomes += self._side_by_side(medium, os.cpu_count() or 1)
        outcomes += [self._one(version, self.runner) for version in waiting if version.size > RANGE]
        return outcomes

    def _side_by_side(self, versions: Sequence[FileVersion], count: int) -> list[Outcome]:
        """Process files of one unit each; small ones wait for the network more than they compute."""
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(lambda version: self._one(version, threads(1)), versions))

    def _one(self, version: FileVersion, runner: Runner) -> Outcome:
        return self.processor.process(version, self.key_states[version.file_id], runner)


def _runner(settings: Settings, versions: Sequence[FileVersion]) -> Runner:
    size = sum(version.size for version in versions)
    hooked = any(has_hook(dataset) for dataset in {version.dataset for version in versions})
    if choose_runner(size, executor_count(), has_hook=hooked, choice=settings.runner) == "spark":
        return executors(spark_session())
    if hooked and size > RANGE:
        prepare_session(warm_up)
    return threads(os.cpu_count() or 1)
