"""Evaluate the `Condition` block of a policy statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gluepipe.emulator.iam import wildcards

Operator = Callable[[str, str], bool]
# A key of the request's context has one value; a few, such as `kms:ResourceAliases`, have several.
Context = Mapping[str, str | tuple[str, ...]]


def _like(actual: str, wanted: str) -> bool:
    return wildcards.match(wanted, actual)


OPERATORS: dict[str, Operator] = {
    "StringEquals": lambda actual, wanted: actual == wanted,
    "StringEqualsIgnoreCase": lambda actual, wanted: actual.lower() == wanted.lower(),
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
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


class UnsupportedPolicyError(ValueError):
    """The policy uses something that is not emulated, so that it cannot be judged by it."""


def hold(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Tell whether all of a statement's conditions hold for a request with these context keys.

    Raises:
        UnsupportedPolicyError: an operator is not one of those listed here.
    """
    if not conditions:
        return True
    lowered = {key.lower(): value for key, value in context.items()}
    return all(
        _holds(operator, lowered.get(key.lower()), _texts(wanted))
        for operator, pairs in conditions.items()
        for key, wanted in pairs.items()
    )


def _holds(operator: str, actual: str | tuple[str, ...] | None, wanted: list[str]) -> bool:
    quantifier, _, rest = operator.rpartition(":")
    if quantifier in ("ForAnyValue", "ForAllValues"):
        values = (actual,) if isinstance(actual, str) else actual or ()
        quantified = any if quantifier == "ForAnyValue" else all
        return quantified(_holds(rest, value, wanted) for value in values)
    if operator == "Null":
        return (actual is None) == (wanted[0].lower() == "true")
    if isinstance(actual, tuple):
        return False  # a key with several values is only compared by quantified operators
    name = operator.removesuffix("IfExists")
    if name in NEGATIONS:
        return actual is None or not any(OPERATORS[NEGATIONS[name]](actual, text) for text in wanted)
    if name not in OPERATORS:
        raise UnsupportedPolicyError(f"The condition operator {operator} is not emulated.")
    if actual is None:
        return name != operator
    return any(OPERATORS[name](actual, text) for text in wanted)


def _texts(wanted: Any) -> list[str]:
    values = wanted if isinstance(wanted, list) else [wanted]
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
