from __future__ import annotations

import pytest

from tests.cli.emulator.account import Account

ODD = ["a b+c&d=%2F.csv", "bell\x07escape\x1b.csv", "return\rtab\t.csv", "ü\ufeff\u202e.csv", "<&>.csv"]


def test_versions_are_listed_whatever_their_keys_hold(account: Account) -> None:
    bucket, s3 = account.bucket("odd-keys", True), account.client("s3")
    for key in ODD:
        s3.put_object(Bucket=bucket, Key=f"in/{key}", Body=b"x")
    s3.delete_object(Bucket=bucket, Key=f"in/{ODD[1]}")

    pages = list(
        s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix="in/", PaginationConfig={"PageSize": 2})
    )

    found = [version["Key"] for page in pages for version in page.get("Versions", ())]
    assert sorted(found) == sorted(f"in/{key}" for key in ODD)
    assert [marker["Key"] for page in pages for marker in page.get("DeleteMarkers", ())] == [f"in/{ODD[1]}"]


def test_the_owner_pays_for_requests(account: Account) -> None:
    bucket, s3 = account.bucket("paid", True), account.client("s3")
    s3.put_object(Bucket=bucket, Key=ODD[1], Body=b"x")
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"


def test_a_bucket_that_is_not_there_has_no_versions_to_list(account: Account) -> None:
    s3 = account.client("s3")
    with pytest.raises(s3.exceptions.NoSuchBucket):
        s3.list_object_versions(Bucket="nowhere")
