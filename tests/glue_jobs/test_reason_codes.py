"""The page about files explains every verdict that the job can give."""

from __future__ import annotations

import ast
from pathlib import Path

import glue_jobs

JOB = Path(glue_jobs.__file__).parent
PAGE = JOB.parent / "docs" / "files.md"


def codes() -> set[str]:
    found = set()
    for path in JOB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "FileRejected":
                code = node.args[0]
                found |= {code.value} if isinstance(code, ast.Constant) else set()
    return found


def test_every_code_of_a_refused_file_is_explained() -> None:
    page = PAGE.read_text()

    assert len(codes()) > 10
    assert not [code for code in codes() if f"`{code}`" not in page]
