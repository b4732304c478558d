"""Ways to turn CSV into Parquet, each one a process: `python -m benchmarks.peers NAME OUTPUT INPUT...`.

Each reads every input with its usual settings for unknown CSV and writes Parquet under OUTPUT. Types are what the tool
infers; none but ours checks that the text survives.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrameReader

    from gluepipe.preview import Preview


OURS = "GluePipe"
HOOKED = "GluePipe, whole job with a transform hook"


def gluepipe(output: Path, inputs: list[str]) -> None:
    """The job's own code on local files, in threads: every value checked, bad rows set aside."""
    from gluepipe.preview import preview

    _succeed(preview([Path(name) for name in inputs], output))


def gluepipe_spark(output: Path, inputs: list[str]) -> None:
    """The same, its ranges as tasks of Spark."""
    from glue_jobs.execution import executors, spark_session
    from gluepipe.preview import preview

    _succeed(preview([Path(name) for name in inputs], output, runner=executors(spark_session())))


def gluepipe_hooked(output: Path, inputs: list[str]) -> None:
    """The job itself on the one file that `benchmarks.whole_job.services` announces, through Spark code of its own."""
    from benchmarks.whole_job import run_job

    if run_job():
        raise SystemExit("the job failed")


def _succeed(previews: Iterable[Preview]) -> None:
    for result in previews:
        if result.outcome != "ok":
            raise SystemExit(f"{result.path}: {result.message}")


def _spark_reader(inputs: list[str]) -> DataFrameReader:
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "4g")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    multi_line = any("newlines" in name for name in inputs)
    return session.read.option("header", True).option("multiLine", multi_line).option("escape", '"')


def spark(output: Path, inputs: list[str]) -> None:
    """Spark with `inferSchema`: a pass to infer, a pass to write."""
    _spark_reader(inputs).option("inferSchema", True).csv(inputs).write.parquet(str(output))


def spark_schema(output: Path, inputs: list[str]) -> None:
    """Spark told the schema: one pass."""
    schema = (
        "order_id bigint, postcode string, branch string, customer bigint, quantity bigint, unit_price decimal(12,2), "
        "total decimal(14,2), weight double, ratio double, latitude double, ordered_on date, shipped_on date, "
        "created_at timestamp_ntz, updated_at timestamp_ntz, paid boolean, gift boolean, status string, city string, "
        "code string, remark string"
    )
    _spark_reader(inputs).schema(schema).csv(inputs).write.parquet(str(output))


def _duckdb(output: Path, inputs: list[str], sample: int) -> None:
    import duckdb

    output.mkdir(parents=True)
    with duckdb.connect() as connection:
        for n, name in enumerate(inputs):
            relation = f"read_csv('{name}', sample_size={sample})"
            connection.execute(f"COPY (FROM {relation}) TO '{output}/{n}.parquet' (FORMAT parquet)")


def duckdb_sampled(output: Path, inputs: list[str]) -> None:
    """DuckDB guessing from its default sample."""
    _duckdb(output, inputs, 20480)


def duckdb_full(output: Path, inputs: list[str]) -> None:
    """DuckDB looking at every value before it decides."""
    _duckdb(output, inputs, -1)


def polars(output: Path, inputs: list[str]) -> None:
    """Polars' streaming engine, dates parsed."""
    import polars as pl

    output.mkdir(parents=True)
    for n, name in enumerate(inputs):
        pl.scan_csv(name, try_parse_dates=True).sink_parquet(output / f"{n}.parquet")


def pyarrow(output: Path, inputs: list[str]) -> None:
    """pyarrow's own reader and writer, whole table in memory."""
    from pyarrow import csv, parquet

    output.mkdir(parents=True)
    for n, name in enumerate(inputs):
        options = csv.ParseOptions(newlines_in_values="newlines" in name)
        parquet.write_table(csv.read_csv(name, parse_options=options), output / f"{n}.parquet")


PEERS: dict[str, Callable[[Path, list[str]], None]] = {
    OURS: gluepipe,
    f"{OURS} on Spark": gluepipe_spark,
    HOOKED: gluepipe_hooked,
    "Spark, inferSchema": spark,
    "Spark, explicit schema": spark_schema,
    "DuckDB, sampled": duckdb_sampled,
    "DuckDB, full inference": duckdb_full,
    "polars": polars,
    "pyarrow": pyarrow,
}

if __name__ == "__main__":
    PEERS[sys.argv[1]](Path(sys.argv[2]), sys.argv[3:])
