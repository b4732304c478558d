"""Transform hooks: a dataset's own Spark code, `transforms/<dataset>.py` with `transform(df) -> df`.

The file is read and typed as ever; its units then wait as Arrow streams under the staging prefix, become one DataFrame,
go through the hook, and are written by the tasks of the same Spark job.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pyarrow as pa
import pyarrow.ipc

from glue_jobs.clients import s3
from glue_jobs.columns import ColumnSpec
from glue_jobs.errors import FileRejected
from glue_jobs.execution import freeze_loaded, task_count
from glue_jobs.metadata import RESCUED, RESERVED_NAMES
from glue_jobs.type_names import parse_type, spark_type
from glue_jobs.write import MOST_PARTS, ObjectWriter, StoredUnit

Hook = Callable[[Any], Any]

_BATCH_ROWS = 32_768
_UNIT_BYTES = 64 << 20
_UNITS_PER_TASK = 40
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def has_hook(dataset: str) -> bool:
    """Whether a dataset has a hook, right or wrong."""
    return find_spec(_module_of(dataset)) is not None


def find_hook(dataset: str) -> Hook | None:
    """The `transform` of a dataset, or None when it has no hook; raises FileRejected for one that is no hook."""
    if not has_hook(dataset):
        return None
    try:
        hook: Hook = import_module(_module_of(dataset)).transform
    except Exception as error:
        message = f"transforms/{dataset}.py is no transform hook: {error}. Correct it, deploy and replay."
        raise FileRejected("transform_failed", message) from error
    return hook


def _module_of(dataset: str) -> str:
    return f"glue_jobs.transforms.{dataset}"


def warm_up(spark: Any) -> None:
    """Have Spark and its Python workers load what the tasks of a hook need, which takes them some seconds."""
    cores = spark.sparkContext.defaultParallelism
    df = spark.range(0, cores, numPartitions=cores).mapInArrow(_warmed_up, "id bigint")
    df.filter("id >= 0").mapInArrow(_warmed_up, "id bigint").collect()


def _warmed_up(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    s3()
    yield from batches
    freeze_loaded("warm up")


@dataclass(frozen=True)
class Stage:
    """Stores typed units where executors find them; see `glue_jobs.conversion.WriteUnit`."""

    bucket: str
    prefix: str

    def __call__(self, index: int, table: pa.Table) -> str:
        sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_stream(sink, table.schema, options=options) as stream:
            stream.write_table(table, max_chunksize=_BATCH_ROWS)
        name = f"{self.prefix}/typed-{index}"
        s3().put_object(Bucket=self.bucket, Key=name, Body=sink.getvalue().to_pybytes())
        return name


def transformed(spark: Any, hook: Hook, bucket: str, names: Sequence[str], schema: pa.Schema) -> Any:
    """The DataFrame that the hook makes of staged units.

    Raises:
        FileRejected: The hook fails on this schema, or gives columns that no table can have.

    """
    described = ", ".join(f"`{field.name}` {spark_type(field.type)}" for field in schema)
    numbers = spark.range(0, len(names), numPartitions=task_count(spark, len(names)))
    df = numbers.mapInArrow(partial(_load, bucket, names), described)
    try:
        result = hook(df)
        fields = {field.name: field.dataType.simpleString() for field in result.schema}
    except Exception as error:
        raise FileRejected("transform_failed", f"The transform hook fails: {error}. Correct it and replay.") from error
    if len(fields) != len(result.schema) or not all(map(_NAME.fullmatch, fields)) or fields.keys() & _NOT_OURS:
        listed = ", ".join(field.name for field in result.schema)
        message = f"The transform hook gives columns ({listed}) of which some are repeated, reserved or no legal name."
        raise FileRejected("transform_failed", f"{message} Use unique names of a-z, 0-9 and _.")
    return result


_NOT_OURS = RESERVED_NAMES - {RESCUED}


def columns_of(df: Any) -> tuple[ColumnSpec, ...]:
    """The data columns of a transformed frame; raises FileRejected for a type that no column can have."""
    return tuple(
        ColumnSpec(field.name, field.name, None, _arrow_type(field), rigid=True)
        for field in df.schema
        if field.name != RESCUED
    )


def write_frame(df: Any, writer: ObjectWriter, schema: pa.Schema) -> list[StoredUnit]:
    """Store a frame's rows as units of one object, its columns by name in the order of `schema`."""
    stored = df.mapInArrow(partial(_store, writer, schema), "unit binary").collect()
    units = [pickle.loads(row.unit) for row in stored]  # noqa: S301 # nosec B301 # made by our tasks
    return units or [writer.store(0, schema.empty_table())]


def _load(bucket: str, names: Sequence[str], numbers: Iterable[Any]) -> Iterator[pa.RecordBatch]:
    for batch in numbers:
        for number in batch.column(0).to_pylist():
            body = s3().get_object(Bucket=bucket, Key=names[number])["Body"].read()
            yield from pa.ipc.open_stream(body)
    freeze_loaded("load")


def _store(writer: ObjectWriter, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    from pyspark import TaskContext  # this runs in a task

    context = TaskContext.get()
    task = context.partitionId() if context else 0
    for number, table in enumerate(_units(batches)):
        unit = writer.store(_index(task, number), _ordered(table, schema))
        yield pa.record_batch([pa.array([pickle.dumps(unit)], pa.binary())], names=["unit"])
    freeze_loaded("store")


def _units(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        if batch.num_rows:
            waiting.append(batch)
            size += batch.nbytes
        if size >= _UNIT_BYTES:
            yield pa.Table.from_batches(waiting)
            waiting, size = [], 0
    if waiting:
        yield pa.Table.from_batches(waiting)


def _index(task: int, number: int) -> int:
    """A number of its own for every unit; those of the first tasks may be parts of the upload."""
    if number < _UNITS_PER_TASK:
        return task * _UNITS_PER_TASK + number
    return (task + MOST_PARTS) * MOST_PARTS + number


def _ordered(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        table.column(field.name).cast(field.type) if field.name in table.column_names else _nulls(table, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _nulls(table: pa.Table, column_type: pa.DataType) -> Any:
    return pa.nulls(table.num_rows, column_type)  # type: ignore[call-overload]


def _arrow_type(field: Any) -> pa.DataType:
    name = field.dataType.simpleString()
    try:
        return parse_type(name)
    except ValueError as error:
        message = f"The transform hook gives column {field.name} the type {name}: {error}. Cast it there."
        raise FileRejected("transform_failed", message) from error
