"""The ledger: one item per file version, moved only by conditional writes.

A claim is held by a batch. Whoever wants to move an item names the state and the batch it saw; if either has changed
since, DynamoDB refuses and nothing happens. So two Lambdas, a job and a sweep may all try at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer

from lambda_trigger.decide import EXPLANATIONS, Reason
from lambda_trigger.events import FileEvent
from lambda_trigger.file_version import FileVersion, key_id
from lambda_trigger.ledger_item import LEASE, Item, State, ended, error, may_take, new_item, timestamp
from lambda_trigger.manifest import Batch

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


ITEMS_PER_READ = 100


class Claim(StrEnum):
    """What became of an attempt to claim a file."""

    HELD = "held"
    DUPLICATE = "duplicate_event"
    SUPERSEDED = "superseded"


@dataclass(frozen=True)
class Ledger:
    """The ledger's table; `client` is a DynamoDB client that speaks plain Python values (`resource.meta.client`)."""

    client: DynamoDBClient
    table: str

    def claim(self, event: FileEvent, batch: Batch, manifest_uri: str) -> Claim:
        """Take `event.file` for `batch`, unless somebody has it, it is done, or a newer version of its key is known."""
        hold = {
            "batch_id": batch.batch_id,
            "manifest": manifest_uri,
            "claimed_at": timestamp(batch.claimed_at),
            "lease_until": timestamp(batch.claimed_at + LEASE),
        }
        item = new_item(event.file, State.CLAIMED, batch.claimed_at) | hold
        seen = self._put_new(item)
        if seen is not None:
            if not may_take(seen, event, batch.claimed_at) or not self.move(seen, hold, remove=("run_id",)):
                return Claim.DUPLICATE
            item = {**seen, **hold}
        if self._advance_newest(item):
            return Claim.HELD
        self._supersede(item)
        return Claim.SUPERSEDED

    def release(self, file: FileVersion, batch: Batch) -> None:
        """Let go of a claim whose run was refused, so that the next message may take it at once."""
        held = {"file_id": file.file_id, "state": State.CLAIMED, "batch_id": batch.batch_id}
        self.move(held, {"lease_until": timestamp(batch.claimed_at)})

    def record_start(self, file: FileVersion, batch: Batch, run_id: str) -> None:
        """Write down which run got the file. The job may have moved it on already, so only the batch must match."""
        self._update(
            {"file_id": file.file_id},
            "SET run_id = :run ADD attempts :one",
            "batch_id = :batch",
            {":run": run_id, ":one": 1, ":batch": batch.batch_id},
        )

    def record_ignored(self, file: FileVersion, reason: Reason, now: datetime) -> None:
        """Say why a file was not started, unless the ledger knows it already."""
        why = error(reason, EXPLANATIONS[reason])
        self._put_new(new_item(file, State.IGNORED, now) | ended(file.file_id, State.IGNORED, why, now))

    def record_run(self, item: Item) -> None:
        """Write down a run that has ended; saying it again changes nothing."""
        self.client.put_item(TableName=self.table, Item=dict(item))

    def charge(self, file_id: str, run_id: str, dpu_seconds: Decimal) -> None:
        """Add a run's share to what a file has cost, once for each run."""
        self._update(
            {"file_id": file_id},
            "ADD dpu_seconds :share, charged_runs :runs",
            "attribute_exists(file_id) AND NOT contains(charged_runs, :run)",
            {":share": dpu_seconds, ":runs": {run_id}, ":run": run_id},
        )

    def move(self, seen: Item, changes: Mapping[str, Any], remove: tuple[str, ...] = ()) -> bool:
        """Change an item if its state and batch are still those of `seen`; False if somebody was faster."""
        names = {f"#{name}": name for name in (*changes, *remove, "state")}
        values = {f":{name}": value for name, value in changes.items()}
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in changes)
        if remove:
            expression += " REMOVE " + ", ".join(f"#{name}" for name in remove)
        condition, unchanged = _unchanged(seen)
        return self._update({"file_id": seen["file_id"]}, expression, condition, values | unchanged, names)

    def get_many(self, file_ids: Sequence[str]) -> dict[str, Item]:
        """The items there are of up to `ITEMS_PER_READ` ids, by id."""
        found: dict[str, Item] = {}
        wanted: list[Mapping[str, Any]] = [{"file_id": name} for name in dict.fromkeys(file_ids)]
        while wanted:
            answer = self.client.batch_get_item(RequestItems={self.table: {"Keys": wanted, "ConsistentRead": True}})
            found |= {str(item["file_id"]): item for item in answer["Responses"].get(self.table, [])}
            wanted = list(answer["UnprocessedKeys"].get(self.table, {"Keys": []})["Keys"])
        return found

    def items_of(self, state: State) -> Iterator[Item]:
        """Every item of a state, read from an index that may lag behind by moments."""
        for digit in "0123456789abcdef":
            pages = self.client.get_paginator("query").paginate(
                TableName=self.table,
                IndexName="by_state",
                KeyConditionExpression="state_shard = :shard",
                ExpressionAttributeValues={":shard": f"{state}#{digit}"},
            )
            for page in pages:
                yield from page["Items"]

    def reserve(self, item: Item) -> bool:
        """Put a claim into the ledger that a message on its way will continue; False if the file is known."""
        return self._put_new(item) is None

    def _put_new(self, item: Item) -> Item | None:
        """Put an item that must not exist yet; returns the one that does."""
        try:
            self.client.put_item(
                TableName=self.table,
                Item=dict(item),
                ConditionExpression="attribute_not_exists(file_id)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as refusal:
            existing: dict[str, Any] = refusal.response["Item"]  # type: ignore[typeddict-item]
            return {name: TypeDeserializer().deserialize(value) for name, value in existing.items()}
        return None

    def _advance_newest(self, item: Item) -> bool:
        """Make this version the newest of its key, unless a newer one is known."""
        return self._update(
            {"file_id": key_id(item["bucket"], item["key"])},
            "SET #order = :order, newest = :newest, etag = :etag",
            "attribute_not_exists(#order) OR #order <= :order",
            {":order": item["order"], ":newest": item["file_id"], ":etag": item["etag"]},
            {"#order": "order"},
        )

    def _supersede(self, item: Item) -> None:
        why = error(Reason.SUPERSEDED, EXPLANATIONS[Reason.SUPERSEDED])
        self.move(item, ended(item["file_id"], State.IGNORED, why, datetime.now(UTC)))

    def _update(
        self,
        key: Mapping[str, str],
        expression: str,
        condition: str,
        values: Mapping[str, Any],
        names: Mapping[str, str] | None = None,
    ) -> bool:
        arguments: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        try:
            self.client.update_item(
                TableName=self.table,
                Key=key,
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeValues=dict(values),
                **arguments,
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _unchanged(seen: Item) -> tuple[str, dict[str, Any]]:
    """The condition that an item's state and holder are as seen. A run by hand leaves items that no batch held."""
    if "batch_id" not in seen:
        return "#state = :seen_state AND attribute_not_exists(batch_id)", {":seen_state": seen["state"]}
    values = {":seen_state": seen["state"], ":seen_batch": seen["batch_id"]}
    return "#state = :seen_state AND batch_id = :seen_batch", values
