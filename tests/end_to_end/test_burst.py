"""A small burst with everything going wrong; `python -m benchmarks.burst` is the large one."""

from __future__ import annotations

from benchmarks.burst_load import Load
from benchmarks.burst_run import Conditions, run
from benchmarks.deployment import administered
from tests.end_to_end.conftest import Checkout


def test_a_rough_burst_loses_only_what_a_killed_run_had_and_the_sweep_brings_it_back(deployed: Checkout) -> None:
    load = Load("rough_burst", files=80, seed=6)  # this seed kills the trigger's third invocation
    conditions = Conditions(
        killed_within=0,  # no claim is cut short, so messages may come back before a claim's lease is over
        visibility_seconds=15,
        messages_per_invocation=10,
        sweep=False,
        patience_seconds=180,
    )

    outcome = run(deployed.project, administered(deployed.project), load, conditions)

    assert outcome.problems == []
    assert 0 < outcome.left <= outcome.killed_files
    assert outcome.repeated == 8
    assert outcome.metrics["Errors"] > 0
