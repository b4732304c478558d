from __future__ import annotations

import json
import time
from typing import Any

from tests.cli.emulator.account import Account, invoke
from tests.waiting import eventually

RECORDER = """
import json, os, time
import boto3

s3 = boto3.client("s3")

def handler(event, context):
    began = time.time()
    bodies = [record["body"] for record in event["Records"]]
    counts = [record["attributes"]["ApproximateReceiveCount"] for record in event["Records"]]
    time.sleep(float(os.environ.get("SECONDS", "0")))
    entry = {"bodies": bodies, "counts": counts, "began": began, "ended": time.time()}
    s3.put_object(Bucket=os.environ["BUCKET"], Key=context.aws_request_id, Body=json.dumps(entry))
    failed = [r["messageId"] for r in event["Records"] if r["body"].startswith("bad")]
    if os.environ.get("RAISES"):
        raise RuntimeError("no")
    if os.environ.get("ANSWER"):
        return json.loads(os.environ["ANSWER"])
    return {"batchItemFailures": [{"itemIdentifier": i} for i in failed]}
"""


def deploy(account: Account, name: str, queue: str, variables: dict[str, str] | None = None, **options: Any) -> str:
    account.function(name, RECORDER, BUCKET=account.bucket(f"{name}-calls"), **(variables or {}))
    return account.mapping(name, queue, **options)


def calls(account: Account, name: str) -> list[dict[str, Any]]:
    s3, bucket = account.client("s3"), f"{name}-calls"
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    found = [json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]
    return sorted(found, key=lambda call: call["began"])


def send(account: Account, queue: str, *bodies: str) -> None:
    for start in range(0, len(bodies), 10):
        entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies[start : start + 10])]
        account.client("sqs").send_message_batch(QueueUrl=queue, Entries=entries)


def is_empty(account: Account, queue: str) -> bool:
    return account.queue_counts(queue) == (0, 0)


def test_window_gathers_one_batch_and_its_messages_are_gone_afterwards(account: Account) -> None:
    queue = account.queue("gather")
    deploy(account, "gather", queue, BatchSize=100, MaximumBatchingWindowInSeconds=2)
    send(account, queue, *(f"m{i}" for i in range(25)))
    assert eventually(lambda: is_empty(account, queue))
    (call,) = calls(account, "gather")
    assert sorted(call["bodies"]) == sorted(f"m{i}" for i in range(25))


def test_batch_is_never_larger_than_its_size(account: Account) -> None:
    queue = account.queue("sized")
    send(account, queue, *(f"m{i}" for i in range(7)))
    deploy(account, "sized", queue, BatchSize=3)
    assert eventually(lambda: is_empty(account, queue))
    sizes = sorted(len(call["bodies"]) for call in calls(account, "sized"))
    assert sizes == [1, 3, 3]


def test_batch_is_never_larger_than_lambda_takes(account: Account) -> None:
    queue = account.queue("heavy")
    large = "m" * 250_000
    for _ in range(30):
        send(account, queue, large)
    deploy(account, "heavy", queue, BatchSize=1000, MaximumBatchingWindowInSeconds=1)
    assert eventually(lambda: is_empty(account, queue))
    assert [len(call["bodies"]) for call in calls(account, "heavy")] == [23, 7]


def test_only_reported_messages_come_back_and_end_in_the_dead_letter_queue(account: Account) -> None:
    dead = account.queue("partial-dead")
    redrive = json.dumps({"deadLetterTargetArn": account.queue_arn(dead), "maxReceiveCount": 2})
    queue = account.queue("partial", VisibilityTimeout="2", RedrivePolicy=redrive)
    deploy(account, "partial", queue, BatchSize=10, FunctionResponseTypes=["ReportBatchItemFailures"])
    invoke(account, "partial", {"Records": []})  # a cold start may take longer than messages stay hidden
    send(account, queue, "good 1", "bad", "good 2")
    assert eventually(lambda: account.queue_counts(dead) == (1, 0))
    assert is_empty(account, queue)
    bodies = [body for call in calls(account, "partial") for body in call["bodies"]]
    assert sorted(bodies) == ["bad", "bad", "good 1", "good 2"]
    assert [call["counts"] for call in calls(account, "partial") if call["bodies"] == ["bad"]] == [["2"]]


def test_failing_function_keeps_messages_for_the_visibility_timeout(account: Account) -> None:
    queue = account.queue("failing", VisibilityTimeout="5")
    deploy(account, "failing", queue, {"RAISES": "yes"}, BatchSize=10)
    send(account, queue, "m")
    first, second = eventually(lambda: calls(account, "failing")[:2] if len(calls(account, "failing")) > 1 else None)
    assert second["began"] - first["began"] >= 2.0  # counted from the receipt, which a cold start precedes
    assert not is_empty(account, queue)


def test_answer_naming_an_unknown_message_fails_the_whole_batch(account: Account) -> None:
    queue = account.queue("nonsense", VisibilityTimeout="30")
    answer = json.dumps({"batchItemFailures": [{"itemIdentifier": "not one of them"}]})
    deploy(account, "nonsense", queue, {"ANSWER": answer}, FunctionResponseTypes=["ReportBatchItemFailures"])
    send(account, queue, "m")
    assert eventually(lambda: calls(account, "nonsense"))
    time.sleep(0.5)
    assert account.queue_counts(queue) == (0, 1)


def test_disabled_mapping_leaves_messages_until_it_is_enabled(account: Account) -> None:
    queue = account.queue("paused")
    uuid = deploy(account, "paused", queue, Enabled=False)
    send(account, queue, "m")
    time.sleep(1.0)
    assert account.queue_counts(queue) == (1, 0)
    account.client("lambda").update_event_source_mapping(UUID=uuid, Enabled=True)
    assert eventually(lambda: is_empty(account, queue))
    account.client("lambda").update_event_source_mapping(UUID=uuid, Enabled=False)
    send(account, queue, "late")
    time.sleep(1.0)
    assert account.queue_counts(queue) == (1, 0)


def test_no_more_batches_at_once_than_the_concurrency_limit(account: Account) -> None:
    queue = account.queue("bounded")
    send(account, queue, *"abcdef")
    deploy(account, "bounded", queue, {"SECONDS": "0.6"}, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    assert eventually(lambda: is_empty(account, queue))
    spans = [(call["began"], call["ended"]) for call in calls(account, "bounded")]
    at_once = [sum(began <= moment < ended for began, ended in spans) for moment, _ in spans]
    assert len(spans) == 6
    assert max(at_once) == 2


def test_changed_concurrency_limit_holds_from_then_on(account: Account) -> None:
    queue = account.queue("rebounded")
    limits = [{"MaximumConcurrency": 2}, {"MaximumConcurrency": 4}]
    uuid = deploy(account, "rebounded", queue, {"SECONDS": "1.5"}, BatchSize=1, ScalingConfig=limits[0])
    account.client("lambda").update_event_source_mapping(UUID=uuid, ScalingConfig=limits[1])
    time.sleep(1.5)
    send(account, queue, *"abcd")
    assert eventually(lambda: is_empty(account, queue))
    spans = [(call["began"], call["ended"]) for call in calls(account, "rebounded")]
    assert max(sum(began <= moment < ended for began, ended in spans) for moment, _ in spans) == 4


def test_sending_does_not_wait_for_the_function(account: Account) -> None:
    queue = account.queue("slow")
    deploy(account, "slow", queue, {"SECONDS": "3"})
    began = time.monotonic()
    send(account, queue, "m")
    assert time.monotonic() - began < 1.5
