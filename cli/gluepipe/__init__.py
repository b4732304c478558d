"""GluePipe: deploys, promotes, runs and explains a CSV-to-Parquet pipeline on AWS Glue."""

__version__ = "0.1.0"
