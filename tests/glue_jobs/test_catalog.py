import boto3
import pyarrow as pa
import pytest
from botocore.exceptions import ClientError

from glue_jobs.catalog import Catalog, Column, comment_of
from tests.glue_jobs.lake import DATABASE, OUTPUT, Lake

ID = Column("id", pa.int64(), "ID")
LOCAL = Column("local", pa.timestamp("us"), "Local time")
INSTANT = Column("instant", pa.timestamp("us", tz="UTC"))
PRICE = Column("price", pa.decimal128(12, 2))


@pytest.fixture
def catalog(lake: Lake) -> Catalog:
    return another()


def another() -> Catalog:
    """The catalog as a run of its own sees it."""
    return Catalog(boto3.client("glue"), DATABASE, OUTPUT)


def test_a_saved_table_comes_back_as_it_was(catalog: Catalog) -> None:
    columns = (ID, LOCAL, INSTANT, PRICE)
    assert catalog.table("t") is None
    assert catalog.save("t", columns, None)

    assert another().table("t").columns == columns


def test_the_table_says_where_and_how_its_files_are(lake: Lake, catalog: Catalog) -> None:
    catalog.save("t", (ID, LOCAL), None)
    table = lake.glue.get_table(DatabaseName=DATABASE, Name="t")["Table"]

    assert table["TableType"] == "EXTERNAL_TABLE"
    assert table["Parameters"]["classification"] == "parquet"
    assert table["StorageDescriptor"]["Location"] == f"s3://{OUTPUT}/t/"
    assert table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"].endswith("ParquetHiveSerDe")
    assert [column["Type"] for column in table["StorageDescriptor"]["Columns"]] == ["bigint", "timestamp"]


def test_who_comes_second_has_to_look_again(catalog: Catalog) -> None:
    slow = another()
    assert slow.table("t") is None
    catalog.save("t", (ID,), None)

    assert not slow.save("t", (PRICE,), None)
    assert slow.table("t").columns == (ID,)
    assert slow.save("t", (ID, PRICE), slow.table("t"))


def test_an_update_of_a_table_that_has_changed_meanwhile_is_refused(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.save("t", (ID,), None)
    before = catalog.table("t")
    refusal = ClientError({"Error": {"Code": "ConcurrentModificationException"}}, "UpdateTable")
    given = {}

    def refuse(**parameters) -> None:
        given.update(parameters)
        raise catalog._glue.exceptions.ConcurrentModificationException(refusal.response, "UpdateTable")

    monkeypatch.setattr(catalog._glue, "update_table", refuse)

    assert not catalog.save("t", (ID, PRICE), before)
    assert given["VersionId"] == before.version_id


def test_nothing_new_costs_no_call(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog.save("t", (ID,), None)
    catalog.ensure_partition("t", "2024-05-01")
    monkeypatch.setattr(catalog, "_glue", None)

    assert catalog.save("t", (ID,), catalog.table("t"))
    catalog.ensure_partition("t", "2024-05-01")


def test_partitions_follow_the_columns_of_their_table(lake: Lake, catalog: Catalog) -> None:
    catalog.save("t", (ID,), None)
    catalog.ensure_partition("t", "2024-05-01")
    catalog.ensure_partition("t", "2024-05-02")
    catalog.save("t", (ID, PRICE), catalog.table("t"))

    assert partitions(lake) == {"2024-05-01": ["id", "price"], "2024-05-02": ["id", "price"]}


def test_a_partition_that_a_killed_run_left_behind_is_mended(lake: Lake, catalog: Catalog) -> None:
    catalog.save("t", (ID,), None)
    catalog.ensure_partition("t", "2024-05-01")
    table_input = catalog._table_input("t", (ID, PRICE))
    lake.glue.update_table(DatabaseName=DATABASE, TableInput=table_input)

    another().ensure_partition("t", "2024-05-01")

    assert partitions(lake) == {"2024-05-01": ["id", "price"]}


def partitions(lake: Lake) -> dict[str, list[str]]:
    found = lake.glue.get_partitions(DatabaseName=DATABASE, TableName="t")["Partitions"]
    return {each["Values"][0]: [c["Name"] for c in each["StorageDescriptor"]["Columns"]] for each in found}


def test_a_comment_is_one_short_line() -> None:
    assert comment_of("Unit\n price\t(\x01EUR)") == "Unit price (EUR)"
    assert len(comment_of("x" * 300)) == 255
