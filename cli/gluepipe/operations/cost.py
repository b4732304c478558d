"""What files cost: the DPU-seconds that the ledger charged them, and the prices of `gluepipe.toml`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from gluepipe.errors import UsageProblem
from gluepipe.operations import ledger
from gluepipe.operations.deployed import Deployed
from gluepipe.operations.largest import Largest
from gluepipe.operations.ledger import Filter, Item
from gluepipe.prices import Prices
from gluepipe.settings import Settings

ATTRIBUTES = ("dataset", "key", "bytes_in", "bytes_out", "dpu_seconds", "claimed_at")
SECONDS_PER_HOUR = 3600
GB = 1e9
MONTH = timedelta(days=30)
DEAREST = 10
# Below so many files to a run, and with more than half of the bill for time that nobody used, batching would help.
FEW_FILES = 10
ENOUGH_RUNS = 20


@dataclass
class Usage:
    """What some files took; `uncharged` counts those that no run has been charged to yet."""

    files: int = 0
    uncharged: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    dpu_seconds: float = 0

    def add(self, item: Item) -> None:
        self.files += 1
        self.uncharged += "dpu_seconds" not in item
        self.bytes_in += item.get("bytes_in", 0)
        self.bytes_out += item.get("bytes_out", 0)
        self.dpu_seconds += item.get("dpu_seconds", 0)


@dataclass
class RunUsage:
    """What runs took: billed DPU-seconds, and how many of them only fill the minute that a run costs at least."""

    runs: int = 0
    files: int = 0
    dpu_seconds: float = 0
    unused_dpu_seconds: float = 0

    def add(self, item: Item) -> None:
        self.runs += 1
        self.files += item["files"]
        self.dpu_seconds += item["dpu_seconds"]
        self.unused_dpu_seconds += item["dpu_seconds"] - item["dpu_seconds_used"]

    @property
    def hint(self) -> str:
        """What to change when many runs are paid for few files; empty when nothing is wrong."""
        if self.runs < ENOUGH_RUNS or self.files >= FEW_FILES * self.runs:
            return ""
        if self.unused_dpu_seconds <= self.dpu_seconds / 2:
            return ""
        return (
            f"{self.runs:,} runs had {self.files / self.runs:.1f} files each, and "
            f"{self.unused_dpu_seconds / self.dpu_seconds:.0%} of their bill only fills the minute that a run costs at "
            "least. Have fewer, larger files sent, or more of them at a time; files that come within batch_window "
            "(modules/infrastructure/main.tf; 300 s at most) share a run."
        )


@dataclass(frozen=True)
class Cost:
    """US dollars: for the runs, for the requests, and for keeping input and output for a month."""

    runs: float
    requests: float
    storage_month: float

    @classmethod
    def of(cls, usage: Usage, prices: Prices) -> Cost:
        return cls(
            runs=usage.dpu_seconds / SECONDS_PER_HOUR * prices.dpu_hour,
            requests=usage.files / 1000 * prices.requests_per_1000_files,
            storage_month=(usage.bytes_in + usage.bytes_out) / GB * prices.storage_gb_month,
        )

    @property
    def processing(self) -> float:
        """What is paid once, for turning the files into tables."""
        return self.runs + self.requests


@dataclass
class Bill:
    """The cost of the files claimed from `since` until `until`, summed up while they are read; `dearest` keeps some."""

    prices: Prices
    since: datetime
    until: datetime
    datasets: dict[str, Usage] = field(default_factory=dict)
    runs: RunUsage = field(default_factory=RunUsage)
    dearest: Largest[Item] = field(default_factory=lambda: Largest(DEAREST, lambda item: item["dpu_seconds"]))

    def add(self, item: Item) -> None:
        """Count a file of the ledger in; needs ATTRIBUTES."""
        self.datasets.setdefault(item["dataset"], Usage()).add(item)
        if "dpu_seconds" in item:
            self.dearest.add(item)

    @property
    def total(self) -> Usage:
        whole = Usage()
        for usage in self.datasets.values():
            for name, amount in asdict(usage).items():
                setattr(whole, name, getattr(whole, name) + amount)
        return whole

    @property
    def cost(self) -> Cost:
        return self.cost_of(self.total)

    @property
    def by_dataset(self) -> list[tuple[str, Usage, Cost]]:
        """Every dataset, the dearest first."""
        rows = [(name, usage, self.cost_of(usage)) for name, usage in self.datasets.items()]
        return sorted(rows, key=lambda row: (-row[2].processing, row[0]))

    @property
    def month(self) -> Cost:
        """What 30 days like these cost, and what keeping the files of such a month costs each month from then on."""
        factor = MONTH / (self.until - self.since)
        cost = self.cost
        return Cost(cost.runs * factor, cost.requests * factor, cost.storage_month * factor)

    def cost_of(self, usage: Usage) -> Cost:
        return Cost.of(usage, self.prices)

    def dollars_of(self, item: Item) -> float:
        """What one file cost to process."""
        one = Usage()
        one.add(item)
        return self.cost_of(one).processing

    def as_document(self) -> dict[str, Any]:
        """Return everything for `--json`; `usd` is US dollars."""
        return {
            "since": self.since,
            "until": self.until,
            "prices": asdict(self.prices),
            "total": _document(self.total, self.cost),
            "month": asdict(self.month),
            "datasets": {name: _document(usage, cost) for name, usage, cost in self.by_dataset},
            "runs": asdict(self.runs),
            "hint": self.runs.hint,
            "dearest": [{**item, "usd": self.dollars_of(item)} for item in self.dearest.descending()],
        }


def prices_of(settings: Settings) -> Prices:
    """The prices of the settings; raises UsageProblem when there are none."""
    if settings.prices is None:
        reason = f"{settings.path.name} has no [prices]."
        keys = "dpu_hour, storage_gb_month, requests_per_1000_files and as_of"
        raise UsageProblem(reason, f"Add the table with {keys}, as docs/cost.md has it.")
    return settings.prices


def read_bill(deployed: Deployed, prices: Prices, dataset: str | None, since: datetime, until: datetime) -> Bill:
    """Sum the ledger up. A run serves several datasets: runs are left out where one dataset is asked for."""
    bill = Bill(prices, since, until)
    for item in ledger.each_file(deployed.ledger, Filter(dataset, since=since), ATTRIBUTES):
        bill.add(item)
    if dataset is None:
        for run in ledger.each_run(deployed.ledger, since):
            bill.runs.add(run)
    return bill


def _document(usage: Usage, cost: Cost) -> dict[str, Any]:
    return {**asdict(usage), "usd": {**asdict(cost), "processing": cost.processing}}
