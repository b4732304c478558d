"""Fit a file's columns to its table: the catalog's schema is the memory, and no type contradicts a stored file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from glue_jobs.catalog import Column, Table, comment_of
from glue_jobs.columns import ColumnSpec
from glue_jobs.contract import Contract
from glue_jobs.conversion import Conversion
from glue_jobs.errors import FileRejected
from glue_jobs.metadata import METADATA_COLUMNS, RESCUED
from glue_jobs.recognise import is_stranger, under_known_names
from glue_jobs.type_names import spark_type

_MOST_LISTED = 20
_OWN_COLUMNS = (
    Column(RESCUED, pa.string(), "Values that do not fit their column: JSON object, column to text"),
    Column("processed_at", pa.timestamp("us", tz="UTC"), "When this row was written"),
    Column("source_file", pa.string(), "The file this row comes from"),
    Column("processing_job", pa.string(), "The job that wrote this row"),
)


def fit_columns(
    inferred: Sequence[ColumnSpec], table: Table | None, contract: Contract, *, may_widen: bool = True
) -> tuple[ColumnSpec, ...]:
    """What to convert the file to: the table's columns in its order, then the new ones in the file's.

    Args:
        inferred: The file's columns with types guessed from a sample.
        table: The dataset's table, None when there is none yet.
        contract: Its declared types are those of new columns, and must not contradict the table's.
        may_widen: False holds every column of the table to its type even in mode `evolve`.

    Raises:
        FileRejected: A required column is missing, a declared type is not the table's, the file seems to lack its
            header (unless the mode is `evolve`), or the mode is `fail` and the columns are not the table's.

    """
    known = data_columns(table)
    found = under_known_names(inferred, known)
    by_name = {column.name: column for column in found}
    _reject_missing(by_name, contract)
    _reject_contradiction(known, contract)
    if contract.mode != "evolve":
        _reject_headless(found, known)
    if table and contract.mode == "fail":
        _reject_surprises(by_name, known)
    fitted = [_held(by_name.get(column.name), column, contract, may_widen=may_widen) for column in known]
    names = {column.name for column in known}
    new = [column for column in found if column.name not in names]
    if table and contract.mode == "freeze":
        # Read as text, exactly as it stands in the file, and then folded into `_rescued_data`.
        return (*fitted, *(replace(column, type=pa.string(), rigid=True) for column in new))
    return (*fitted, *(_declared(column, contract) for column in new))


def merge_columns(
    converted: Iterable[ColumnSpec], table: Table | None, contract: Contract
) -> tuple[Column, ...] | None:
    """The table's columns once it holds a converted file; None when the file contradicts the table's types, or was not
    fitted to these columns."""
    types = {column.name: column.type for column in converted}
    known = {column.name: column for column in data_columns(table)}
    if any(is_stranger(column, known.get(column.name)) for column in converted):
        return None
    merged = []
    for column in known.values():
        file_type = types.pop(column.name, column.type)
        if file_type != column.type and not (contract.mode == "evolve" and _is_wider(file_type, column.type)):
            return None
        merged.append(replace(column, type=file_type))
    if not (table and contract.mode == "freeze"):
        comments = {column.name: comment_of(column.source_name) for column in converted}
        merged += [Column(name, file_type, comments[name]) for name, file_type in types.items()]
    return (*merged, *_OWN_COLUMNS)


def folded_columns(converted: Iterable[ColumnSpec], table: Table | None, contract: Contract) -> tuple[str, ...]:
    """The columns of a file that mode `freeze` keeps out of the table; their values go to `_rescued_data`."""
    if table is None or contract.mode != "freeze":
        return ()
    known = {column.name for column in data_columns(table)}
    return tuple(column.name for column in converted if column.name not in known)


def data_columns(table: Table | None) -> list[Column]:
    """The columns that came from files."""
    own = {RESCUED, *METADATA_COLUMNS}
    return [column for column in table.columns if column.name not in own] if table else []


def _held(found: ColumnSpec | None, column: Column, contract: Contract, *, may_widen: bool) -> ColumnSpec:
    if found is None:
        return ColumnSpec(column.name, column.comment, None, column.type, rigid=True)
    may_widen = may_widen and contract.mode == "evolve"
    declared = contract.types.get(column.name)
    if declared:
        return replace(found, type=declared if may_widen else column.type, rigid=True, lenient=True, empty=False)
    widens = may_widen and pa.types.is_decimal(column.type)
    return replace(found, type=column.type, rigid=not widens, empty=False)


def _declared(column: ColumnSpec, contract: Contract) -> ColumnSpec:
    declared = contract.types.get(column.name)
    return replace(column, type=declared, rigid=True, lenient=True, empty=False) if declared else column


def _is_wider(new: Any, old: Any) -> bool:
    """Whether readers that expect `new` also read files of type `old`: more decimal digits before the point."""
    both_decimal = pa.types.is_decimal(new) and pa.types.is_decimal(old)
    return both_decimal and new.scale == old.scale and new.precision > old.precision


def _listed(names: Iterable[str]) -> str:
    """Names for a message, which must not be as long as a header may be."""
    every = list(names)
    more = f" and {len(every) - _MOST_LISTED} more" if len(every) > _MOST_LISTED else ""
    return (", ".join(every[:_MOST_LISTED]) or "none") + more


def _reject_missing(by_name: dict[str, ColumnSpec], contract: Contract) -> None:
    if missing := [name for name in contract.required if name not in by_name]:
        raise FileRejected(
            "missing_column",
            f"The contract requires {_listed(missing)}; the file has {_listed(by_name)}. "
            "Deliver the file with these columns, or take them out of `required`.",
        )


def _reject_contradiction(known: Sequence[Column], contract: Contract) -> None:
    for column in known:
        declared = contract.types.get(column.name, column.type)
        if declared != column.type and not (contract.mode == "evolve" and _is_wider(declared, column.type)):
            raise FileRejected(
                "schema_conflict",
                f"The contract says that {column.name} is {spark_type(declared)}; the table has it as "
                f"{spark_type(column.type)}, and files that hold it. Declare the table's type, or give the column "
                "another name in the files, or the files another dataset.",
            )


def _reject_headless(inferred: Sequence[ColumnSpec], known: Sequence[Column]) -> None:
    """A file as wide as the table that has other columns, although nothing shows that its first record is a header.

    Else that record would be the names of new columns, for good.
    """
    names = {column.name for column in known}
    doubtful = not any(column.source_name for column in inferred) or all(
        column.type == pa.string() for column in inferred
    )
    if doubtful and len(inferred) == len(known) and names.isdisjoint(column.name for column in inferred):
        raise FileRejected(
            "schema_conflict",
            f"The file has as many columns as the table ({_listed(column.name for column in known)}), but others "
            f"({_listed(column.name for column in inferred)}): its header seems to be missing. Deliver it with one; "
            "if these shall be new columns, let the contract's mode be `evolve`.",
        )


def _reject_surprises(by_name: dict[str, ColumnSpec], known: Sequence[Column]) -> None:
    expected = {column.name: spark_type(column.type) for column in known}
    new = [name for name in by_name if name not in expected]
    missing = [name for name in expected if name not in by_name]
    if new or missing:
        raise FileRejected(
            "schema_conflict",
            f"The contract's mode is `fail`, and the file's columns are not the table's: new {_listed(new)}, "
            f"missing {_listed(missing)}. Deliver the table's columns, or choose another mode.",
        )


def check_conversion(conversion: Conversion, table: Table | None, contract: Contract) -> None:
    """Raise FileRejected when too many rows are bad, or when values were rescued although the mode is `fail`."""
    bad, read = len(conversion.rejects), conversion.rows_read
    if not contract.tolerates(bad, read):
        first = next(iter(conversion.rejects))
        raise FileRejected(
            "too_many_bad_rows",
            f"{bad} of {read} rows cannot be loaded ({contract.tolerance}); the first: {first.detail}. "
            "Nothing was published; the rows are in quarantine. Correct them, or let `max_quarantined` allow them.",
            first.line,
        )
    if table and contract.mode == "fail" and conversion.rescued:
        raise FileRejected(
            "schema_conflict",
            f"The contract's mode is `fail`, and values of {conversion.rescued} rows do not fit the table's types. "
            "Correct the file, or choose another mode.",
        )
