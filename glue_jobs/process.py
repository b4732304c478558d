"""One file's way from CSV to rows of its table; every outcome ends in the ledger."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from glue_jobs import logs
from glue_jobs.catalog import Catalog
from glue_jobs.columns import ColumnSpec
from glue_jobs.contract import Contract, contract_of
from glue_jobs.conversion import Conversion, Runner
from glue_jobs.convert import RANGE, convert
from glue_jobs.errors import FileRejected
from glue_jobs.fit import check_conversion, fit_columns, folded_columns, merge_columns
from glue_jobs.infer import infer
from glue_jobs.ledger import Ledger
from glue_jobs.manifest import FileVersion
from glue_jobs.metadata import PARTITION_COLUMN
from glue_jobs.open import CsvFile, open_csv
from glue_jobs.publish import KeyState, Publisher, SupersededError
from glue_jobs.quarantine import write_quarantine
from glue_jobs.rules import RuleCheck
from glue_jobs.settings import Settings
from glue_jobs.source import MemoryFile, S3Object, Source
from glue_jobs.unique import find_duplicates
from glue_jobs.write import ObjectWriter, Origin, UnitWriter, s3

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
            with _timed(figures, "total"):
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
        return Outcome(version, "succeeded", figures)

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
            in_parts = csv.source.size > RANGE
            writer = ObjectWriter.begin(self.settings.output_bucket, name, staging, origin, in_parts=in_parts)
            try:
                conversion = self._convert(version, csv, contract, writer, runner, figures)
                with _timed(figures, "publish"):
                    self.catalog.ensure_partition(version.dataset, ingest_date)
                    self.publisher.publish(version, name, lambda: writer.complete(conversion.outputs))
            except Exception:
                writer.abandon()
                raise
            writer.clear_staging()
        figures |= {"outputs": [name], "bytes_out": writer.size(conversion.outputs)}

    def _convert(
        self,
        version: FileVersion,
        csv: CsvFile,
        contract: Contract,
        writer: ObjectWriter,
        runner: Runner,
        figures: dict[str, Any],
    ) -> Conversion:
        """Convert until the catalog agrees with the columns, which another run may be changing at the same time."""
        inferred = infer(csv.source, csv.dialect)
        may_widen = True
        while True:
            table = self.catalog.table(version.dataset)
            columns = fit_columns(inferred, table, contract, may_widen=may_widen)
            folded = folded_columns(columns, table, contract)
            conversion = self._checked(csv, columns, UnitWriter(writer, folded), contract, runner)
            figures |= _rows(conversion)
            figures["seconds"] |= {step: round(taken, 3) for step, taken in conversion.seconds.items()}
            if len(conversion.rejects):
                write_quarantine(s3(), self.settings.output_bucket, version, conversion.rejects)
            check_conversion(conversion, table, contract)
            if self._record_columns(version.dataset, conversion, contract):
                return conversion
            may_widen = False

    def _checked(
        self, csv: CsvFile, columns: Sequence[ColumnSpec], write_unit: UnitWriter, contract: Contract, runner: Runner
    ) -> Conversion:
        """Convert, holding the rows to the contract's rules."""
        check = RuleCheck(contract.rules) if contract.rules else None
        unique = [name for name in contract.unique_columns if any(column.name == name for column in columns)]
        write_unit = replace(write_unit, unique=tuple(unique))
        conversion = convert(csv.source, csv.dialect, columns, write_unit, runner, RANGE, check)
        duplicates = {
            name: found
            for position, name in enumerate(unique)
            if (found := find_duplicates((unit.index, unit.digests[position]) for unit in conversion.outputs))
        }
        if not duplicates:
            return conversion
        check = RuleCheck(contract.rules, duplicates)
        return convert(csv.source, csv.dialect, conversion.columns, write_unit, runner, RANGE, check)

    def _record_columns(self, dataset: str, conversion: Conversion, contract: Contract) -> bool:
        """Put the file's columns into the catalog before its rows are visible; False if the types contradict it."""
        while True:
            table = self.catalog.table(dataset)
            merged = merge_columns(conversion.columns, table, contract)
            if merged is None:
                return False
            if self.catalog.save(dataset, merged, table):
                return True


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


def _rows(conversion: Conversion) -> dict[str, int]:
    return {
        "rows_read": conversion.rows_read,
        "rows_written": sum(unit.rows for unit in conversion.outputs),
        "rows_quarantined": len(conversion.rejects),
        "rows_rescued": sum(unit.rescued for unit in conversion.outputs),
    }


def _error(code: str, message: str, line: int | None = None, *, retryable: bool = False) -> dict[str, Any]:
    return {"code": code, "message": message, "line": line, "retryable": retryable}


def _fault(error: Exception) -> dict[str, Any]:
    code = "service_error" if isinstance(error, ClientError | BotoCoreError | OSError) else "internal_error"
    return _error(code, f"{type(error).__name__}: {error}", retryable=True)


@contextmanager
def _timed(figures: dict[str, Any], step: str) -> Iterator[None]:
    started = time.monotonic()
    try:
        yield
    finally:
        figures["seconds"][step] = round(time.monotonic() - started, 3)


def _report(outcome: Outcome) -> None:
    level = logging.ERROR if outcome.state == "failed" else logging.INFO
    log.log(level, "File %s", outcome.state, extra=logs.of_file(outcome.version, **outcome.figures))
