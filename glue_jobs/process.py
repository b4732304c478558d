"""One file's way from CSV to rows of its table; every outcome ends in the ledger."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from glue_jobs import logs
from glue_jobs.catalog import Catalog
from glue_jobs.clients import s3
from glue_jobs.contract import contract_of
from glue_jobs.conversion import Runner
from glue_jobs.errors import FileRejected
from glue_jobs.ledger import Ledger
from glue_jobs.load import FileLoad, needs_staging, timed
from glue_jobs.manifest import FileVersion
from glue_jobs.metadata import PARTITION_COLUMN
from glue_jobs.open import open_csv
from glue_jobs.publish import KeyState, Publisher, SupersededError
from glue_jobs.row_counts import RowCounts
from glue_jobs.settings import Settings
from glue_jobs.source import MemoryFile, S3Object, Source
from glue_jobs.write import ObjectWriter, Origin

log = logging.getLogger(__name__)

SMALL_FILE = 4 << 20
_GONE = (404, 405)  # 405: the version is a delete marker


@dataclass(frozen=True)
class Outcome:
    """How a file ended: a state of the ledger and its figures, or `skipped` when it was not this run's to process."""

    version: FileVersion
    state: str
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def needs_retry(self) -> bool:
        """Whether it failed for a reason that is not the file's."""
        return bool(self.figures.get("error", {}).get("retryable"))


@dataclass(frozen=True)
class Processor:
    """What every file of a run is processed with; serves several threads."""

    settings: Settings
    ledger: Ledger
    catalog: Catalog
    publisher: Publisher
    row_counts: RowCounts

    def process(self, version: FileVersion, key_state: KeyState, runner: Runner) -> Outcome:
        """Take one file version to its end. Never raises for what can be wrong with a file or a service."""
        try:
            if not self.ledger.start(version):
                log.info("Skipped: done already, or another run's", extra=logs.of_file(version))
                return Outcome(version, "skipped")
            outcome = self._attempt(version, key_state, runner)
            if not self.ledger.finish(version, outcome.state, outcome.figures):
                log.warning("Another run has taken this file over", extra=logs.of_file(version))
        except (ClientError, BotoCoreError) as error:  # the ledger itself cannot be written
            outcome = Outcome(version, "failed", {"error": _fault(error)})
        _report(outcome)
        return outcome

    def _attempt(self, version: FileVersion, key_state: KeyState, runner: Runner) -> Outcome:
        figures: dict[str, Any] = {"bytes_in": version.size, "seconds": {}}
        try:
            with timed(figures, "total"):
                self._load(version, key_state, runner, figures)
        except SupersededError:
            message = "A newer version of this key was uploaded; its rows are the ones that count."
            return Outcome(version, "ignored", figures | {"error": _error("superseded", message)})
        except FileRejected as verdict:
            error = _error(verdict.code, verdict.message, verdict.line)
            return Outcome(version, "failed", figures | {"error": error})
        except Exception as error:  # whatever it is, the neighbours go on and the ledger knows
            log.exception("Unexpected error", extra=logs.of_file(version))
            return Outcome(version, "failed", figures | {"error": _fault(error)})
        figures |= self._notes(version, figures)
        return Outcome(version, "succeeded", figures)

    def _notes(self, version: FileVersion, figures: Mapping[str, Any]) -> dict[str, Any]:
        """What is worth saying about a file that was loaded: how long it took from its event, and an odd row count."""
        notes: dict[str, Any] = {}
        if version.event_time:
            waited = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(version.event_time)
            notes["latency"] = round(waited.total_seconds(), 3)
        if unusual := self.row_counts.judge(version.dataset, figures["rows_read"]):
            notes["unusual"] = unusual
        return notes

    def _load(self, version: FileVersion, key_state: KeyState, runner: Runner, figures: dict[str, Any]) -> None:
        if key_state.supersedes(version):
            self.publisher.settle_superseded(version, key_state)
            raise SupersededError
        source, ingest_date = _find(version)
        name = f"{version.dataset}/{PARTITION_COLUMN}={ingest_date}/{version.file_id}-0.parquet"
        origin = Origin(version.source_file, self.settings.job_name, dt.datetime.now(dt.UTC))
        staging = f"_staging/{self.settings.run_id}/{version.file_id}"
        contract = contract_of(version.dataset)
        with open_csv(source, contract.csv) as csv:
            bucket = self.settings.output_bucket
            writer = ObjectWriter.begin(bucket, name, staging, origin, in_parts=needs_staging(version, csv))
            try:
                units = FileLoad(version, csv, contract, writer, runner, self.catalog, figures).units()
                with timed(figures, "publish"):
                    self.catalog.ensure_partition(version.dataset, ingest_date)
                    self.publisher.publish(version, name, lambda: writer.complete(units))
            except Exception:
                writer.abandon()
                raise
            writer.clear_staging()
        figures |= {"outputs": [name], "bytes_out": writer.size(units)}


def _find(version: FileVersion) -> tuple[Source, str]:
    """The content to read, and the UTC date of its upload. A small file is fetched whole, by one call.

    Raises:
        FileRejected: It is gone.
        SupersededError: Something else stands under its key now.

    """
    wanted = {"VersionId": version.version_id} if version.version_id else {}
    is_small = version.size <= SMALL_FILE
    look = s3().get_object if is_small else s3().head_object
    try:
        found = look(Bucket=version.bucket, Key=version.key, **wanted)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] not in _GONE:
            raise
        message = f"{version.source_file} is gone; upload it again if its rows are wanted."
        raise FileRejected("object_missing", message) from error
    if version.etag and found["ETag"].strip('"') != version.etag.strip('"'):
        raise SupersededError
    uploaded = found["LastModified"].astimezone(dt.UTC).date().isoformat()
    if is_small:
        return MemoryFile(found["Body"].read(), version.source_file), uploaded
    return S3Object(version.bucket, version.key, found["ContentLength"], version.version_id), uploaded


def _error(code: str, message: str, line: int | None = None, *, retryable: bool = False) -> dict[str, Any]:
    return {"code": code, "message": message, "line": line, "retryable": retryable}


def _fault(error: Exception) -> dict[str, Any]:
    code = "service_error" if isinstance(error, ClientError | BotoCoreError | OSError) else "internal_error"
    return _error(code, f"{type(error).__name__}: {error}", retryable=True)


def _report(outcome: Outcome) -> None:
    level = logging.ERROR if outcome.state == "failed" else logging.INFO
    log.log(level, "File %s", outcome.state, extra=logs.of_file(outcome.version, **outcome.figures))
