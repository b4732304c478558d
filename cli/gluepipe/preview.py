"""Convert local CSV files with the job's own code, to show what it would make of them."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from glue_jobs.contract import Contract, ContractError, contract_of
from glue_jobs.contracted import convert_contracted
from glue_jobs.conversion import Conversion, Runner
from glue_jobs.dialect import Dialect
from glue_jobs.errors import FileRejected
from glue_jobs.execution import threads
from glue_jobs.fit import check_conversion, fit_columns
from glue_jobs.infer import infer
from glue_jobs.metadata import with_metadata
from glue_jobs.open import CsvFile, open_csv
from glue_jobs.parquet import write_parquet
from glue_jobs.rejects import Reject
from glue_jobs.source import LocalFile
from glue_jobs.type_names import spark_type
from gluepipe import rejected_row
from gluepipe.errors import UsageProblem

JOB_NAME = "preview"
MOST_REJECTS = 1000


@dataclass(frozen=True)
class Column:
    """A column as it would stand in the table, and its header text."""

    name: str
    type: str
    header: str


@dataclass(frozen=True)
class Preview:
    """What the job would do with one file.

    `rejects` are the first 1000, `rows_quarantined` counts all; a file of too many of them is rejected.
    """

    path: Path
    outcome: str = "ok"
    reason: str | None = None
    message: str | None = None
    line: int | None = None
    dialect: Dialect | None = None
    columns: tuple[Column, ...] = ()
    rows_read: int = 0
    rows_written: int = 0
    rows_quarantined: int = 0
    rows_rescued: int = 0
    rejects: tuple[Reject, ...] = ()
    outputs: tuple[Path, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def header_is_doubtful(self) -> bool:
        """Whether the first record is the header only because nothing shows that it is data."""
        named = self.dialect is not None and bool(self.dialect.header) and self.dialect.options.header is None
        return named and self.rows_read > 0 and all(column.type == "string" for column in self.columns)

    def as_document(self) -> dict[str, Any]:
        """A JSON object; bytes that are not text are shown with backslashes."""
        return {
            "input": str(self.path),
            "outcome": self.outcome,
            "reason": self.reason,
            "message": self.message,
            "line": self.line,
            "dialect": _dialect_json(self.dialect) if self.dialect else None,
            "columns": [{"name": c.name, "type": c.type, "header": c.header} for c in self.columns],
            "rows_read": self.rows_read,
            "rows_written": self.rows_written,
            "rows_quarantined": self.rows_quarantined,
            "rows_rescued": self.rows_rescued,
            "quarantine": [rejected_row.as_document(reject) for reject in self.rejects],
            "outputs": [str(path) for path in self.outputs],
            "seconds": {step: round(value, 3) for step, value in self.seconds.items()},
        }


def preview(
    paths: Sequence[Path], output: Path | None, dataset: str | None = None, runner: Runner | None = None
) -> Iterator[Preview]:
    """Preview each file, in order.

    Args:
        paths: Local files.
        output: Folder for the Parquet files, one subfolder per input; None writes nothing.
        dataset: Apply the contract of this dataset; None takes the files as they are.
        runner: Where units run; None means threads, one a core.

    Raises:
        UsageProblem: The contract is wrong.

    """
    contract = _contract(dataset) if dataset else Contract()
    for number, path in enumerate(paths, start=1):
        folder = output / f"{number:03d}-{path.name}" if output else None
        yield _preview(path, folder, contract, runner or threads(os.cpu_count() or 1))


def has_contract(dataset: str) -> bool:
    """Whether a contract of the dataset is shipped with the job."""
    return (resources.files("glue_jobs") / "contracts" / f"{dataset}.toml").is_file()


def _contract(dataset: str) -> Contract:
    try:
        return contract_of(dataset)
    except ContractError as error:
        listed = "\n".join(f"  {problem}" for problem in error.problems)
        raise UsageProblem(
            f"The contract of {dataset} is wrong:\n{listed}", "Correct it, or leave out --dataset."
        ) from None


def _preview(path: Path, folder: Path | None, contract: Contract, runner: Runner) -> Preview:
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    start = time.perf_counter()
    found = Preview(path)
    try:
        with open_csv(LocalFile.of(path), contract.csv) as csv:
            found = Preview(path, dialect=csv.dialect)
            conversion = _convert(csv, path, folder, contract, runner)
            found = _of_conversion(path, conversion)
            check_conversion(conversion, None, contract)
    except FileRejected as error:
        if folder:
            shutil.rmtree(folder)
        found = replace(found, outcome="rejected", reason=error.code, message=error.message, line=error.line)
        return replace(found, rows_written=0, outputs=())
    return replace(found, seconds={**conversion.seconds, "total": time.perf_counter() - start})


def _convert(csv: CsvFile, path: Path, folder: Path | None, contract: Contract, runner: Runner) -> Conversion:
    columns = fit_columns(infer(csv.source, csv.dialect), None, contract)
    now = dt.datetime.now(dt.UTC)

    def write_unit(index: int, table: pa.Table) -> Path | None:
        if folder is None:
            return None
        target = folder / f"part-{index:05d}.parquet"
        write_parquet(with_metadata(table, path.absolute().as_uri(), JOB_NAME, now), target)
        return target

    return convert_contracted(csv, columns, write_unit, runner, contract)


def _of_conversion(path: Path, conversion: Conversion) -> Preview:
    return Preview(
        path,
        dialect=conversion.dialect,
        columns=tuple(Column(c.name, spark_type(c.type), c.source_name) for c in conversion.columns),
        rows_read=conversion.rows_read,
        rows_written=conversion.rows_written,
        rows_quarantined=len(conversion.rejects),
        rows_rescued=conversion.rescued,
        rejects=tuple(islice(conversion.rejects, MOST_REJECTS)),
        outputs=tuple(output for output in conversion.outputs if output),
    )


def _dialect_json(dialect: Dialect) -> dict[str, Any]:
    return {
        "delimiter": dialect.delimiter,
        "quote": dialect.quote,
        "escape": dialect.escape,
        "encoding": dialect.encoding,
        "compression": dialect.compression,
        "header": dialect.header is not None,
        "first_line": dialect.first_line,
    }
