"""Where units of work run: the driver's own threads, or Spark's executors."""

from __future__ import annotations

import gc
import logging
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache, partial
from typing import Any, Literal

from glue_jobs.clients import REGION
from glue_jobs.conversion import Runner, Unit, UnitResult
from glue_jobs.errors import FileRejected
from glue_jobs.settings import RunnerChoice

log = logging.getLogger(__name__)

# A session costs seconds before its first row; the threads of one driver parse some 200 MB in each of them.
_WORTH_EXECUTORS = 2 << 30

# What Spark's Python workers do before each task takes about as long as to parse 10 MB; a task lost is to be repeated.
_TASKS_PER_CORE = 4
_MOST_UNITS_PER_TASK = 8

_LOCAL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "8",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "32768",
    # Arrow need not check bounds that Spark keeps. A session of a minute does not pay for optimised code, except of the
    # loops over rows.
    "spark.driver.extraJavaOptions": (
        "-Darrow.enable_unsafe_memory_access=true -Darrow.enable_null_check_for_get=false "
        "-XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=6000 "
        "-XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=400000"
    ),
}

Work = Callable[[Unit], UnitResult]


def choose_runner(
    size: int, executors: int, *, has_hook: bool = False, choice: RunnerChoice = "auto"
) -> Literal["threads", "spark"]:
    """Where to run a manifest's work, and say so in the log.

    Args:
        size: Bytes of all its files.
        executors: How many Spark executors this job may use; 0 outside of a cluster.
        has_hook: Whether some dataset has Spark code of its own, so that there will be a session.
        choice: What the run was told.

    """
    if choice != "auto":
        chosen, reason = choice, "the run was told to"
    elif executors > 1 and has_hook:
        chosen, reason = "spark", "a transform hook needs a session anyway"
    elif executors > 1 and size >= _WORTH_EXECUTORS:
        chosen, reason = "spark", f"{size} bytes are worth {executors} executors"
    else:
        chosen, reason = "threads", f"{size} bytes are not worth {executors} executors"
    log.info("Units run on %s: %s", chosen, reason)
    return chosen


def threads(count: int) -> Runner:
    """Run units in this many threads of this process; Arrow releases the interpreter's lock."""

    def run(work: Work, units: Sequence[Unit]) -> Iterator[UnitResult]:
        if count == 1 or len(units) == 1:
            yield from map(work, units)
            return
        with ThreadPoolExecutor(count) as pool:
            yield from pool.map(work, units)

    return run


def executors(spark: Any) -> Runner:
    """Run units as the tasks of one Spark job."""

    def run(work: Work, units: Sequence[Unit]) -> Iterator[UnitResult]:
        tasks = spark.sparkContext.parallelize(units, task_count(spark, len(units)))
        for outcome in tasks.map(partial(_outcome, work)).collect():
            if isinstance(outcome, FileRejected):
                raise outcome
            yield outcome

    return run


def task_count(spark: Any, units: int) -> int:
    """How many tasks to spread units over: enough to keep every core busy to the end, and no more."""
    cores: int = spark.sparkContext.defaultParallelism
    return min(units, max(cores * _TASKS_PER_CORE, math.ceil(units / _MOST_UNITS_PER_TASK)))


def _outcome(work: Work, unit: Unit) -> UnitResult | FileRejected:
    # As an exception, Spark would take the verdict for a fault: run the task again and bury the reason in a trace.
    try:
        return work(unit)
    except FileRejected as verdict:
        return verdict
    finally:
        freeze_loaded("unit")


@lru_cache(maxsize=8)
def freeze_loaded(task: str) -> None:
    """Leave what a Python worker has loaded out of garbage collections; to be called at the end of a kind of task.

    Spark's workers collect after every task, which took them a tenth of a second for all that pandas and boto3 are.
    """
    gc.freeze()


def prepare_session(warm_up: Callable[[Any], None]) -> None:
    """Begin to start the session that `spark_session` will give, and then `warm_up`, beside the work before that."""

    def when_started(starting: Future[Any]) -> None:
        if starting.exception() is None:
            warm_up(starting.result())

    _starting_session().add_done_callback(when_started)


def spark_session() -> Any:
    """The run's Spark session: the cluster's where there is one, else one on the cores of this machine."""
    return _starting_session().result()


@lru_cache(maxsize=1)
def _starting_session() -> Future[Any]:
    pool = ThreadPoolExecutor(1)
    future = pool.submit(_start_session)
    pool.shutdown(wait=False)
    return future


def _start_session() -> Any:
    from pyspark.sql import SparkSession  # costs a Java process where none runs yet

    builder = SparkSession.builder.appName("gluepipe")
    if not _is_on_cluster():
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        for name, value in _LOCAL.items():
            builder = builder.config(name, value)
        builder = builder.master(f"local[{os.cpu_count()}]")
    if region := os.environ.get(REGION):
        builder = builder.config(f"spark.executorEnv.{REGION}", region)
    return builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()


def executor_count() -> int:
    """How many executors the cluster may give this job; 0 when there is no cluster."""
    if not _is_on_cluster():
        return 0
    from pyspark import SparkConf

    conf = SparkConf()
    dynamic = conf.get("spark.dynamicAllocation.maxExecutors")
    return int(dynamic or conf.get("spark.executor.instances") or 0)


def _is_on_cluster() -> bool:
    # spark-submit, which is how Glue starts a script, hands over a running Java gateway.
    return "PYSPARK_GATEWAY_PORT" in os.environ
