"""DynamoDB items as plain Python values: conditional updates and consistent reads of one table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

_BATCH_GET_LIMIT = 100

Item = dict[str, Any]


class Items:
    """The items of one table whose hash key is `file_id`. Numbers are int or float, never Decimal."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._serialize = TypeSerializer().serialize
        self._deserialize = TypeDeserializer().deserialize

    def update(self, item_id: str, expression: str, *, condition: str, values: Mapping[str, Any]) -> Item | None:
        """Update one item and return it as it is afterwards; None when the condition did not hold.

        Args:
            item_id: Its `file_id`; the item is made if there is none and the condition allows it.
            expression: An update expression that writes attributes as `#name` and values as `:name`.
            condition: A condition expression written the same way.
            values: At least the values that the expressions name.

        """
        text = f"{expression} {condition}"
        used = set(re.findall(r":(\w+)", text))
        try:
            answer = self._dynamodb.update_item(
                TableName=self._table,
                Key={"file_id": {"S": item_id}},
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeNames={name: name[1:] for name in re.findall(r"#\w+", text)},
                ExpressionAttributeValues={f":{name}": self._to_dynamodb(values[name]) for name in used},
                ReturnValues="ALL_NEW",
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return None
        return self._from_dynamodb(answer["Attributes"])

    def read(self, item_ids: Iterable[str]) -> dict[str, Item]:
        """The items that exist, by `file_id`, read consistently."""
        found: dict[str, Item] = {}
        for ids in _batches(list(dict.fromkeys(item_ids)), _BATCH_GET_LIMIT):
            keys = [{"file_id": {"S": item_id}} for item_id in ids]
            request = {self._table: {"Keys": keys, "ConsistentRead": True}}
            while request:
                answer = self._dynamodb.batch_get_item(RequestItems=request)
                for item in answer["Responses"][self._table]:
                    found[item["file_id"]["S"]] = self._from_dynamodb(item)
                request = answer.get("UnprocessedKeys")
        return found

    def _to_dynamodb(self, value: Any) -> Any:
        return self._serialize(_with_decimals(value))

    def _from_dynamodb(self, item: Mapping[str, Any]) -> Item:
        return {name: _without_decimals(self._deserialize(value)) for name, value in item.items()}


def assignments(values: Iterable[str], *, only_if_missing: bool = False) -> str:
    """The inside of a SET clause for attributes that take the value of their own name."""
    if only_if_missing:
        return ", ".join(f"#{name} = if_not_exists(#{name}, :{name})" for name in values)
    return ", ".join(f"#{name} = :{name}" for name in values)


def _with_decimals(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, dict):
        return {name: _with_decimals(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_decimals(each) for each in value]
    return value


def _without_decimals(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {name: _without_decimals(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_decimals(each) for each in value]
    return value


def _batches(values: list[str], size: int) -> list[list[str]]:
    return [values[start : start + size] for start in range(0, len(values), size)]
