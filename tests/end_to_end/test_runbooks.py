"""Every command of docs/operations.md is run, as it stands there, on an environment where the thing has happened."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

from gluepipe.operations.deployed import Deployed
from tests.end_to_end.conftest import Checkout
from tests.end_to_end.failed_runs import a_failed_run
from tests.places import REPOSITORY

PAGE = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
RUNBOOKS = dict(re.findall(r"^## ([a-z-]+)\n.*?^```\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))


def documented_codes() -> dict[str, set[int]]:
    """Command -> the exit codes other than 0 that the page's table gives it."""
    found: dict[str, set[int]] = {}
    for code, when in re.findall(r"^\| (\d) \| (.*) \|$", PAGE, re.MULTILINE):
        for command in re.findall(r"`gluepipe ([a-z-]+) dev`", when):
            found.setdefault(command, set()).add(int(code))
    return found


def test_every_command_of_every_runbook_runs(deployed: Checkout, tmp_path: Path, monkeypatch: Any) -> None:
    (file := tmp_path / "told.csv").write_text("id,v\n" + "1,a\n" * 20 + "2,b,surplus\n")
    [outcome] = deployed.upload(file, "--dataset", "runbooks")
    assert outcome["rows_quarantined"] == 1
    run_id = a_failed_run(Deployed(deployed.dev, deployed.names))
    monkeypatch.chdir(tmp_path)
    lines = [line for block in RUNBOOKS.values() for line in block.splitlines()]
    commands = list(dict.fromkeys(tuple(shlex.split(line, comments=True)) for line in lines))
    assert len(commands) > 20
    given, codes = {"KEY": "runbooks/told.csv", "RUN": run_id}, documented_codes()
    failed = {}
    for program, *arguments in commands:
        assert program == "gluepipe"
        finished = deployed.gluepipe(*(given.get(word, word) for word in arguments))
        if finished.returncode not in {0, *codes.get(arguments[0], ())}:
            failed[" ".join(arguments)] = (finished.returncode, finished.stderr[-500:])
    assert not failed
    assert json.loads(deployed.succeed("file", "dev", given["KEY"], "--json"))["file"]["key"] == given["KEY"]
