from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gluepipe.emulator import control
from gluepipe.emulator.faults import Fault, Faults
from tests.cli.emulator.account import Account, invoke
from tests.waiting import eventually

SOURCE = "def handler(event, context):\n    return 'done'\n"
SLOW = "import time\n\ndef handler(event, context):\n    print('begun', flush=True)\n    time.sleep(20)\n"


@pytest.fixture
def fragile(state_dir: Path, account: Account, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a function whose faults end with the test."""
    name = request.node.name.replace("_", "-")[:60]
    yield name
    control.fail_invocations(state_dir, name, 0)


def moments(seed: int, rate: float = 0.3) -> list[float | None]:
    faults = Faults()
    faults.ask(Fault("f", rate, 2.0, seed))
    return [faults.moment("f") for _ in range(1000)]


def test_the_seed_decides_which_invocations_are_struck_and_when() -> None:
    struck = [moment for moment in moments(1) if moment is not None]
    assert moments(1) == moments(1) != moments(2)
    assert 250 < len(struck) < 350
    assert 0 <= min(struck) < 0.1 < 1.9 < max(struck) <= 2


def test_a_function_nobody_asked_for_is_never_struck() -> None:
    faults = Faults()
    faults.ask(Fault("other", 1, 0, 0))
    assert faults.moment("f") is None


@pytest.mark.parametrize(("rate", "seconds"), [(1.1, 0), (-0.1, 0), (0.5, -1)])
def test_a_fault_that_cannot_be_is_refused(rate: float, seconds: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        Fault("f", rate, seconds, 0)


def test_invocations_fail_until_the_rate_is_0(state_dir: Path, account: Account, fragile: str) -> None:
    account.function(fragile, SOURCE)
    control.fail_invocations(state_dir, fragile, 1)
    assert invoke(account, fragile, {})["errorType"] == "Runtime.ExitError"
    control.fail_invocations(state_dir, fragile, 0)
    assert invoke(account, fragile, {}) == "done"


def test_a_handler_is_killed_in_the_middle(state_dir: Path, account: Account, fragile: str) -> None:
    account.function(fragile, SLOW)
    control.fail_invocations(state_dir, fragile, 1, seconds=4, seed=1)
    assert invoke(account, fragile, {})["errorType"] == "Runtime.ExitError"
    assert "begun" in account.log_lines(f"/aws/lambda/{fragile}")


def test_a_message_whose_invocation_was_lost_comes_back(state_dir: Path, account: Account, fragile: str) -> None:
    queue = account.queue(fragile, VisibilityTimeout="1")
    account.function(fragile, SOURCE)
    control.fail_invocations(state_dir, fragile, 1)
    account.mapping(fragile, queue)
    account.client("sqs").send_message(QueueUrl=queue, MessageBody="precious")
    time.sleep(2)
    assert sum(account.queue_counts(queue)) == 1
    control.fail_invocations(state_dir, fragile, 0)
    eventually(lambda: account.queue_counts(queue) == (0, 0))
