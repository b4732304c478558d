"""Every gap is filled when the emulator starts."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

from gluepipe.emulator import gaps

NO_GAPS = {"__init__", "connections", "patching"}


def test_fill_calls_each_function_of_each_gap_module() -> None:
    folder = Path(inspect.getfile(gaps)).parent
    written = {
        f"{file.stem}.{node.name}"
        for file in folder.glob("*.py")
        if file.stem not in NO_GAPS
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    called = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(inspect.getsource(gaps.fill)))
        if isinstance(node, ast.Call)
    }

    assert called == written
