"""Terraform through the adapter: exit codes, variables, streaming, interrupts, locks (a fake or the real binary)."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gluepipe.console import hidden
from gluepipe.errors import ExitCode, GluePipeError
from gluepipe.terraform import binary, live_process
from gluepipe.terraform.failures import NotBegunError, StalePlanError, StateLockedError
from gluepipe.terraform.runner import PlanResult, Terraform, write_variables
from tests.waiting import eventually

Program = Callable[[str], Path]

VALUES = {
    "name": "my pipeline",
    "quote": 'say "hi" it\'s',
    "equals": "9abc+/==",
    "hash": "a # not a comment",
    "dollar": "$HOME ${not_interp} %{if}",
    "newline": "line1\nline2",
    "unicode": "café 東京",
    "enabled": True,
    "count_of": 3,
    "ratio": 0.1,
    "list": ["a b", "c,d"],
    "map": {"Team": "data & ops", "k=v": "x"},
    "empty": "",
    "unset": None,
    "leading_dash": "-destroy",
    "digits": "0123",
}

LOCK_ERROR = """
╷
│ Error: Error acquiring the state lock
│
│ Error message: operation error S3: PutObject, https response error StatusCode: 412
│ Lock Info:
│   ID:        6d2c9d34-6f5c-4dc1-b0a6-6a2c6f1e0c11
│   Path:      gluepipe-dev-state-222222222222-eu-central-1/dev/infrastructure.tfstate
│   Operation: OperationTypeApply
│   Who:       anna@laptop
│   Version:   1.11.4
│   Created:   2026-11-25 12:00:00.123 +0000 UTC
│   Info:
│
│
│ Terraform acquires a state lock to protect the state from being written
╵
"""


STALE_ERROR = """
╷
│ Error: Saved plan is stale
│
│ The given plan file can no longer be applied because the state was changed
│ by another operation after the plan was created.
╵
"""


def terraform(command: Path | str, folder: Path, **options: object) -> Terraform:
    return Terraform([str(command)], folder, dict(os.environ), show=hidden, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("returncode", "result"), [(0, PlanResult.NO_CHANGES), (2, PlanResult.CHANGES)], ids=["none", "changes"]
)
def test_plan_tells_no_changes_from_changes(
    program: Program, tmp_path: Path, returncode: int, result: PlanResult
) -> None:
    fake = program(f"sys.exit({returncode})")
    assert terraform(fake, tmp_path).plan(tmp_path / "plan") is result


@pytest.mark.parametrize(("command", "returncode"), [("plan", 1), ("apply", 1), ("apply", 2), ("init", 1)])
def test_every_other_exit_code_is_a_failure(program: Program, tmp_path: Path, command: str, returncode: int) -> None:
    fake = terraform(program(f"sys.stderr.write('no such region'); sys.exit({returncode})"), tmp_path)
    calls = {
        "plan": lambda: fake.plan(tmp_path / "p"),
        "apply": lambda: fake.apply(tmp_path / "p"),
        "init": fake.init,
    }
    with pytest.raises(GluePipeError, match=rf"terraform {command} failed with exit code {returncode}") as caught:
        calls[command]()
    assert caught.value.exit_code == ExitCode.FAILURE


def test_what_a_hidden_command_says_when_it_fails_is_in_the_error(program: Program, tmp_path: Path) -> None:
    fake = program("sys.stderr.write('Backend configuration changed'); sys.exit(1)")
    with pytest.raises(GluePipeError, match="Backend configuration changed"):
        terraform(fake, tmp_path).init()


def test_being_killed_by_sigint_is_an_interrupt(program: Program, tmp_path: Path) -> None:
    fake = program("signal.signal(signal.SIGINT, signal.SIG_DFL); os.kill(os.getpid(), signal.SIGINT)")
    with pytest.raises(KeyboardInterrupt):
        terraform(fake, tmp_path).apply(tmp_path / "plan")


def test_being_killed_otherwise_is_a_failure(program: Program, tmp_path: Path) -> None:
    fake = program("os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(GluePipeError, match="killed by signal 9"):
        terraform(fake, tmp_path).apply(tmp_path / "plan")


def test_a_missing_program_says_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(GluePipeError, match=r"could not be started.*Install Terraform 1\.10"):
        terraform(tmp_path / "none", tmp_path).init()


def test_no_input_is_asked_for_no_lock_overridden_and_no_state_migrated(program: Program, tmp_path: Path) -> None:
    fake = program("open('seen', 'a').write(json.dumps([sys.argv[1:], sys.stdin.read()]) + '\\n'); sys.exit(0)")
    runner = terraform(fake, tmp_path, lock_timeout="7s")
    runner.init(tmp_path / "backend.hcl")
    runner.plan(tmp_path / "a plan")
    runner.apply(tmp_path / "a plan")
    seen = [json.loads(line) for line in (tmp_path / "seen").read_text().splitlines()]
    assert [arguments[0] for arguments, _ in seen] == ["init", "plan", "apply"]
    for arguments, stdin in seen:
        assert "-input=false" in arguments
        assert "-no-color" in arguments
        assert not any(word.startswith(("-lock=", "-force", "-var=")) for word in arguments)
        assert stdin == ""
    assert "-reconfigure" in seen[0][0]
    assert not [word for word in seen[0][0] if "migrate" in word]
    assert all("-lock-timeout=7s" in arguments for arguments, _ in seen[1:])
    assert seen[2][0][-1] == str(tmp_path / "a plan")


def test_every_value_survives_the_way_through_terraform(tmp_path: Path) -> None:
    folder = tmp_path / "a module"
    folder.mkdir()
    declared = "\n".join(
        f'variable "{n}" {{\n  type    = any\n  default = null\n}}\n\noutput "{n}" {{\n  value = var.{n}\n}}'
        for n in VALUES
    )
    (folder / "main.tf").write_text(declared)
    found = binary.find()
    runner = Terraform(found.command, folder, {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull}, show=hidden)
    write_variables(folder / "gluepipe.auto.tfvars.json", VALUES)
    runner.init()
    assert runner.plan(folder / "the plan") is PlanResult.CHANGES
    runner.apply(folder / "the plan")
    expected = {name: value for name, value in VALUES.items() if value is not None}
    # Terraform does not store an output that is null.
    assert {name: value for name, value in runner.outputs().items() if value is not None} == expected


def test_a_variables_file_that_was_readable_by_others_no_longer_is(tmp_path: Path) -> None:
    path = tmp_path / "gluepipe.auto.tfvars.json"
    path.write_text("{}")
    path.chmod(0o644)
    write_variables(path, {"a": True})
    assert path.stat().st_mode & 0o777 == 0o600


def test_lines_are_seen_within_a_second_of_being_printed_in_order_and_kept(program: Program, tmp_path: Path) -> None:
    fake = program(
        "for n in range(6):\n"
        "    stream = sys.stderr if n % 2 else sys.stdout\n"
        "    print(n, time.time(), file=stream, flush=True)\n"
        "    time.sleep(0.1)"
    )
    seen: list[tuple[str, float]] = []

    def show(line: str) -> None:
        seen.append((line, time.time()))

    finished = live_process.run([str(fake)], tmp_path, dict(os.environ), show, show)
    assert [line.split()[0] for line, _ in seen] == list("012345")
    assert all(at - float(line.split()[1]) < 1 for line, at in seen)
    assert len(finished.stdout.splitlines()) == len(finished.stderr.splitlines()) == 3


def test_much_output_is_kept_whole(program: Program, tmp_path: Path) -> None:
    fake = program("sys.stderr.write('e' * 300_000); sys.stdout.write('o' * 300_000); sys.stderr.write('e' * 300_000)")
    finished = live_process.run([str(fake)], tmp_path, dict(os.environ), hidden, hidden)
    assert (len(finished.stdout), len(finished.stderr)) == (300_000, 600_000)


def test_a_grandchild_that_stays_behind_does_not_keep_us(program: Program, tmp_path: Path) -> None:
    fake = program("import subprocess; subprocess.Popen(['sleep', '20']); print('done')")
    before = time.monotonic()
    assert live_process.run([str(fake)], tmp_path, dict(os.environ), hidden, hidden).stdout == "done\n"
    assert time.monotonic() - before < 10


def test_ctrl_c_reaches_terraform_once_and_its_end_is_awaited(program: Program, tmp_path: Path) -> None:
    fake = program(
        "got = []\n"
        "signal.signal(signal.SIGINT, lambda *_: got.append(1))\n"
        "open('ready', 'w').close()\n"
        "time.sleep(0.5); time.sleep(0.5); time.sleep(0.5)\n"
        "open('interrupts', 'w').write(str(len(got)))"
    )

    def interrupt_twice() -> None:
        while not (tmp_path / "ready").exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)

    impatient = threading.Thread(target=interrupt_twice)
    impatient.start()
    with pytest.raises(KeyboardInterrupt):
        terraform(fake, tmp_path).apply(tmp_path / "plan")
    impatient.join()
    assert (tmp_path / "interrupts").read_text() == "1"


def test_a_program_comes_to_its_end_when_we_are_killed(program: Program, tmp_path: Path) -> None:
    fake = program(
        "print('begun', flush=True); time.sleep(1)\n"
        "for stream in (sys.stdout, sys.stderr): print('going on', file=stream, flush=True)\n"
        "open('ended', 'w').close()"
    )
    ours = (
        "import os, pathlib; from gluepipe.terraform import live_process\n"
        "kill = lambda line: os.kill(os.getpid(), 9)\n"
        f"live_process.run([{str(fake)!r}], pathlib.Path({str(tmp_path)!r}), dict(os.environ), kill, kill)"
    )
    assert subprocess.run([sys.executable, "-c", ours], check=False).returncode == -signal.SIGKILL
    eventually(lambda: (tmp_path / "ended").exists())


def test_a_plan_that_somebody_was_faster_than_is_explained(program: Program, tmp_path: Path) -> None:
    fake = program(f"sys.stderr.write({STALE_ERROR!r}); sys.exit(1)")
    with pytest.raises(StalePlanError, match="nothing was changed"):
        terraform(fake, tmp_path).apply(tmp_path / "plan")


def test_a_held_lock_is_explained_with_the_command_that_releases_it(program: Program, tmp_path: Path) -> None:
    fake = program(f"sys.stderr.write({LOCK_ERROR!r}); sys.exit(1)")
    unlock = "gluepipe unlock dev --stack infrastructure {id}"
    with pytest.raises(StateLockedError) as caught:
        terraform(fake, tmp_path, unlock=unlock).plan(tmp_path / "plan")
    said = str(caught.value)
    for part in ("anna@laptop", "2026-11-25 12:00:00", "apply", "dev/infrastructure.tfstate"):
        assert part in said
    assert "gluepipe unlock dev --stack infrastructure 6d2c9d34-6f5c-4dc1-b0a6-6a2c6f1e0c11" in said


def test_a_lock_that_nobody_holds_and_cannot_be_taken_is_not_called_held(program: Program, tmp_path: Path) -> None:
    fake = program("sys.stderr.write('Error: Error acquiring the state lock\\n\\nAccess Denied'); sys.exit(1)")
    with pytest.raises(NotBegunError, match=r"(?s)could not be taken\..*Access Denied") as caught:
        terraform(fake, tmp_path).apply(tmp_path / "plan")
    assert not isinstance(caught.value, StateLockedError)


def test_what_was_shown_already_is_not_said_again(program: Program, tmp_path: Path) -> None:
    fake = program("sys.stderr.write('no such region'); sys.exit(1)")
    said: list[str] = []
    for show, again in ((said.append, False), (hidden, True)):
        with pytest.raises(GluePipeError) as caught:
            Terraform([str(fake)], tmp_path, dict(os.environ), show=show).plan(tmp_path / "plan")
        assert ("no such region" in caught.value.reason) is again


def test_an_unreachable_registry_is_answered_with_how_to_get_a_provider(program: Program, tmp_path: Path) -> None:
    fake = program(
        "sys.stderr.write('Error: Failed to query available provider packages\\ncould not connect'); sys.exit(1)"
    )
    with pytest.raises(GluePipeError, match="found no AWS provider") as caught:
        terraform(fake, tmp_path).init()
    assert "terraform providers mirror" in caught.value.fix
    assert "GLUEPIPE_PROVIDER_MIRROR" in caught.value.fix


def test_a_terraform_that_is_too_old_is_passed_over_for_the_bundled_one(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = program("print(json.dumps({'terraform_version': '1.9.8'}))")
    monkeypatch.setenv("PATH", str(fake.parent))
    found = binary.find()
    assert found.origin == "bundled"
    assert found.command == (sys.executable, "-m", "gluepipe.terraform.bundled")


def test_the_bundled_terraform_keeps_terraforms_exit_codes(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('output "x" {\n  value = 1\n}\n')
    command = [sys.executable, "-m", "gluepipe.terraform.bundled"]
    plan = subprocess.run([*command, "plan", "-detailed-exitcode"], cwd=tmp_path, capture_output=True, timeout=60)
    assert plan.returncode == 2
    nonsense = subprocess.run([*command, "plan", "-nonsense"], cwd=tmp_path, capture_output=True, timeout=60)
    assert nonsense.returncode == 1
