from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from gluepipe.emulator import control, endpoint, process
from gluepipe.emulator.endpoint import EmulatorError
from tests.cli.emulator.account import ACCOUNTS, REGION, Account, invoke
from tests.waiting import eventually


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    process.down(tmp_path)


def start(folder: Path) -> process.Started:
    return process.up(folder, accounts=ACCOUNTS, region=REGION)


def killed(folder: Path) -> endpoint.Emulator:
    emulator = start(folder).emulator
    os.kill(emulator.pid, signal.SIGKILL)
    assert eventually(lambda: not endpoint.answers(emulator))
    return emulator


def test_up_twice_is_one_process_that_down_ends(folder: Path) -> None:
    first, second = start(folder), start(folder)
    assert (first.fresh, second.fresh) == (True, False)
    assert first.emulator == second.emulator
    assert process.status(folder).state == "running"
    assert process.down(folder).state == "running"
    assert process.status(folder) == process.Status("stopped", None)
    assert process.down(folder).state == "stopped"


def test_callers_at_the_same_time_share_one_process(folder: Path) -> None:
    with ProcessPoolExecutor(3) as pool:
        started = list(pool.map(start, [folder] * 3))
    assert len({outcome.emulator.pid for outcome in started}) == 1
    assert sorted(outcome.fresh for outcome in started) == [False, False, True]


def test_two_state_folders_do_not_disturb_each_other(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    assert start(folder).emulator.url != start(other).emulator.url
    process.down(other)
    assert process.status(folder).state == "running"


@pytest.mark.parametrize("account", ACCOUNTS)
def test_the_environment_is_that_of_an_accounts_administrator(
    folder: Path, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(folder)
    for name, value in control.environment(folder, ACCOUNTS[account]).items():
        monkeypatch.setenv(name, value)
    identity = boto3.Session().client("sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:iam::{ACCOUNTS[account]}:user/administrator"


def test_listens_on_the_loopback_only(folder: Path) -> None:
    port = int(start(folder).emulator.url.rsplit(":", 1)[1])
    with socket.socket() as elsewhere:
        elsewhere.bind(("127.0.0.2", port))  # would fail if the emulator had the port on every address


def test_record_with_the_keys_is_private(folder: Path) -> None:
    start(folder)
    assert (folder / endpoint.RECORD).stat().st_mode & 0o077 == 0


def test_killed_emulator_is_told_with_its_consequence_and_the_way_out(folder: Path) -> None:
    emulator = killed(folder)
    assert process.status(folder).state == "lost"
    with pytest.raises(EmulatorError) as caught:
        control.environment(folder, ACCOUNTS["dev"])
    assert f"process {emulator.pid}" in caught.value.reason
    assert "gone, and with it everything" in caught.value.reason
    assert "gluepipe apply dev" in caught.value.fix


def test_up_after_a_kill_starts_afresh_and_says_so(folder: Path) -> None:
    before = killed(folder)
    outcome = start(folder)
    assert (outcome.fresh, outcome.lost) == (True, True)
    assert outcome.emulator.token != before.token


def test_down_after_a_kill_clears_up(folder: Path) -> None:
    killed(folder)
    assert process.down(folder).state == "lost"
    assert process.status(folder).state == "stopped"


def test_another_process_with_the_same_pid_and_port_is_not_taken_for_the_emulator(folder: Path) -> None:
    emulator = start(folder).emulator
    assert not endpoint.answers(replace(emulator, token="of-an-earlier-one"))


def test_mute_process_is_an_error_not_a_hang(folder: Path) -> None:
    emulator = start(folder).emulator
    with socket.create_server(("127.0.0.1", 0)) as mute:
        mute_url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(EmulatorError, match="does not answer"):
            endpoint.answers(replace(emulator, url=mute_url), timeout=0.3)
    assert time.monotonic() - began < 5


def test_down_does_not_kill_a_process_that_is_not_an_emulator(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    emulator = start(folder).emulator
    process.down(folder)
    monkeypatch.setattr(process, "STOP_SECONDS", 0.3)
    monkeypatch.setattr(endpoint, "ANSWER_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        mute_url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        endpoint.write(folder, replace(emulator, pid=os.getpid(), url=mute_url))
        with pytest.raises(EmulatorError, match=f"process {os.getpid()} is not it"):
            process.down(folder)
    (folder / endpoint.RECORD).unlink()


def test_not_running_names_the_command_that_starts_it(folder: Path) -> None:
    with pytest.raises(EmulatorError, match=r"not running.*gluepipe emulator up"):
        process.running(folder)


def test_other_accounts_are_refused_while_it_runs(folder: Path) -> None:
    start(folder)
    with pytest.raises(EmulatorError, match="other accounts or another region"):
        process.up(folder, accounts={**ACCOUNTS, "dev": "444444444444"}, region=REGION)


def test_failing_start_shows_why(folder: Path) -> None:
    (folder / "work").write_text("not a folder")
    with pytest.raises(EmulatorError, match="did not start: FileExistsError"):
        start(folder)


def test_damaged_record_names_the_file(folder: Path) -> None:
    (folder / endpoint.RECORD).write_text("{")
    with pytest.raises(EmulatorError, match=r"endpoint\.json is damaged"):
        process.status(folder)
    (folder / endpoint.RECORD).unlink()


def test_emulator_ends_by_itself_when_its_folder_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    emulator = start(folder).emulator
    shutil.rmtree(folder)
    assert eventually(lambda: not endpoint.answers(emulator))


def test_killed_emulator_takes_its_job_runs_and_functions_along(folder: Path) -> None:
    emulator = start(folder).emulator
    account = Account(boto3.Session(**control.administrator(folder, ACCOUNTS["dev"])), emulator.url)
    account.create_role()
    account.job("orphan", "import time\ntime.sleep(60)\n")
    account.function("orphan", "def handler(event, context):\n    return 1\n")
    account.client("glue").start_job_run(JobName="orphan")
    assert invoke(account, "orphan", {}) == 1
    assert eventually(lambda: len(children(folder)) == 2)
    os.kill(emulator.pid, signal.SIGKILL)
    assert eventually(lambda: not children(folder))


def children(folder: Path) -> list[str]:
    """Command lines of the processes that run something from the emulator's work folder."""
    listing = subprocess.run(["ps", "-ww", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listing.splitlines() if str(folder / "work") in line]


def test_finding_it_imports_neither_moto_nor_boto3() -> None:
    command = "import sys, gluepipe.emulator.process; sys.exit(bool({'moto', 'boto3'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", command]).returncode == 0
