from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.serialize import BaseJSONSerializer, ResponseSerializer
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table

from gluepipe.emulator.gaps import dynamodb as gap
from tests.cli.emulator.account import Account


def test_one_winner_per_conditional_write(account: Account) -> None:
    dynamodb = account.client("dynamodb")
    dynamodb.create_table(
        TableName="claims",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )

    def claim(attempt: int) -> bool:
        try:
            dynamodb.update_item(
                TableName="claims",
                Key={"id": {"S": str(attempt // 8)}},
                UpdateExpression="SET taken_by = :me",
                ConditionExpression="attribute_not_exists(taken_by)",
                ExpressionAttributeValues={":me": {"N": "1"}},
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        winners = list(pool.map(claim, range(8 * 60)))
    assert sum(winners) == 60


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A table in moto, of this process, that answers without detours."""
    for name, value in (("DEFAULT_REGION", "eu-central-1"), ("ACCESS_KEY_ID", "x"), ("SECRET_ACCESS_KEY", "x")):
        monkeypatch.setenv(f"AWS_{name}", value)
    replaced = ((BaseJSONSerializer, "_serialize_type_structure"), (Item, "project"), (Table, "__len__"))
    for owner, name in replaced:
        monkeypatch.setattr(owner, name, getattr(owner, name))
    gap.give_values_as_they_are()
    gap.project_attributes_directly()
    gap.count_items_at_once()
    with mock_aws():
        yield boto3.resource("dynamodb").create_table(
            TableName="values",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )


def test_every_kind_of_value_comes_back(table: Any) -> None:
    item = {
        "id": "a",
        "number": 7,
        "none": None,
        "yes": True,
        "empty": {},
        "names": {"x", "y"},
        "numbers": {1, 2},
        "list": [1, "x", [None]],
        "map": {"a": {"b": [False]}},
        "bytes": b"\xff",
        "deep": {"list": [b"\x00"]},
    }
    table.put_item(Item=item)
    [found] = table.scan()["Items"]
    assert bytes(found.pop("bytes")) == item.pop("bytes")
    assert bytes(found["deep"]["list"].pop()) == item["deep"]["list"].pop()  # type: ignore[index]
    assert found == item


def test_values_are_not_asked_for_every_type_there_is(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    get_value = ResponseSerializer.get_value

    def noting(self: Any, value: Any, key: str, shape: Any) -> Any:
        asked.append(key)
        return get_value(self, value, key, shape)

    table.put_item(Item={"id": "a", "map": {"a": {"b": [False]}}})
    monkeypatch.setattr(ResponseSerializer, "get_value", noting)
    table.scan()
    assert "Items" in asked
    assert "BOOL" not in asked


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("id, #size, absent", {"id": "a", "size": 7}),
        ("#map", {"map": {"a": {"b": [False, 1]}}}),
        ("id, #map.a.b[1]", {"id": "a", "map": {"a": {"b": [1]}}}),
    ],
)
def test_a_projection_gives_what_it_names(table: Any, expression: str, expected: dict[str, Any]) -> None:
    table.put_item(Item={"id": "a", "size": 7, "map": {"a": {"b": [False, 1]}}, "more": "x"})
    names = {f"#{name}": name for name in ("size", "map") if f"#{name}" in expression}
    condition = {"KeyConditionExpression": "id = :a", "ExpressionAttributeValues": {":a": "a"}}
    found = table.query(ProjectionExpression=expression, ExpressionAttributeNames=names, **condition)
    assert found["Items"] == [expected]


def test_whole_attributes_are_projected_without_converting_the_item(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    converted = []
    monkeypatch.setattr(Item, "to_regular_json", converted.append)
    table.put_item(Item={"id": "a", "x": 1})
    condition = {"KeyConditionExpression": "id = :a", "ExpressionAttributeValues": {":a": "a"}}
    assert table.query(ProjectionExpression="x", **condition)["Items"] == [{"x": 1}]
    assert converted == []


def test_a_table_is_described_without_looking_at_its_items(table: Any) -> None:
    table.put_item(Item={"id": "a"})
    [account] = dynamodb_backends.values()
    stored = account["eu-central-1"].get_table("values")
    stored.items = Unlooked(stored.items)
    table.reload()
    assert table.item_count == 1


class Unlooked(dict[str, Any]):
    """Items that nobody may go through."""

    def values(self) -> Any:
        pytest.fail("every item was looked at")
