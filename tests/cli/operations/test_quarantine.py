"""The rows that were set aside: seen, exported, loaded once repaired."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gluepipe.operations import quarantine
from gluepipe.project import Project
from lambda_trigger.ledger_item import State
from tests.cli.operated import NAMES, Account, documents, run

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture
def quarantined(account: Account) -> dict[str, Any]:
    """A file with two rows set aside, one of them no text."""
    item = account.record(account.upload("orders/a.csv", "id;v\n1;a\nx;b;c\n"), State.SUCCEEDED, rows_quarantined=2)
    rows = [
        {"line": 3, "reason": "ragged", "detail": "3 fields, not 2", "raw": "x;b;c"},
        {"line": 4, "reason": "undecodable_bytes", "detail": "0xff", "raw_base64": "/zsx"},
    ]
    key = f"_quarantine/orders/{item['file_id']}.jsonl"
    body = "".join(json.dumps(row) + "\n" for row in rows)
    account.access.s3.put_object(Bucket=NAMES.output_bucket, Key=key, Body=body.encode())
    return item


def test_quarantine_lists_files_with_rows_set_aside(quarantined: dict[str, Any]) -> None:
    found = documents("quarantine", "list", "dev")
    assert [(each["source_file"], each["rows_quarantined"]) for each in found] == [(quarantined["source_file"], 2)]
    assert documents("quarantine", "list", "dev", "--dataset", "customers") == []


def test_quarantine_shows_rows_with_their_reasons(quarantined: dict[str, Any]) -> None:
    result = run("quarantine", "show", "dev", "orders/a.csv")
    assert result.stdout.splitlines()[1].split() == ["3", "ragged", "3", "fields,", "not", "2", "x;b;c"]
    assert "ragged: 1" in result.stderr


def test_quarantine_exports_a_csv_to_repair_and_loads_the_repaired_rows(
    account: Account, quarantined: dict[str, Any], tmp_path: Path
) -> None:
    target = tmp_path / "bad.csv"
    assert run("quarantine", "export", "dev", "orders/a.csv", "--to", str(target)).exit_code == 0
    assert target.read_bytes() == b"id;v\nx;b;c\n\xff;1\n"
    target.write_text("id;v\n2;b\n")
    result = run("quarantine", "replay", "dev", "orders/a.csv", str(target))
    key = f"orders/repaired/{quarantined['file_id']}.csv"
    assert f"Uploaded s3://{NAMES.input_bucket}/{key}" in result.stderr
    assert account.access.s3.get_object(Bucket=NAMES.input_bucket, Key=key)["Body"].read() == b"id;v\n2;b\n"


def test_an_export_never_replaces_a_file_that_may_hold_repairs(quarantined: dict[str, Any], tmp_path: Path) -> None:
    target = tmp_path / "bad.csv"
    target.write_text("id;v\n2;b\n")
    result = run("quarantine", "export", "dev", "orders/a.csv", "--to", str(target))
    assert result.exit_code == 2
    assert f"{target} is there already" in result.stderr
    assert target.read_text() == "id;v\n2;b\n"


def test_an_export_of_rows_that_are_gone_leaves_no_file(
    account: Account, quarantined: dict[str, Any], tmp_path: Path
) -> None:
    account.access.s3.delete_object(
        Bucket=NAMES.output_bucket, Key=f"_quarantine/orders/{quarantined['file_id']}.jsonl"
    )
    assert run("quarantine", "export", "dev", "orders/a.csv", "--to", str(tmp_path / "bad.csv")).exit_code == 1
    assert list(tmp_path.glob("bad*")) == []


def test_quarantine_replays_the_whole_file_where_nothing_was_repaired(
    account: Account, quarantined: dict[str, Any]
) -> None:
    assert f"Replaying {quarantined['source_file']}" in run("quarantine", "replay", "dev", "orders/a.csv").stderr
    assert len(account.messages(NAMES.queue)) == 1


def test_quarantine_of_a_file_without_such_rows_says_so(account: Account) -> None:
    account.record(account.upload("orders/fine.csv"), State.SUCCEEDED, rows_quarantined=0)
    result = run("quarantine", "show", "dev", "orders/fine.csv")
    assert result.exit_code == 2
    assert "No row of orders/fine.csv was set aside." in result.stderr
    assert "gluepipe quarantine list dev" in result.stderr


def test_rows_that_are_gone_are_said_to_be(account: Account, quarantined: dict[str, Any], project: Project) -> None:
    key = f"_quarantine/orders/{quarantined['file_id']}.jsonl"
    account.access.s3.delete_object(Bucket=NAMES.output_bucket, Key=key)
    with pytest.raises(quarantine.GluePipeError, match="is gone"):
        list(quarantine.rows_of(account.deployed, quarantined))
