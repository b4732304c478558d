from __future__ import annotations

import json
import time

import pytest
from botocore.exceptions import ClientError

from tests.cli.emulator.account import ACCOUNTS, REGION, Account


def test_only_streams_whose_names_begin_as_asked_are_looked_through(account: Account) -> None:
    logs, now = account.client("logs"), int(time.time() * 1000)
    logs.create_log_group(logGroupName="runs")
    for stream in ("jr_1a", "jr_1b", "jr_2"):
        logs.create_log_stream(logGroupName="runs", logStreamName=stream)
        logs.put_log_events(
            logGroupName="runs", logStreamName=stream, logEvents=[{"timestamp": now, "message": f"of {stream}"}]
        )

    def said(**asked: str) -> list[str]:
        return sorted(event["message"] for event in logs.filter_log_events(logGroupName="runs", **asked)["events"])

    assert said(logStreamNamePrefix="jr_1") == ["of jr_1a", "of jr_1b"]
    assert said(logStreamNamePrefix="jr_3") == []
    assert len(said()) == 3


def test_a_group_takes_only_a_key_whose_policy_lets_the_service_encrypt_that_group(account: Account) -> None:
    ours = {"Effect": "Allow", "Principal": {"AWS": ACCOUNTS["dev"]}, "Action": "kms:*", "Resource": "*"}
    service = {
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{REGION}.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:*:log-group:/secret/*"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [ours, service]})
    key = account.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    logs = account.client("logs")

    logs.create_log_group(logGroupName="/secret/runs", kmsKeyId=key)
    with pytest.raises(ClientError, match=r"not allowed to be used with Arn '.*:log-group:/open/runs'"):
        logs.create_log_group(logGroupName="/open/runs", kmsKeyId=key)
