"""How much of a large ledger a first page reads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gluepipe.operations.ledger import SHARDS, Filter, list_files
from lambda_trigger.file_version import FileVersion
from lambda_trigger.ledger_item import State, new_item
from tests.cli.operated import NAMES, NOON, Account

FILES = 300


@pytest.fixture
def reads(account: Account) -> list[int]:
    """A ledger of succeeded files of two datasets and a few failed ones; how many items each query brought."""
    counts: list[int] = []
    states = [State.FAILED if number % 100 == 0 else State.SUCCEEDED for number in range(FILES)]
    put(account, [("ab"[number % 2], number, state) for number, state in enumerate(states)])
    account.deployed.ledger.client.meta.events.register(
        "after-call.dynamodb.Query", lambda parsed, **_: counts.append(parsed["Count"])
    )
    return counts


def put(account: Account, files: list[tuple[str, int, State]]) -> None:
    """Write items of dataset, number (seconds before noon) and state."""
    for dataset, number, state in files:
        file = FileVersion(NAMES.input_bucket, f"{dataset}/{number}.csv", f"v{number}", "", "", 1, "")
        item = new_item(file, state, NOON - timedelta(seconds=number))
        account.deployed.ledger.client.put_item(TableName=NAMES.ledger, Item=item)


def keys(account: Account, limit: int | None, **which: Any) -> list[str]:
    return [item["key"] for item in list_files(account.deployed.ledger, Filter(**which), limit)]


def test_a_first_page_reads_a_few_items_of_each_shard(account: Account, reads: list[int]) -> None:
    assert keys(account, 20, dataset="a") == [f"a/{number}.csv" for number in range(0, 40, 2)]
    assert len(reads) <= len(SHARDS) + 4
    assert sum(reads) <= 5 * len(reads)


def test_a_rare_state_is_found_without_reading_the_dataset(account: Account, reads: list[int]) -> None:
    assert keys(account, 20, dataset="a", state=State.FAILED) == [f"a/{number}.csv" for number in range(0, FILES, 100)]
    assert (len(reads), sum(reads)) == (len(SHARDS), FILES // 100)


def test_everything_is_read_in_large_pages(account: Account, reads: list[int]) -> None:
    assert len(keys(account, None)) == FILES
    assert (len(reads), sum(reads)) == (len(SHARDS) * len(State), FILES)


def test_what_does_not_pass_is_neither_sent_nor_asked_for_in_small_pages(account: Account, reads: list[int]) -> None:
    put(account, [("b", number, State.FAILED) for number in range(FILES, 2 * FILES)])
    put(account, [("c", 3 * FILES, State.FAILED)])
    assert keys(account, 1, dataset="c", state=State.FAILED) == [f"c/{3 * FILES}.csv"]
    assert (len(reads), sum(reads)) == (len(SHARDS), 1)


def test_pages_grow_where_little_of_them_passes(account: Account, reads: list[int]) -> None:
    put(account, [("d", number, State.FAILED) for number in range(FILES, 2 * FILES)])
    put(account, [("d", 3 * FILES, State.SUCCEEDED)])
    assert keys(account, 1, dataset="d", state=State.SUCCEEDED) == [f"d/{3 * FILES}.csv"]
    assert len(reads) <= 3 * len(SHARDS)


def test_only_the_attributes_asked_for_are_sent(account: Account, reads: list[int]) -> None:
    [item] = list_files(account.deployed.ledger, Filter(dataset="a", state=State.FAILED), 1, attributes=["file_id"])
    assert set(item) == {"file_id", "claimed_at"}
