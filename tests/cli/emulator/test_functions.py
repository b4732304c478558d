from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from moto.sqs.models import sqs_backends

from gluepipe.emulator import functions, retries
from gluepipe.emulator.faults import Faults
from gluepipe.emulator.functions import Functions
from gluepipe.emulator.sandbox import Outcome
from tests.cli.emulator.account import ACCOUNTS, Account, invoke, zipped
from tests.waiting import eventually


def metric_sum(account: Account, namespace: str, name: str, dimensions: dict[str, str]) -> float:
    now = datetime.now(UTC)
    points = account.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=["Sum"],
        Dimensions=[{"Name": k, "Value": v} for k, v in dimensions.items()],
    )["Datapoints"]
    return sum(point["Sum"] for point in points)


def test_deployed_zip_runs_with_its_environment_role_and_context(account: Account) -> None:
    source = """
import os
import boto3

def handler(event, context):
    return {"event": event, "greeting": os.environ["GREETING"],
            "identity": boto3.client("sts").get_caller_identity()["Arn"],
            "name": os.environ["AWS_LAMBDA_FUNCTION_NAME"], "arn": context.invoked_function_arn,
            "left": context.get_remaining_time_in_millis(), "request": context.aws_request_id,
            "region": os.environ["AWS_REGION"], "log_group": context.log_group_name}
"""
    arn = account.function("facts", source, timeout=20, GREETING="hello")
    answer = invoke(account, "facts", {"n": 1})
    assert answer["event"] == {"n": 1}
    assert answer["greeting"] == "hello"
    assert answer["identity"] == f"arn:aws:sts::{ACCOUNTS['dev']}:assumed-role/worker/facts"
    assert (answer["name"], answer["arn"]) == ("facts", arn)
    assert 0 < answer["left"] <= 20_000
    assert len(answer["request"]) == 36
    assert (answer["region"], answer["log_group"]) == ("eu-central-1", "/aws/lambda/facts")


def test_module_stays_loaded_until_code_or_configuration_change(account: Account) -> None:
    source = """
import os
calls = 0

def handler(event, context):
    global calls
    calls += 1
    return [calls, os.environ.get("LEVEL"), "first code"]
"""
    account.function("warm", source, LEVEL="1")
    assert invoke(account, "warm", {}) == [1, "1", "first code"]
    assert invoke(account, "warm", {}) == [2, "1", "first code"]
    client = account.client("lambda")
    client.update_function_configuration(FunctionName="warm", Environment={"Variables": {"LEVEL": "2"}})
    assert invoke(account, "warm", {}) == [1, "2", "first code"]
    changed = zipped({"app.py": source.replace("first", "second")})
    client.update_function_code(FunctionName="warm", ZipFile=changed)
    assert invoke(account, "warm", {}) == [1, "2", "second code"]


def test_only_the_zip_and_the_lambda_runtime_can_be_imported(account: Account) -> None:
    source = """
import importlib.util

def handler(event, context):
    return [name for name in event if importlib.util.find_spec(name)]
"""
    account.function("imports", source)
    names = ["boto3", "app", "json", "aws_lambda_powertools", "lambda_trigger", "gluepipe", "moto", "sandbox"]
    assert invoke(account, "imports", names) == ["boto3", "app", "json"]


def failing(account: Account, name: str, body: str, timeout: int = 20) -> tuple[dict[str, Any], dict[str, Any], str]:
    account.function(name, f"import os, sys, time\ndef handler(event, context):\n    {body}\n", timeout=timeout)
    answer = account.client("lambda").invoke(FunctionName=name, Payload=b"{}", LogType="Tail")
    log = base64.b64decode(answer["LogResult"]).decode()
    return answer, json.loads(answer["Payload"].read()), log


def test_exception_is_reported_logged_and_counted(account: Account) -> None:
    answer, error, log = failing(account, "raises", 'raise KeyError("nothing here")')
    assert answer["FunctionError"] == "Unhandled"
    assert (error["errorType"], error["errorMessage"]) == ("KeyError", "'nothing here'")
    assert "app.py" in error["stackTrace"][0] or "app.py" in error["stackTrace"][-1]
    assert "[ERROR] KeyError: 'nothing here'" in log
    assert invoke(account, "raises", {})["errorType"] == "KeyError"  # the sandbox survives
    assert metric_sum(account, "AWS/Lambda", "Errors", {"FunctionName": "raises"}) == 2
    assert metric_sum(account, "AWS/Lambda", "Invocations", {"FunctionName": "raises"}) == 2


def test_timeout_kills_the_handler(account: Account) -> None:
    answer, error, _ = failing(account, "sleeps", "time.sleep(60)", timeout=1)
    assert answer["FunctionError"] == "Unhandled"
    assert error["errorType"] == "Sandbox.Timedout"
    assert error["errorMessage"].endswith("Task timed out after 1.00 seconds")


def test_exit_of_the_runtime_is_an_error(account: Account) -> None:
    _, error, _ = failing(account, "exits", "os._exit(3)")
    assert error["errorType"] == "Runtime.ExitError"
    assert "exit status 3" in error["errorMessage"]


def test_handler_that_cannot_be_imported_says_why_every_time(account: Account) -> None:
    account.function("broken", "import not_in_the_zip\n")
    for _ in range(2):
        error = invoke(account, "broken", {})
        assert error["errorType"] == "ModuleNotFoundError"
        assert "No module named 'not_in_the_zip'" in error["errorMessage"]


def test_output_goes_to_the_log_group_and_embedded_metrics_to_their_namespace(account: Account) -> None:
    source = """
import json

def handler(event, context):
    print("plain line")
    print(json.dumps({"_aws": {"Timestamp": 1, "CloudWatchMetrics": [{"Namespace": "GluePipe",
        "Dimensions": [["environment", "dataset"]], "Metrics": [{"Name": "Files", "Unit": "Count"}]}]},
        "environment": "dev", "dataset": "orders", "Files": [2.0, 3.0]}))
    print('{"_aws": "not metrics"}')
"""
    account.function("talks", source)
    invoke(account, "talks", {})
    lines = eventually(lambda: account.log_lines("/aws/lambda/talks"))
    assert "plain line" in lines
    assert [line.split()[0] for line in lines if "RequestId" in line] == ["START", "END", "REPORT"]
    assert metric_sum(account, "GluePipe", "Files", {"environment": "dev", "dataset": "orders"}) == 5


def test_asynchronous_event_is_accepted_at_once_and_runs_later(account: Account) -> None:
    bucket = account.bucket("async-output")
    source = f"""
import boto3

def handler(event, context):
    boto3.client("s3").put_object(Bucket="{bucket}", Key=event["key"], Body=b"x")
"""
    account.function("async", source)
    answer = account.client("lambda").invoke(
        FunctionName="async", InvocationType="Event", Payload=json.dumps({"key": "done"})
    )
    assert answer["StatusCode"] == 202
    assert eventually(lambda: account.client("s3").list_objects_v2(Bucket=bucket).get("Contents"))


def test_a_function_keeps_the_queue_for_events_that_it_failed_on(account: Account) -> None:
    queue = account.queue_arn(account.queue("failed-events"))
    account.function("with-queue", "def handler(event, context):\n    return 1\n")
    client = account.client("lambda")
    client.update_function_configuration(FunctionName="with-queue", DeadLetterConfig={"TargetArn": queue})
    client.update_function_configuration(FunctionName="with-queue", Timeout=9)
    assert client.get_function_configuration(FunctionName="with-queue")["DeadLetterConfig"] == {"TargetArn": queue}
    assert client.get_function(FunctionName="with-queue")["Configuration"]["DeadLetterConfig"] == {"TargetArn": queue}


def test_function_uploaded_to_a_bucket_runs(account: Account) -> None:
    bucket = account.bucket("code")
    code = zipped({"pkg/handlers.py": "def on_event(event, context):\n    return event[::-1]\n"})
    account.client("s3").put_object(Bucket=bucket, Key="code.zip", Body=code)
    account.client("lambda").create_function(
        FunctionName="from-bucket",
        Runtime="python3.12",
        Role=f"arn:aws:iam::{ACCOUNTS['dev']}:role/worker",
        Handler="pkg.handlers.on_event",
        Code={"S3Bucket": bucket, "S3Key": "code.zip"},
        Architectures=["arm64"],
    )
    assert invoke(account, "from-bucket", [1, 2]) == [2, 1]


def test_failed_asynchronous_event_is_tried_twice_more_and_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(Functions):
        moments: list[float] = []  # noqa: RUF012 - one instance, one list

        def invoke(self, function: Any, event: Any) -> Outcome:
            self.moments.append(time.monotonic())
            return Outcome('{"errorType": "KeyError", "errorMessage": "no such thing"}', is_error=True)

    queue = sqs_backends[ACCOUNTS["dev"]]["eu-central-1"].create_queue("failed-events", {})
    letters = {"TargetArn": queue.queue_arn}
    function = SimpleNamespace(function_name="failing", role="worker", dead_letter_config=letters)
    monkeypatch.setattr(retries, "FAILURE_PAUSES", (0.1, 0.3))
    monkeypatch.setattr(functions, "deployed", lambda arn: function)
    monkeypatch.setattr(
        functions.enforcement, "role_may", lambda *asked: asked[2:] == ("sqs:SendMessage", queue.queue_arn)
    )
    failing = Failing("http://127.0.0.1:1", tmp_path, Faults())
    failing.invoke_async("arn", {"n": 1})
    first, second, third = eventually(lambda: failing.moments if len(failing.moments) == 3 else None)
    assert second - first >= 0.1
    assert third - second >= 0.3
    [letter] = eventually(lambda: list(queue._messages))
    assert json.loads(letter.body) == {"n": 1}
    assert letter.message_attributes["ErrorMessage"]["StringValue"] == "no such thing"
    time.sleep(0.4)
    assert len(failing.moments) == 3


def test_an_event_for_a_throttled_function_waits_and_does_not_count_as_a_failure() -> None:
    patience = retries.Patience()

    assert [patience.after_throttle(None) for _ in range(10)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert [patience.after_failure() for _ in range(3)] == [60, 120, None]


def test_nothing_waits_for_longer_than_six_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    patience = retries.Patience()
    monkeypatch.setattr(retries, "LONGEST_WAIT_SECONDS", -1.0)

    assert patience.after_throttle("5") is None


def test_an_event_for_a_function_that_may_never_run_is_set_aside_at_once(account: Account) -> None:
    queue, client = account.queue("never-run"), account.client("lambda")
    account.function("never", "def handler(event, context):\n    return 1\n")
    client.update_function_configuration(FunctionName="never", DeadLetterConfig={"TargetArn": account.queue_arn(queue)})
    client.put_function_concurrency(FunctionName="never", ReservedConcurrentExecutions=0)

    client.invoke(FunctionName="never", InvocationType="Event", Payload=b'{"n": 5}')

    [message] = eventually(lambda: account.client("sqs").receive_message(QueueUrl=queue).get("Messages"), seconds=5)
    assert json.loads(message["Body"]) == {"n": 5}


def test_a_function_that_takes_more_memory_than_it_has_is_killed(account: Account) -> None:
    account.function("greedy", "def handler(event, context):\n    return len(bytearray(event * 2**20)) // 2**20\n")
    client = account.client("lambda")

    answer = client.invoke(FunctionName="greedy", Payload=b"5", LogType="Tail")
    assert answer["Payload"].read() == b"5"
    assert "Memory Size: 128 MB Max Memory Used: " in base64.b64decode(answer["LogResult"]).decode()

    answer = client.invoke(FunctionName="greedy", Payload=b"200")
    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read())["errorType"] == "Runtime.ExitError"
    assert client.invoke(FunctionName="greedy", Payload=b"5")["Payload"].read() == b"5"
