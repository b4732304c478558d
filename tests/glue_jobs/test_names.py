"""Column names from header cells."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glue_jobs.metadata import RESERVED_NAMES
from glue_jobs.names import column_names


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Order ID", "order_id"),
        ("orderId", "order_id"),
        ("kWh", "kwh"),
        ("Unit Price ($)", "unit_price"),
        ("a,b;c{d}(e)=f", "a_b_c_d_e_f"),
        ("v.1.0", "v_1_0"),
        ("Città", "citta"),
        ("Größe", "grosse"),
        ("2024", "_2024"),
        ("_x", "_x"),
        ("a\u200bb", "ab"),
        ("東京", "column_1"),
        ("", "column_1"),
        ("processed_at", "processed_at_2"),
        ("Ingest Date", "ingest_date_2"),
        ("_rescued_data", "_rescued_data_2"),
    ],
)
def test_a_header_becomes_lower_snake_case(header: str, name: str) -> None:
    assert column_names([header]) == [name]


def test_equal_names_get_the_lowest_free_number() -> None:
    header = ["Name", "name", "NAME", "name_2", "Name "]

    assert column_names(header) == ["name", "name_3", "name_4", "name_2", "name_5"]


@given(st.lists(st.one_of(st.text(max_size=5), st.sampled_from(["a", "A", "a_2", "a_3", "column_2", "source_file"]))))
def test_names_are_legal_unique_and_never_reserved(header: list[str]) -> None:
    names = column_names(header)

    assert len(set(names)) == len(names) == len(header)
    assert all(re.fullmatch("[a-z_][a-z0-9_]*", name) for name in names)
    assert not set(names) & RESERVED_NAMES
