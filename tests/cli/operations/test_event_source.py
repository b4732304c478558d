"""pause and resume: the trigger is held back, and goes on."""

from __future__ import annotations

import pytest

from tests.cli.operated import Account, create_trigger, run

pytestmark = pytest.mark.usefixtures("project")


def test_pause_and_resume_switch_the_event_source(account: Account) -> None:
    create_trigger(account)
    assert "dev is paused; 0 messages" in run("pause", "dev").stderr
    assert "dev is paused already" in run("pause", "dev").stderr
    assert "dev is running; 0 messages" in run("resume", "dev").stderr


def test_pause_says_where_there_is_no_trigger(account: Account) -> None:
    result = run("pause", "dev")
    assert result.exit_code == 1
    assert "has no event source" in result.stderr
