"""Two commands at once in one checkout."""

import fcntl
import threading

import pytest

from gluepipe.project import Project
from gluepipe.terraform import checkout_lock


def test_a_command_waits_for_the_one_before_it_and_says_so(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    entered = threading.Event()

    def enter() -> None:
        with checkout_lock.held(project), checkout_lock.held(project):
            entered.set()

    project.state_folder.mkdir()
    with (project.state_folder / "lock").open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        waiting = threading.Thread(target=enter)
        waiting.start()
        assert not entered.wait(0.2)
    waiting.join(timeout=30)
    assert entered.is_set()
    assert capsys.readouterr().err == "Waiting for another gluepipe command in this checkout.\n"


def test_the_lock_is_let_go_of_when_a_command_fails(project: Project) -> None:
    with pytest.raises(ZeroDivisionError), checkout_lock.held(project):
        raise ZeroDivisionError
    with (project.state_folder / "lock").open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
