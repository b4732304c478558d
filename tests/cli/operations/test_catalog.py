"""The tables that files became, as people look at them."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lambda_trigger.ledger_item import State
from tests.cli.operated import NAMES, Account, documents, run

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture
def orders(account: Account) -> Account:
    """A table of two files, the later of which has 3 rows."""
    glue = account.access.glue
    glue.create_database(DatabaseInput={"Name": NAMES.database})
    storage: Any = {
        "Columns": [{"Name": "id", "Type": "bigint", "Comment": "ID"}],
        "Location": f"s3://{NAMES.output_bucket}/orders/",
    }
    table: Any = {"Name": "orders", "StorageDescriptor": storage, "PartitionKeys": [{"Name": "day", "Type": "string"}]}
    glue.create_table(DatabaseName=NAMES.database, TableInput=table)
    for minutes_ago, name, ids in ((9, "old", [1]), (5, "new", [2, 3, 4])):
        written = io.BytesIO()
        pq.write_table(pa.table({"id": ids}), written)
        key = f"orders/day=x/{name}.parquet"
        account.access.s3.put_object(Bucket=NAMES.output_bucket, Key=key, Body=written.getvalue())
        account.record(account.upload(f"orders/{name}.csv"), State.SUCCEEDED, minutes_ago, outputs=[key])
    return account


def test_tables_are_listed(orders: Account) -> None:
    assert [(each["name"], len(each["columns"])) for each in documents("tables", "dev")] == [("gluepipe_dev.orders", 2)]


def test_a_table_is_shown_with_rows_of_the_file_that_was_loaded_last(orders: Account) -> None:
    found = documents("table", "dev", "orders", "--rows", "2")
    assert found["columns"][0] == {"name": "id", "type": "bigint", "comment": "ID"}
    assert found["rows"] == [{"id": 2}, {"id": 3}]
    lines = run("table", "dev", "orders", "--rows", "2").stdout.splitlines()
    assert lines[0] == f"gluepipe_dev.orders at s3://{NAMES.output_bucket}/orders/"
    assert [line.split() for line in lines[2:]] == [["id", "bigint", "2", "3"], ["day", "string"]]


def test_rows_of_a_file_that_was_replaced_meanwhile_are_looked_for_in_the_one_before(orders: Account) -> None:
    orders.access.s3.delete_object(Bucket=NAMES.output_bucket, Key="orders/day=x/new.parquet")
    assert documents("table", "dev", "orders")["rows"] == [{"id": 1}]


def test_a_table_that_is_not_there_is_answered_with_the_nearest(orders: Account) -> None:
    result = run("table", "dev", "order")
    assert result.exit_code == 2
    assert 'dev has no table order. Did you mean "orders"?' in result.stderr
