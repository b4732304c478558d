"""Evaluate the `Condition` block of a policy statement."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping
from typing import Any

Operator = Callable[[str, str], bool]

OPERATORS: dict[str, Operator] = {
    "StringEquals": lambda actual, wanted: actual == wanted,
    "StringEqualsIgnoreCase": lambda actual, wanted: actual.lower() == wanted.lower(),
    "StringLike": lambda actual, wanted: fnmatch.fnmatchcase(actual, wanted),
    "ArnEquals": lambda actual, wanted: fnmatch.fnmatchcase(actual, wanted),
    "ArnLike": lambda actual, wanted: fnmatch.fnmatchcase(actual, wanted),
    "Bool": lambda actual, wanted: actual.lower() == wanted.lower(),
    "NumericEquals": lambda actual, wanted: float(actual) == float(wanted),
    "NumericLessThan": lambda actual, wanted: float(actual) < float(wanted),
    "NumericLessThanEquals": lambda actual, wanted: float(actual) <= float(wanted),
    "NumericGreaterThan": lambda actual, wanted: float(actual) > float(wanted),
    "NumericGreaterThanEquals": lambda actual, wanted: float(actual) >= float(wanted),
}
NEGATIONS = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
}


class UnknownOperatorError(ValueError):
    """The policy uses a condition operator that is not emulated."""


def hold(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    """Tell whether all of a statement's conditions hold for a request with these context keys.

    Raises:
        UnknownOperatorError: an operator is not one of those listed here.
    """
    lowered = {key.lower(): value for key, value in context.items()}
    return all(
        _holds(operator, lowered.get(key.lower()), wanted if isinstance(wanted, list) else [wanted])
        for operator, pairs in conditions.items()
        for key, wanted in pairs.items()
    )


def _holds(operator: str, actual: str | None, wanted: list[Any]) -> bool:
    texts = [str(value).lower() if isinstance(value, bool) else str(value) for value in wanted]
    if operator == "Null":
        return (actual is None) == (texts[0].lower() == "true")
    name = operator.removesuffix("IfExists")
    if name in NEGATIONS:
        return actual is None or not any(OPERATORS[NEGATIONS[name]](actual, text) for text in texts)
    if name not in OPERATORS:
        raise UnknownOperatorError(f"The condition operator {operator} is not emulated.")
    if actual is None:
        return name != operator
    return any(OPERATORS[name](actual, text) for text in texts)
