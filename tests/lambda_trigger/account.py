"""What the infrastructure stack would create, and the events S3 would send."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

import boto3

from lambda_trigger.config import Config
from lambda_trigger.events import FileEvent
from lambda_trigger.file_version import FileVersion


def create_ledger(table: str) -> None:
    """The ledger's table with the indexes of docs/architecture.md."""
    indexes = {"by_state": "state_shard", "by_dataset": "dataset_shard", "by_source": "source_file"}
    names = ["file_id", "claimed_at", *indexes.values()]
    boto3.client("dynamodb").create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "file_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": [
                    {"AttributeName": hash_key, "KeyType": "HASH"},
                    {"AttributeName": "claimed_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
            for index, hash_key in indexes.items()
        ],
    )


def create_account(config: Config) -> tuple[str, str]:
    """Create ledger, buckets, job and queues; returns the URLs of the queue and the dead-letter queue."""
    create_ledger(config.ledger_table)
    s3, sqs = boto3.client("s3"), boto3.client("sqs")
    for bucket in (config.assets_bucket, config.input_bucket, config.output_bucket):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_versioning(Bucket=config.input_bucket, VersioningConfiguration={"Status": "Enabled"})
    boto3.client("glue").create_job(
        Name=config.job_name,
        Role="glue",
        Command={"Name": "glueetl", "ScriptLocation": "s3://assets/job.py"},
        ExecutionProperty={"MaxConcurrentRuns": 3},
    )
    queues = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("files", "files-dead")]
    return queues[0], queues[1]


def created(file: FileVersion) -> FileEvent:
    """The event of a file's upload."""
    return FileEvent("ObjectCreated:Put", file)


def s3_event(key: str, bucket: str = "example-raw-in", **changes: Any) -> dict[str, Any]:
    """One record of an S3 notification about a decoded key; `changes` go to its object."""
    detail = {"key": quote_plus(key), "size": 120, "eTag": "e1", "sequencer": "0065A1B2C3D4E5F601"} | changes
    return {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "eventTime": "2024-05-01T10:00:00.000Z",
        "s3": {"bucket": {"name": bucket}, "object": {k: v for k, v in detail.items() if v is not None}},
    }


def sqs_record(body: Any, message_id: str = "m0", receives: int = 1) -> dict[str, Any]:
    return {
        "messageId": message_id,
        "receiptHandle": f"rh-{message_id}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"ApproximateReceiveCount": str(receives), "SentTimestamp": "1714557600000"},
    }


def batch_of(*records: dict[str, Any]) -> dict[str, Any]:
    """A Lambda event with one message for each S3 record."""
    messages = [sqs_record({"Records": [record]}, f"m{number}") for number, record in enumerate(records)]
    return {"Records": messages}
