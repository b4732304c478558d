"""How many rows are usual for a dataset, and what is said of a file that has another number."""

from __future__ import annotations

import boto3
import pytest
from moto import mock_aws

from glue_jobs.items import Items
from glue_jobs.row_counts import REMEMBERED, RowCounts


@pytest.fixture
def items(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        dynamodb = boto3.client("dynamodb")
        dynamodb.create_table(
            TableName="ledger",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "file_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "file_id", "AttributeType": "S"}],
        )
        yield Items(dynamodb, "ledger")


def run(items: Items, *counts: int, dataset: str = "orders") -> list[str | None]:
    """What a run says of files with these numbers of rows."""
    row_counts = RowCounts(items, {dataset})
    said = [row_counts.judge(dataset, rows) for rows in counts]
    row_counts.remember()
    return said


def test_far_fewer_and_far_more_rows_than_before_are_unusual(items: Items) -> None:
    run(items, *range(100, 110))
    assert run(items, 25, 436) == [None, None]
    assert run(items, 6, 1745) == [
        "6 rows, where the 12 files before had 25 to 436",
        "1745 rows, where the 12 files before had 25 to 436",
    ]


def test_nothing_is_unusual_before_enough_files_were_seen(items: Items) -> None:
    run(items, *[100] * 9)
    assert run(items, 1, 10_000) == [None, None]


def test_a_new_level_becomes_usual(items: Items) -> None:
    run(items, *[100] * 10)
    assert run(items, *[1000] * REMEMBERED)[0] is not None
    assert run(items, 1000) == [None]
    assert run(items, 100) == ["100 rows, where the 20 files before had 1000 to 1000"]


def test_datasets_are_told_apart(items: Items) -> None:
    run(items, *[100] * 10)
    assert run(items, 1, dataset="prices") == [None]


def test_runs_at_the_same_time_are_all_remembered(items: Items) -> None:
    first, second = RowCounts(items, {"orders"}), RowCounts(items, {"orders"})
    for row_counts in (first, second):
        for _ in range(5):
            row_counts.judge("orders", 100)
    first.remember()
    second.remember()
    assert run(items, 1)[0] is not None


def test_memory_stays_short(items: Items) -> None:
    for _ in range(12):
        run(items, *[100] * REMEMBERED)
    assert len(items.read(["dataset#orders"])["dataset#orders"]["latest"]) <= 10 * REMEMBERED
    assert run(items, 1) == [f"1 rows, where the {REMEMBERED} files before had 100 to 100"]
