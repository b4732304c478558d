"""A whole environment in memory (moto): buckets, ledger, catalog; files are dropped in and jobs run by hand."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pyarrow.parquet as pq

from glue_jobs.manifest import FileVersion
from glue_jobs.process import Outcome
from glue_jobs.run import run
from glue_jobs.settings import Settings

INPUT, OUTPUT, ASSETS, DATABASE, LEDGER = "landing", "curated", "assets", "gluepipe_test", "ledger"


@dataclass
class Lake:
    """Clients of the environment, and what a test does with them."""

    s3: Any = field(default_factory=lambda: boto3.client("s3"))
    glue: Any = field(default_factory=lambda: boto3.client("glue"))
    dynamodb: Any = field(default_factory=lambda: boto3.resource("dynamodb"))
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def create(self) -> None:
        for bucket in (INPUT, OUTPUT, ASSETS):
            where = {"LocationConstraint": "eu-central-1"}
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
        self.glue.create_database(DatabaseInput={"Name": DATABASE})
        self.dynamodb.create_table(
            TableName=LEDGER,
            KeySchema=[{"AttributeName": "file_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "file_id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def upload(self, key: str, content: bytes | str, *, newest: bool = True) -> FileVersion:
        """Put an object and describe it as the trigger would; with `newest` the trigger has seen it."""
        body = content.encode() if isinstance(content, str) else content
        etag = self.s3.put_object(Bucket=INPUT, Key=key, Body=body)["ETag"].strip('"')
        order = f"{next(self.numbers):032d}"
        file_id = hashlib.sha256(json.dumps([INPUT, key, f"{etag}:{order}"]).encode()).hexdigest()[:16]
        version = FileVersion(file_id, INPUT, key, None, etag, order, len(body), key.partition("/")[0], order)
        if newest:
            self.items.update_item(
                Key={"file_id": self.key_id(key)},
                UpdateExpression="SET #order = :order, newest = :newest",
                ExpressionAttributeNames={"#order": "order"},
                ExpressionAttributeValues={":order": order, ":newest": file_id},
            )
        return version

    def run(
        self, *versions: FileVersion, manifest: str | None = None, run_id: str | None = None, **more: Any
    ) -> list[Outcome]:
        """Run the job on these versions, with a manifest of its own unless told which one."""
        number = next(self.numbers)
        name = manifest or f"manifests/{number}.json"
        body = json.dumps([vars(version) for version in versions])
        self.s3.put_object(Bucket=ASSETS, Key=name, Body=body)
        return run(
            Settings(
                run_id=run_id or f"jr_{number}",
                job_name="file-processor",
                manifest=f"s3://{ASSETS}/{name}",
                output_bucket=OUTPUT,
                database=DATABASE,
                ledger_table=LEDGER,
                region="eu-central-1",
                environment="test",
                release="release",
                **more,
            )
        )

    def load(self, key: str, content: bytes | str) -> Outcome:
        """Upload one file and run the job on it."""
        (outcome,) = self.run(self.upload(key, content))
        return outcome

    @property
    def items(self) -> Any:
        return self.dynamodb.Table(LEDGER)

    def item(self, item_id: str) -> dict[str, Any]:
        return self.items.get_item(Key={"file_id": item_id}).get("Item", {})

    @staticmethod
    def key_id(key: str) -> str:
        return "key#" + hashlib.sha256(json.dumps([INPUT, key]).encode()).hexdigest()[:16]

    def objects(self, prefix: str = "") -> list[str]:
        return [each["Key"] for each in self.s3.list_objects_v2(Bucket=OUTPUT, Prefix=prefix).get("Contents", ())]

    def rows(self, dataset: str) -> list[dict[str, Any]]:
        """What a reader of every Parquet file of the table's partitions sees."""
        names = [name for name in self.objects(f"{dataset}/ingest_date=") if name.endswith(".parquet")]
        bodies = [self.s3.get_object(Bucket=OUTPUT, Key=name)["Body"].read() for name in names]
        return [row for body in bodies for row in pq.read_table(io.BytesIO(body)).to_pylist()]

    def values(self, dataset: str, *names: str) -> list[tuple[Any, ...]]:
        """The rows' values of some columns, sorted as text."""
        return sorted((tuple(row.get(name) for name in names) for row in self.rows(dataset)), key=str)

    def columns(self, dataset: str) -> list[tuple[str, str]]:
        table = self.glue.get_table(DatabaseName=DATABASE, Name=dataset)["Table"]
        return [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]]
