from __future__ import annotations

from typing import Any

import pytest

from gluepipe.emulator.iam import conditions


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"StringLike": {"aws:x": ["a*", "b?"]}}, True),
        ({"StringLike": {"aws:x": "c*"}}, False),
        ({"StringNotLike": {"aws:x": ["a*", "b*"]}}, False),
        ({"StringNotEquals": {"aws:missing": "v"}}, True),
        ({"StringEquals": {"aws:missing": "v"}}, False),
        ({"StringEqualsIfExists": {"aws:missing": "v"}}, True),
        ({"Null": {"aws:missing": "true"}}, True),
        ({"Null": {"aws:x": True}}, False),
        ({"Null": {"aws:many": "false"}}, True),
        ({"NumericGreaterThanEquals": {"aws:n": 5}}, True),
        ({"StringEquals": {"AWS:X": "abc"}, "NumericEquals": {"aws:n": "6"}}, False),
        ({"ArnLike": {"aws:arn": "arn:aws:iam::*:role/x-*"}}, True),
        ({"ForAnyValue:StringEquals": {"aws:many": ["two", "three"]}}, True),
        ({"ForAnyValue:StringEquals": {"aws:missing": "two"}}, False),
        ({"ForAllValues:StringLike": {"aws:many": "t*"}}, False),
        ({"ForAllValues:StringLike": {"aws:missing": "t*"}}, True),
        ({"StringEquals": {"aws:many": "two"}}, False),
        ({"StringLike": {"aws:x": "[a-z]*"}}, False),
        ({}, True),
    ],
)
def test_condition_blocks(block: dict[str, Any], expected: bool) -> None:
    context = {"aws:x": "abc", "aws:n": "5", "aws:arn": "arn:aws:iam::1:role/x-1", "aws:many": ("one", "two")}
    assert conditions.hold(block, context) is expected


def test_unknown_operator_is_an_error_that_names_it() -> None:
    with pytest.raises(conditions.UnsupportedPolicyError, match="DateLessThan"):
        conditions.hold({"DateLessThan": {"aws:CurrentTime": "2026-01-01"}}, {"aws:CurrentTime": "now"})
