"""A transform hook to start from: copy it to <dataset>.py; the job finds it by that name.

It gets the file's rows, typed, with `_rescued_data`, and gives back the rows to store. The job adds its own columns.
Spark 4 refuses casts that fail; use `try_cast` where a value may not fit.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name all of Spark uses


def transform(df: DataFrame) -> DataFrame:
    """Leave out cancelled orders and add what reports ask for."""
    is_cancelled = F.coalesce(F.col("status") == "cancelled", F.lit(False))
    return df.filter(~is_cancelled).withColumn("quarter", quarter_of(F.col("ordered_on")))


def quarter_of(day: Column) -> Column:
    """A date's quarter as text, such as `2024-Q2`; null for null."""
    return F.concat(F.year(day).cast("string"), F.lit("-Q"), F.quarter(day).cast("string"))
