"""The emulated accounts from the command line, with a real emulator."""

import json
import os
import signal
import time
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from gluepipe.commands import cli
from gluepipe.emulator import process
from gluepipe.project import Project


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["emulator", *arguments])


@pytest.fixture
def running(project: Project) -> Iterator[Project]:
    assert run("up").exit_code == 0
    yield project
    process.down(project.emulator_folder)


def test_it_is_started_found_and_stopped(running: Project) -> None:
    assert "running already" in run("up").stderr
    status = json.loads(run("status", "--json").stdout)
    assert status["state"] == "running"
    assert status["url"].startswith("http://127.0.0.1:")
    assert run("down").stderr == "Stopped.\n"
    assert run("status").exit_code == 1
    assert "was not running" in run("down").stderr


def test_a_killed_one_is_told_never_hung_on(running: Project) -> None:
    os.kill(process.running(running.emulator_folder).pid, signal.SIGKILL)
    time.sleep(0.2)
    (running.root / "orders.csv").write_text("a\n1\n")
    result = CliRunner().invoke(cli, ["upload", "dev", "orders.csv"])
    assert result.exit_code == 1
    assert "is gone, and with it everything in the emulated accounts" in result.stderr
    assert "had died" in run("up").stderr


def test_on_aws_there_is_none_to_start(own_accounts: Project) -> None:
    result = run("up")
    assert result.exit_code == 1
    assert 'Set target = "emulator"' in result.stderr
