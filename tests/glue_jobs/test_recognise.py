"""Columns of later files are found in their table, whatever order they come in."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest
from moto import mock_aws

from glue_jobs.catalog import Column, Table
from glue_jobs.columns import ColumnSpec
from glue_jobs.contract import Contract
from glue_jobs.fit import merge_columns
from glue_jobs.names import column_names
from glue_jobs.recognise import under_known_names
from tests.glue_jobs.lake import Lake


@pytest.fixture
def lake() -> Iterator[Lake]:
    with mock_aws():
        lake = Lake()
        lake.create()
        yield lake


def named(header: str) -> list[tuple[str, str]]:
    """What a new table would call these columns, and their texts."""
    texts = header.split()
    return list(zip(column_names(texts), texts, strict=True))


@pytest.mark.parametrize(
    ("table", "header", "names"),
    [
        ("東京 大阪", "大阪 東京", "column_2 column_1"),
        ("東京 大阪", "大阪", "column_2"),
        ("東京 大阪", "名 東京", "column_1_2 column_1"),
        ("id 東京", "id 名", "id column_2_2"),
        ("a-b a.b", "a.b a-b", "a_b_2 a_b"),
        ("a-b a.b", "a+b", "a_b"),
        ("a-b", "a.b a-b", "a_b_2 a_b"),
        ("a a", "a a", "a a_2"),
        ("A A", "a a", "a a_2"),
        ("id Name", "NAME ID", "name id"),
    ],
)
def test_a_header_text_names_the_column_that_came_with_it(table: str, header: str, names: str) -> None:
    known = [Column(name, pa.string(), text) for name, text in named(table)]
    found = [ColumnSpec(name, text, position, pa.string()) for position, (name, text) in enumerate(named(header))]

    assert [column.name for column in under_known_names(found, known)] == names.split()


def test_comments_that_people_wrote_do_not_move_columns() -> None:
    known = [
        Column("id", pa.string(), "name"),
        Column("name", pa.string(), "What it is called"),
        Column("n", pa.string()),
    ]
    found = [ColumnSpec(name, name, position, pa.string()) for position, name in enumerate(["name", "n", "id"])]

    assert [column.name for column in under_known_names(found, known)] == ["name", "n", "id"]


def test_a_table_that_got_another_column_meanwhile_makes_the_file_be_fitted_again() -> None:
    table = Table((Column("column_1", pa.string(), "東京"),), "1")

    assert merge_columns([ColumnSpec("column_1", "大阪", 0, pa.string())], table, Contract()) is None
    assert merge_columns([ColumnSpec("column_1", "東京", 0, pa.string())], table, Contract()) is not None


def test_columns_without_names_of_their_own_follow_their_headers(lake: Lake) -> None:
    lake.load("t/a.csv", "id,город,улица\n1,Омск,Мира\n")
    lake.load("t/b.csv", "id,улица,дом,город\n2,Лесная,7,Тула\n")

    assert dict(lake.columns("t"))["column_3_2"] == "bigint"
    assert lake.values("t", "id", "column_2", "column_3", "column_3_2") == [
        (1, "Омск", "Мира", None),
        (2, "Тула", "Лесная", 7),
    ]
