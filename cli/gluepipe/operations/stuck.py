"""Files that nobody works on any more: past their lease without a run, or left behind by a run that ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from gluepipe.errors import UsageProblem
from gluepipe.operations.deployed import Deployed
from gluepipe.operations.ledger import Item
from gluepipe.operations.runs import find_run
from lambda_trigger.ledger_item import State, timestamp

ON_ITS_WAY = frozenset({State.CLAIMED, State.RUNNING})
AT_WORK = frozenset({"STARTING", "RUNNING", "STOPPING", "WAITING"})
# What of an item tells whether it is stuck, beside its state.
HELD = ("lease_until", "run_id")


@dataclass
class Stuck:
    """Tells at `now` which files are stuck; Glue is asked once for each run."""

    deployed: Deployed
    now: datetime
    _at_work: dict[str, bool] = field(default_factory=dict)

    def holds(self, item: Item) -> bool:
        """Whether a file that is claimed or running by its ledger item is stuck."""
        if item.get("lease_until", "") > timestamp(self.now):
            return False
        run_id = item.get("run_id")
        return not (run_id and self._is_at_work(run_id))

    def _is_at_work(self, run_id: str) -> bool:
        if run_id not in self._at_work:
            try:
                self._at_work[run_id] = find_run(self.deployed, run_id).state in AT_WORK
            except UsageProblem:
                self._at_work[run_id] = False
        return self._at_work[run_id]
