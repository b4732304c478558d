"""The whole way: an object in a bucket, its event in a queue, a function, a job run, its result."""

from __future__ import annotations

from tests.cli.emulator.account import Account
from tests.waiting import eventually

HANDLER = """
import json, os, urllib.parse
import boto3

glue = boto3.client("glue")

def handler(event, context):
    for record in event["Records"]:
        for entry in json.loads(record["body"]).get("Records", []):
            key = urllib.parse.unquote_plus(entry["s3"]["object"]["key"])
            arguments = {"--bucket": entry["s3"]["bucket"]["name"], "--key": key}
            glue.start_job_run(JobName=os.environ["JOB"], Arguments=arguments)
"""

SCRIPT = """
import sys
import boto3
from awsglue.utils import getResolvedOptions
from shouting import shout

arguments = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket", "key"])
s3 = boto3.client("s3")
text = s3.get_object(Bucket=arguments["bucket"], Key=arguments["key"])["Body"].read().decode()
s3.put_object(Bucket=arguments["bucket"], Key="_out/" + arguments["key"], Body=shout(text))
print("done by", arguments["JOB_NAME"])
"""


def test_uploaded_object_is_processed_by_the_deployed_code(account: Account) -> None:
    s3, key = account.client("s3"), "orders/a file + ü [1].csv"
    bucket = account.bucket("flow-input")
    queue = account.queue("flow")
    job = account.job("flow-job", SCRIPT, DefaultArguments={"--extra-py-files": "s3://flow-job-assets/shouting.py"})
    s3.put_object(Bucket="flow-job-assets", Key="shouting.py", Body="def shout(text):\n    return text.upper()\n")
    account.function("flow-trigger", HANDLER, JOB=job)
    account.mapping("flow-trigger", queue, BatchSize=10)
    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "QueueConfigurations": [
                {
                    "QueueArn": account.queue_arn(queue),
                    "Events": ["s3:ObjectCreated:*"],
                    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "orders/"}]}},
                }
            ]
        },
    )
    s3.put_object(Bucket=bucket, Key=key, Body="hello")
    found = eventually(lambda: s3.list_objects_v2(Bucket=bucket, Prefix="_out/").get("Contents"))
    assert [entry["Key"] for entry in found] == ["_out/" + key]
    assert s3.get_object(Bucket=bucket, Key="_out/" + key)["Body"].read() == b"HELLO"
    run = eventually(lambda: account.client("glue").get_job_runs(JobName=job)["JobRuns"])[0]
    assert account.ended(job, run["Id"])["JobRunState"] == "SUCCEEDED"
    assert account.log_lines("/aws-glue/jobs/output", run["Id"]) == ["done by flow-job"]
    assert eventually(lambda: account.queue_counts(queue) == (0, 0))
