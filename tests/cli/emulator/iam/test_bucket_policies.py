from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cli.emulator.account import ACCOUNTS, Account


@pytest.fixture(scope="module")
def bucket(account: Account) -> str:
    return account.bucket("guarded")


def can_put(account: Account, bucket: str, statement: dict[str, Any], **options: Any) -> bool:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        **statement,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    account.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    try:
        account.client("s3").put_object(Bucket=bucket, Key="k", Body=b"x", **options)
    except ClientError:
        return False
    return True


def test_tls_only_policy_lets_the_loopback_pass(account: Account, bucket: str) -> None:
    assert can_put(account, bucket, {"Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    assert can_put(account, bucket, {"Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}})


def test_deny_whose_conditions_hold_denies(account: Account, bucket: str) -> None:
    assert not can_put(account, bucket, {"Condition": {"Bool": {"aws:SecureTransport": "true"}}})
    assert not can_put(account, bucket, {})
    assert can_put(account, bucket, {"Action": ["s3:GetObject", "s3:Delete*"]})
    assert can_put(account, bucket, {"Resource": f"arn:aws:s3:::{bucket}/private/*"})


def test_deny_depends_on_the_requests_headers(account: Account, bucket: str) -> None:
    unencrypted = {"Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}}
    assert not can_put(account, bucket, unencrypted)
    assert can_put(account, bucket, unencrypted, ServerSideEncryption="aws:kms")


def test_deny_for_another_account_is_none_for_this_one(account: Account, bucket: str) -> None:
    own, other = (f"arn:aws:iam::{ACCOUNTS[name]}:root" for name in ("dev", "prod"))
    assert can_put(account, bucket, {"Principal": {"AWS": other}})
    assert not can_put(account, bucket, {"Principal": {"AWS": [other, own]}})
