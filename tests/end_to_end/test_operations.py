"""The operators' commands on a deployed environment: every command once, on what really happened there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.end_to_end.conftest import Checkout
from tests.waiting import eventually


def _json(deployed: Checkout, *arguments: str) -> Any:
    return json.loads(deployed.succeed(*arguments, "--json"))


def _state_of(deployed: Checkout, key: str) -> str:
    return str(_json(deployed, "file", "dev", key)["file"]["state"])


def test_a_file_is_listed_explained_and_replayed(deployed: Checkout, tmp_path: Path) -> None:
    csv = tmp_path / "operated.csv"
    csv.write_text("id,v\n1,a\n2,b\n3,c\n")
    deployed.upload(csv)
    key = "operated/operated.csv"
    [listed] = _json(deployed, "files", "dev", "--dataset", "operated")
    assert (listed["key"], listed["state"], listed["attempts"]) == (key, "succeeded", 1)
    story = _json(deployed, "file", "dev", key)
    assert {line["source"] for line in story["log"]} >= {"trigger", "job"}
    assert story["file"]["run_id"] in {run["run_id"] for run in _json(deployed, "runs", "dev")}
    assert deployed.succeed("logs", "dev", "--file", key, "--run", story["file"]["run_id"])

    deployed.succeed("replay", "dev", key)
    eventually(lambda: _state_of(deployed, key) == "succeeded")
    again = _json(deployed, "file", "dev", key)
    assert again["file"]["run_id"] != story["file"]["run_id"]
    assert again["file"]["outputs"] == story["file"]["outputs"]
    assert again["file"]["attempts"] == 1


def test_rows_set_aside_are_shown_exported_and_loaded_once_repaired(deployed: Checkout, tmp_path: Path) -> None:
    csv = tmp_path / "ragged.csv"
    csv.write_text("id,v\n" + "".join(f"{number},a\n" for number in range(20)) + "20,b,surplus\n")
    deployed.upload(csv)
    key = "ragged/ragged.csv"
    [found] = _json(deployed, "quarantine", "list", "dev", "--dataset", "ragged")
    assert found["rows_quarantined"] == 1
    [row] = _json(deployed, "quarantine", "show", "dev", key)
    assert (row["line"], row["raw"]) == (22, "20,b,surplus")
    repaired = tmp_path / "repaired.csv"
    deployed.succeed("quarantine", "export", "dev", key, "--to", repaired)
    assert repaired.read_text() == "id,v\n20,b,surplus\n"
    repaired.write_text("id,v\n20,b\n")
    deployed.succeed("quarantine", "replay", "dev", key, repaired)
    loaded = f"ragged/repaired/{found['file_id']}.csv"
    eventually(lambda: loaded in {item["key"] for item in _json(deployed, "files", "dev", "--state", "succeeded")})


def test_a_paused_environment_starts_nothing_until_it_is_resumed(deployed: Checkout, tmp_path: Path) -> None:
    assert "dev is paused" in deployed.gluepipe("pause", "dev").stderr
    csv = tmp_path / "paused.csv"
    csv.write_text("id\n1\n")
    deployed.succeed("upload", "dev", csv)
    assert _json(deployed, "files", "dev", "--dataset", "paused") == []
    assert "dev is running" in deployed.gluepipe("resume", "dev").stderr
    eventually(lambda: _json(deployed, "files", "dev", "--dataset", "paused", "--state", "succeeded"))


def test_what_a_run_cost_is_charged_to_its_files_and_reported(deployed: Checkout, tmp_path: Path) -> None:
    csv = tmp_path / "charged.csv"
    csv.write_text("id\n1\n")
    deployed.upload(csv)

    def file() -> dict[str, Any]:
        found: dict[str, Any] = _json(deployed, "file", "dev", "charged/charged.csv")["file"]
        return found

    eventually(lambda: "dpu_seconds" in file())
    [run_id] = file()["charged_runs"]
    assert run_id == file()["run_id"]
    bill = _json(deployed, "cost", "dev", "--dataset", "charged")
    assert bill["total"]["dpu_seconds"] == file()["dpu_seconds"] >= 60
    assert _json(deployed, "cost", "dev")["runs"]["runs"] >= 1
    page = tmp_path / "report.html"
    deployed.succeed("report", "dev", "--html", page)
    assert "charged" in page.read_text()
