"""Reading the whole ledger: every file once, and never more than a page of it in memory."""

from __future__ import annotations

import weakref
from datetime import UTC, datetime
from typing import Any

from gluepipe.operations.ledger import SHARDS, Filter, each_file
from lambda_trigger.ledger import Ledger
from lambda_trigger.ledger_item import State


class Items(list[dict[str, Any]]):
    """A page's items, which can be watched."""


class Pages:
    """A DynamoDB client with two pages for each shard that notes how many of them are held at a time."""

    def __init__(self) -> None:
        self.queries: list[dict[str, Any]] = []
        self.given: list[weakref.ref[Items]] = []
        self.most_held = 0

    def query(self, **query: Any) -> dict[str, Any]:
        self.queries.append(query)
        state, digit = query["ExpressionAttributeValues"][":key"].split("#")
        if "ExclusiveStartKey" in query:
            return {"Items": self._page(state, f"{digit}1")}
        return {"Items": self._page(state, f"{digit}0"), "LastEvaluatedKey": {"file_id": "last"}}

    def _page(self, state: str, name: str) -> Items:
        page = Items({"file_id": f"{name}{n}", "state": state, "dataset": "orders"} for n in range(3))
        self.given.append(weakref.ref(page))
        self.most_held = max(self.most_held, sum(held() is not None for held in self.given))
        return page


def test_every_file_is_read_once_with_a_page_at_a_time() -> None:
    client = Pages()
    ledger = Ledger(client, "ledger")  # type: ignore[arg-type]
    since = datetime(2026, 11, 25, tzinfo=UTC)
    found = [(item["state"], item["file_id"]) for item in each_file(ledger, Filter(since=since), ["file_id", "key"])]
    assert len(found) == len(set(found)) == len(State) * len(SHARDS) * 2 * 3
    assert client.most_held <= 2  # the one that is read, and the one before it until it is let go
    for query in client.queries:
        assert query["KeyConditionExpression"] == "state_shard = :key AND claimed_at >= :since"
        assert set(query["ExpressionAttributeNames"].values()) == {"file_id", "key"}


def test_files_of_another_dataset_are_left_out_before_they_are_sent() -> None:
    client = Pages()
    ledger = Ledger(client, "ledger")  # type: ignore[arg-type]
    list(each_file(ledger, Filter(dataset="prices", state=State.FAILED), ["file_id"]))
    for query in client.queries:
        assert query["FilterExpression"] == "#dataset = :dataset AND #state = :state"
        assert query["ExpressionAttributeValues"].items() >= {":dataset": "prices", ":state": "failed"}.items()
