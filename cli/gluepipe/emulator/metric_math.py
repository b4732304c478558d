"""The part of CloudWatch's metric math that alarms need: arithmetic, comparison, IF, and SUM or MAX of all metrics."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

Value = float | None

ARITHMETIC: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}
OF_ALL: dict[str, Callable[[list[float]], float]] = {"SUM": sum, "MAX": max}


def evaluate(expression: str, metrics: Mapping[str, Value]) -> Value:
    """Evaluate an expression over metrics by their ids; None where a metric that it needs has no data.

    Raises:
        ValueError: The expression uses something that is not emulated.

    """
    return _value(ast.parse(expression, mode="eval").body, metrics)


def _value(node: ast.expr, metrics: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in metrics:
            return metrics[name]
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in ARITHMETIC:
            return _pair(sign, _value(left, metrics), _value(right, metrics))
        case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in ARITHMETIC:
            return _pair(sign, _value(left, metrics), _value(right, metrics))
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, otherwise]):
            decided = _value(condition, metrics)
            return None if decided is None else _value(then if decided else otherwise, metrics)
        case ast.Call(func=ast.Name(id=name), args=[ast.Call(func=ast.Name(id="METRICS"))]) if name in OF_ALL:
            known = [value for value in metrics.values() if value is not None]
            return OF_ALL[name](known) if known else None
    raise ValueError(f"metric math that is not emulated: {ast.unparse(node)}")


def _pair(sign: Any, left: Value, right: Value) -> Value:
    if left is None or right is None or (isinstance(sign, ast.Div) and right == 0):
        return None
    return float(ARITHMETIC[type(sign)](left, right))
