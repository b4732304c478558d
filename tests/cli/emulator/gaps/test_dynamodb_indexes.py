"""Indexes read by key answer as moto's own do, before and after writes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

from gluepipe.emulator.gaps import dynamodb_indexes
from tests.lambda_trigger.account import create_ledger

SHARD = {":shard": "failed#a"}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in (("DEFAULT_REGION", "eu-central-1"), ("ACCESS_KEY_ID", "x"), ("SECRET_ACCESS_KEY", "x")):
        monkeypatch.setenv(f"AWS_{name}", value)
    for owner, names in ((DynamoDBBackend, dynamodb_indexes.WRITES), (Table, ("all_items", "query"))):
        for name in names:
            monkeypatch.setattr(owner, name, getattr(owner, name))
    dynamodb_indexes.read_indexes_by_key()
    with mock_aws():
        create_ledger("ledger")
        yield boto3.resource("dynamodb").meta.client


def put(client: Any, file_id: str, claimed_at: str, shard: str = "failed#a") -> None:
    item = {"file_id": file_id, "state_shard": shard, "claimed_at": claimed_at}
    client.put_item(TableName="ledger", Item=item)


def pages(client: Any, size: int, *, forward: bool, **more: Any) -> list[list[str]]:
    arguments = {
        "KeyConditionExpression": "state_shard = :shard",
        "ExpressionAttributeValues": SHARD,
        "ScanIndexForward": forward,
        "PaginationConfig": {"PageSize": size},
    } | more
    found = client.get_paginator("query").paginate(TableName="ledger", IndexName="by_state", **arguments)
    return [[item["file_id"] for item in page["Items"]] for page in found]


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_every_item_is_on_exactly_one_page_in_the_order_of_the_index(client: Any, forward: bool, size: int) -> None:
    for number, at in enumerate("2113224"):
        put(client, f"a{number}", at)
    put(client, "b0", "3", "failed#b")
    found = pages(client, size, forward=forward)
    inside = [file_id for page in found for file_id in page]
    ordered = ["a1", "a2", "a0", "a4", "a5", "a3", "a6"]
    assert inside == (ordered if forward else ordered[::-1])
    assert max(map(len, found)) <= size


def test_writes_are_seen_by_the_next_query(client: Any) -> None:
    put(client, "a0", "1")
    assert pages(client, 10, forward=True) == [["a0"]]
    put(client, "a1", "2")
    assert pages(client, 10, forward=True) == [["a0", "a1"]]
    client.update_item(
        TableName="ledger",
        Key={"file_id": "a0"},
        UpdateExpression="SET state_shard = :other",
        ExpressionAttributeValues={":other": "succeeded#a"},
    )
    assert pages(client, 10, forward=True) == [["a1"]]
    client.delete_item(TableName="ledger", Key={"file_id": "a1"})
    assert pages(client, 10, forward=True) == [[]]


def test_the_order_holds_through_writes_of_every_kind(client: Any) -> None:
    dice, items = random.Random(1), {}  # noqa: S311 - repeatable on purpose
    for _ in range(150):
        name, at, shard = f"a{dice.randrange(12)}", str(dice.randrange(9)), f"failed#{dice.choice('ab')}"
        if dice.random() < 0.3:
            client.delete_item(TableName="ledger", Key={"file_id": name})
            items.pop(name, None)
        elif dice.random() < 0.5:
            put(client, name, at, shard)
            items[name] = (shard, at)
        else:
            move = {
                "UpdateExpression": "SET state_shard = :shard, claimed_at = :at",
                "ExpressionAttributeValues": {":shard": shard, ":at": at},
            }
            client.update_item(TableName="ledger", Key={"file_id": name}, **move)
            items[name] = (shard, at)
        ordered = sorted((at, name) for name, (shard, at) in items.items() if shard == "failed#a")
        assert [name for page in pages(client, 4, forward=True) for name in page] == [name for _, name in ordered]


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("size", [1, 2, 10])
@pytest.mark.parametrize(
    ("condition", "expected"), [(">=", ["a2", "b2", "a3", "a4"]), (">", ["a3", "a4"]), ("<", ["a0", "a1"])]
)
def test_a_condition_on_the_range_key_holds(
    client: Any, forward: bool, size: int, condition: str, expected: list[str]
) -> None:
    for file_id in ("a0", "a1", "a2", "b2", "a3", "a4"):
        put(client, file_id, file_id[1])
    found = pages(
        client,
        size,
        forward=forward,
        KeyConditionExpression=f"state_shard = :shard AND claimed_at {condition} :since",
        ExpressionAttributeValues=SHARD | {":since": "2"},
    )
    assert [file_id for page in found for file_id in page] == (expected if forward else expected[::-1])


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many items each query looked at."""
    seen: list[int] = []
    sorted_items = Table.sorted_items

    def counting(self: Table, hashes: Any, ranges: Any, items: list[Any]) -> Any:
        seen.append(len(self.all_items()))
        return sorted_items(self, hashes, ranges, items)

    monkeypatch.setattr(Table, "sorted_items", counting)
    return seen


def test_only_the_group_of_the_key_is_looked_at(client: Any, looked_at: list[int]) -> None:
    for number in range(20):
        put(client, f"b{number}", str(number), "failed#b")
    put(client, "a0", "1")
    pages(client, 10, forward=True)
    assert looked_at == [1]


def test_of_a_large_group_only_what_a_page_can_hold_is_looked_at(client: Any, looked_at: list[int]) -> None:
    for number in range(20):
        put(client, f"a{number}", f"{number:02d}")
    since = {
        "KeyConditionExpression": "state_shard = :shard AND claimed_at >= :since",
        "ExpressionAttributeValues": SHARD | {":since": "17"},
    }
    pages(client, 10, forward=False, **since)
    assert looked_at == [3]
