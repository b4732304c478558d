"""The demo's own files and its last words; the whole demo runs in the end-to-end tests."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from gluepipe.commands import cli
from gluepipe.commands.demo import next_steps, program, tell_progress
from gluepipe.demo import data as demo
from gluepipe.errors import GluePipeError
from gluepipe.operations import upload
from gluepipe.project import Project


def test_the_files_are_there_and_each_has_a_table_of_its_own() -> None:
    datasets = [dataset for _, dataset in upload.check_files(demo.files())]
    assert sorted(datasets) == ["airlines", "airports", "flights", "messy_orders", "planes", "weather"]
    assert datasets[0] == "messy_orders"


def test_missing_public_data_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PUBLIC_DATA", "no-such-data")
    with pytest.raises(GluePipeError, match="make setup"):
        demo.files()


def test_it_is_for_the_emulated_account_only(own_accounts: Project) -> None:
    result = CliRunner().invoke(cli, ["demo"])
    assert result.exit_code == 1
    assert "emulated account only" in result.stderr


def test_of_terraforms_output_only_what_was_finished_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    tell_progress('module.a.aws_s3_bucket.this["x"]: Creating...\n')
    tell_progress('module.a.aws_s3_bucket.this["x"]: Creation complete after 2s [id=b]\n')
    assert capsys.readouterr().err == '       module.a.aws_s3_bucket.this["x"] (2s)\n'


def test_the_next_steps_are_commands_that_exist_and_can_be_typed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [str(Path(".venv") / "bin" / "gluepipe")])
    monkeypatch.setenv("PATH", "")
    assert program() == str(Path(".venv") / "bin" / "gluepipe")
    for command, _ in next_steps("dev"):
        assert CliRunner().invoke(cli, [command.split()[0], "--help"]).exit_code == 0
