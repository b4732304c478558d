from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cli.emulator.account import OPEN_TO_SERVICES, Account

FIVE_MB = 5 * 1024 * 1024


def notifying_bucket(account: Account, name: str, versioned: bool = True) -> tuple[str, str]:
    bucket, queue = account.bucket(name, versioned), account.queue(name)
    configuration = {"QueueArn": account.queue_arn(queue), "Events": ["s3:ObjectCreated:*"]}
    account.client("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [configuration]}
    )
    return bucket, queue


def records(account: Account, queue: str) -> list[dict[str, Any]]:
    sqs, found = account.client("sqs"), []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        found += [record for message in messages for record in json.loads(message["Body"]).get("Records", [])]
    return sorted(found, key=lambda record: record["s3"]["object"]["sequencer"])


def test_record_names_the_version_and_the_key_as_s3_encodes_it(account: Account) -> None:
    bucket, queue = notifying_bucket(account, "described")
    put = account.client("s3").put_object(Bucket=bucket, Key="a b/ü+[1]=%2F.csv", Body=b"x")
    (record,) = records(account, queue)
    described = record["s3"]["object"]
    assert described["key"] == "a+b/%C3%BC%2B%5B1%5D%3D%252F.csv"
    assert described["versionId"] == put["VersionId"]


def test_record_of_an_unversioned_bucket_has_no_version(account: Account) -> None:
    bucket, queue = notifying_bucket(account, "unversioned", versioned=False)
    account.client("s3").put_object(Bucket=bucket, Key="k", Body=b"x")
    (record,) = records(account, queue)
    assert "versionId" not in record["s3"]["object"]
    assert len(record["s3"]["object"]["sequencer"]) == 18


def test_sequencers_order_the_versions_of_a_key(account: Account) -> None:
    bucket, queue = notifying_bucket(account, "sequenced")
    s3 = account.client("s3")
    versions = [s3.put_object(Bucket=bucket, Key="k", Body=str(n))["VersionId"] for n in range(5)]
    assert [record["s3"]["object"]["versionId"] for record in records(account, queue)] == versions


def test_multipart_upload_is_one_event(account: Account) -> None:
    bucket, queue = notifying_bucket(account, "multipart")
    s3 = account.client("s3")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="large")["UploadId"]
    where = {"Bucket": bucket, "Key": "large", "UploadId": upload}
    etags = [s3.upload_part(**where, PartNumber=n, Body=body)["ETag"] for n, body in ((1, b"a" * FIVE_MB), (2, b"b"))]
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, start=1)]
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    assert [record["eventName"] for record in records(account, queue)] == ["ObjectCreated:CompleteMultipartUpload"]


def test_event_bridge_form_carries_the_plain_key_and_the_same_order(account: Account) -> None:
    bucket, queue = account.bucket("bridged", versioned=True), account.queue("bridged")
    s3, events = account.client("s3"), account.client("events")
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    assert s3.get_bucket_notification_configuration(Bucket=bucket)["EventBridgeConfiguration"] == {}
    events.put_rule(Name="bridged", EventPattern=json.dumps({"detail-type": ["Object Created"]}))
    events.put_targets(Rule="bridged", Targets=[{"Id": "1", "Arn": account.queue_arn(queue)}])
    versions = [s3.put_object(Bucket=bucket, Key="a b/ü", Body=body)["VersionId"] for body in (b"1", b"22")]
    messages = account.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    bodies = [json.loads(message["Body"]) for message in messages]
    objects = sorted((body["detail"]["object"] for body in bodies), key=lambda described: described["sequencer"])
    assert [(described["key"], described["version-id"]) for described in objects] == [("a b/ü", v) for v in versions]
    assert bodies[0]["detail-type"] == "Object Created"


def test_a_bucket_tells_that_it_tells_event_bridge_and_a_queue(account: Account) -> None:
    bucket, _ = notifying_bucket(account, "both")
    s3 = account.client("s3")
    configuration = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert "EventBridgeConfiguration" not in configuration
    queues = configuration["QueueConfigurations"]
    both = {"QueueConfigurations": queues, "EventBridgeConfiguration": {}}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=both)
    shown = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert (shown["QueueConfigurations"], shown["EventBridgeConfiguration"]) == (queues, {})


def test_only_tags_that_were_given_are_told_of(account: Account) -> None:
    bucket, queue = account.bucket("tagged"), account.queue("tagged")
    s3, events = account.client("s3"), account.client("events")
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    events.put_rule(Name="tagged", EventPattern=json.dumps({"detail": {"bucket": {"name": [bucket]}}}))
    events.put_targets(Rule="tagged", Targets=[{"Id": "1", "Arn": account.queue_arn(queue)}])
    s3.put_object(Bucket=bucket, Key="plain", Body=b"1")
    s3.put_object_tagging(Bucket=bucket, Key="plain", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    messages = account.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    told = [json.loads(message["Body"])["detail-type"] for message in messages]
    assert sorted(told) == ["Object Created", "Object Tags Added"]


def test_one_winner_per_conditional_put_and_no_version_dropped(account: Account) -> None:
    s3, bucket = account.client("s3"), account.bucket("conditional", versioned=True)

    def create(attempt: int) -> bool:
        s3.put_object(Bucket=bucket, Key=f"free-{attempt // 8}", Body=b"x")
        try:
            s3.put_object(Bucket=bucket, Key=f"lock-{attempt // 8}", Body=b"x", IfNoneMatch="*")
        except s3.exceptions.ClientError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        winners = list(pool.map(create, range(8 * 30)))
    assert sum(winners) == 30
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix="free-")
    assert sum(len(page["Versions"]) for page in pages) == 8 * 30


def test_a_queue_that_does_not_let_the_bucket_send_is_not_notified(account: Account) -> None:
    s3, sqs, bucket = account.client("s3"), account.client("sqs"), account.bucket("unheard")
    closed = account.queue("closed-to-s3", Policy=json.dumps({"Version": "2012-10-17", "Statement": []}))
    configuration = {"QueueArn": account.queue_arn(closed), "Events": ["s3:ObjectCreated:*"]}
    wanted = {"Bucket": bucket, "NotificationConfiguration": {"QueueConfigurations": [configuration]}}

    with pytest.raises(ClientError, match="Unable to validate the following destination configurations"):
        s3.put_bucket_notification_configuration(**wanted)

    sqs.set_queue_attributes(QueueUrl=closed, Attributes={"Policy": json.dumps(OPEN_TO_SERVICES)})
    s3.put_bucket_notification_configuration(**wanted)
    sqs.set_queue_attributes(QueueUrl=closed, Attributes={"Policy": ""})
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert records(account, closed) == []


def test_the_etag_of_an_encrypted_object_says_nothing_of_its_content(account: Account) -> None:
    s3, bucket = account.client("s3"), account.bucket("secretive")
    encrypted = {
        "ServerSideEncryption": "aws:kms",
        "SSEKMSKeyId": account.client("kms").create_key()["KeyMetadata"]["Arn"],
    }
    of_plain = s3.put_object(Bucket=bucket, Key="plain", Body=b"x")["ETag"]
    etags = [s3.put_object(Bucket=bucket, Key="k", Body=b"x", **encrypted)["ETag"] for _ in range(2)]

    assert len({of_plain, *etags}) == 3
    assert s3.head_object(Bucket=bucket, Key="k")["ETag"] == etags[1]
