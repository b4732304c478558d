"""Charges what a run cost to its files: Glue bills runs, and people ask what a dataset or a file costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from lambda_trigger.ledger import Ledger
from lambda_trigger.ledger_item import run_item
from lambda_trigger.run_files import RunFiles
from lambda_trigger.services import in_parallel

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import JobRunTypeDef

MINIMUM_SECONDS = 60
# Bytes that a file weighs on top of its own: the calls it takes, whatever its size.
WEIGHT_OF_A_FILE = 1 << 20
DPU_PER_WORKER = {"G.025X": 0.25, "G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8, "G.12X": 12, "G.16X": 16}


@dataclass(frozen=True)
class Usage:
    """What a run took, in DPU-seconds, and what is billed for it: a minute of it at least."""

    seconds: int
    used: float
    billed: float

    @classmethod
    def of(cls, run: JobRunTypeDef) -> Usage:
        """As Glue describes the run: `DPUSeconds` where it scales by itself, else its workers for its whole time."""
        seconds = run.get("ExecutionTime", 0)
        used = float(run.get("DPUSeconds") or seconds * _workers(run))
        billed = used * max(1.0, MINIMUM_SECONDS / seconds) if seconds else 0.0
        return cls(seconds, used, billed)


@dataclass(frozen=True)
class Charges:
    """Writes the cost of runs into the ledger."""

    ledger: Ledger

    def of_run(self, run_id: str, given: RunFiles) -> Usage | None:
        """Record a run that has ended and charge its files, each once however often this is called.

        None when Glue does not know the run. A run whose manifest is gone is recorded without files.
        """
        run, files = given.run, given.sizes
        if run is None:
            return None
        usage = Usage.of(run)
        self.ledger.record_run(
            run_item(
                run_id,
                run["StartedOn"],
                run_state=run["JobRunState"],
                seconds=usage.seconds,
                dpu_seconds=_number(usage.billed),
                dpu_seconds_used=_number(usage.used),
                files=len(files),
                bytes_in=sum(files.values()),
            )
        )
        shares = shared_out(usage.billed, files)
        in_parallel(lambda file_id: self.ledger.charge(file_id, run_id, _number(shares[file_id])), shares)
        return usage


def shared_out(amount: float, sizes: Mapping[str, int]) -> dict[str, float]:
    """Share an amount out by size in bytes, to which every file adds the weight of its calls."""
    weights = {name: size + WEIGHT_OF_A_FILE for name, size in sizes.items()}
    whole = sum(weights.values())
    return {name: amount * weight / whole for name, weight in weights.items()}


def _workers(run: JobRunTypeDef) -> float:
    """DPUs of a run that does not scale."""
    factor = DPU_PER_WORKER.get(run.get("WorkerType", ""))
    return factor * run.get("NumberOfWorkers", 0) if factor else run.get("MaxCapacity", 0.0)


def _number(amount: float) -> Decimal:
    return Decimal(str(round(amount, 3)))
