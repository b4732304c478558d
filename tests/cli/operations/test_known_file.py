"""The known file of the smoke test: what a killed one left behind is removed, and nobody else's data."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gluepipe.operations import known_file
from lambda_trigger.file_version import key_id
from lambda_trigger.ledger_item import State
from tests.cli.operated import NAMES, NOON, Account

ABANDONED, RECENT, OTHER = "gluepipe_smoke_20261125095959_ab12", "gluepipe_smoke_20261125113000_cd34", "orders"


@pytest.fixture
def sent(account: Account) -> dict[str, str]:
    """A file, rows, a table and a ledger item of each dataset; returns the ids of the items."""
    ids = {}
    account.access.glue.create_database(DatabaseInput={"Name": NAMES.database})
    for dataset in (ABANDONED, RECENT, OTHER):
        version = account.upload(f"{dataset}/smoke.csv")
        account.access.s3.put_object(Bucket=NAMES.output_bucket, Key=f"{dataset}/rows.parquet")
        account.access.glue.create_table(DatabaseName=NAMES.database, TableInput={"Name": dataset})
        ids[dataset] = account.record(version, State.SUCCEEDED)["file_id"]
        account.deployed.ledger.client.put_item(TableName=NAMES.ledger, Item={"file_id": key_of(dataset)})
    return ids


def key_of(dataset: str) -> str:
    return key_id(NAMES.input_bucket, f"{dataset}/smoke.csv")


def left(account: Account, ids: dict[str, str]) -> dict[str, set[str]]:
    """The datasets of which something is left, by what that is."""
    s3, glue = account.access.s3, account.access.glue
    places = {"files": NAMES.input_bucket, "rows": NAMES.output_bucket}
    found = {
        name: {each["Key"].partition("/")[0] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}
        for name, bucket in places.items()
    }
    items = account.deployed.ledger.get_many([*ids.values(), *map(key_of, ids)])
    return found | {
        "tables": {table["Name"] for table in glue.get_tables(DatabaseName=NAMES.database)["TableList"]},
        "items": {dataset for dataset, file_id in ids.items() if file_id in items},
        "keys": {dataset for dataset in ids if key_of(dataset) in items},
    }


def test_what_was_left_behind_is_removed_and_nothing_else(account: Account, sent: dict[str, str]) -> None:
    known_file.clear_away(account.deployed, NOON - timedelta(hours=1))
    assert left(account, sent) == {place: {RECENT, OTHER} for place in ("files", "rows", "tables", "items", "keys")}


def test_a_table_that_came_after_its_file_was_removed_is_found(account: Account, sent: dict[str, str]) -> None:
    for version in account.access.s3.list_object_versions(Bucket=NAMES.input_bucket, Prefix=ABANDONED)["Versions"]:
        account.access.s3.delete_object(Bucket=NAMES.input_bucket, Key=version["Key"], VersionId=version["VersionId"])
    known_file.clear_away(account.deployed, NOON)
    assert left(account, sent)["tables"] == {OTHER}
