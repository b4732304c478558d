"""What an environment did in a period, summed up file by file: memory depends on datasets and period, not on files."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gluepipe.operations import cost, ledger
from gluepipe.operations.cost import Bill
from gluepipe.operations.deployed import Deployed
from gluepipe.operations.largest import Largest
from gluepipe.operations.ledger import ROW_COUNTS, Filter, Item
from gluepipe.prices import Prices
from gluepipe.report.distribution import Distribution
from lambda_trigger.ledger_item import State

ATTRIBUTES = (
    *cost.ATTRIBUTES, *ROW_COUNTS, "error", "file_id", "finished_at", "latency", "size", "started_at", "state",
)  # fmt: skip
SLOTS = 200  # at most
SLOT_WIDTHS = [
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=3),
    timedelta(hours=6), timedelta(days=1),
]  # fmt: skip
SLOWEST = 10
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Slot:
    """What happened to the files claimed within one stretch of time; `latency` is from upload to end, in seconds."""

    begin: datetime
    states: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    latency: Distribution = field(default_factory=Distribution)
    dpu_seconds: float = 0


@dataclass
class Quality:
    """How the files and rows of a dataset fared."""

    states: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Timing:
    """A file that has ended: seconds from upload to end, and how many of them it waited for its run to take it up."""

    total: float
    waited: float
    key: str
    dataset: str
    size: int


@dataclass
class Failures:
    """The files of a dataset that failed for one reason; `last` is the one claimed last."""

    count: int
    last: Item


class Activity:
    """The sums of a period; `bill` is what it cost."""

    def __init__(self, bill: Bill) -> None:
        self.bill = bill
        self.width = slot_width(bill.until - bill.since)
        first = bill.since - (bill.since - EPOCH) % self.width
        self.slots = [Slot(first + self.width * n) for n in range((bill.until - first) // self.width + 1)]
        self.datasets: dict[str, Quality] = {}
        self.failures: dict[tuple[str, str], Failures] = {}
        self.latency = Distribution()
        self.slowest: Largest[Timing] = Largest(SLOWEST, lambda timing: timing.total)

    def add(self, item: Item) -> None:
        """Count a file of the ledger in; needs ATTRIBUTES."""
        claimed_at = datetime.fromisoformat(item["claimed_at"])
        slot = self.slots[min((claimed_at - self.slots[0].begin) // self.width, len(self.slots) - 1)]
        for sums in (slot, self.datasets.setdefault(item["dataset"], Quality())):
            sums.states[item["state"]] += 1
            sums.rows.update({name: item.get(name, 0) for name in ROW_COUNTS})
        slot.dpu_seconds += item.get("dpu_seconds", 0)
        if timing := _timing(item, claimed_at):
            self.latency.add(timing.total)
            slot.latency.add(timing.total)
            self.slowest.add(timing)
        if item["state"] == State.FAILED:
            self._add_failure(item)
        self.bill.add(item)

    @property
    def states(self) -> Counter[str]:
        """How many files are in each state."""
        return sum((quality.states for quality in self.datasets.values()), Counter())

    @property
    def rows(self) -> Counter[str]:
        return sum((quality.rows for quality in self.datasets.values()), Counter())

    def _add_failure(self, item: Item) -> None:
        reason = (item["dataset"], (item.get("error") or {}).get("code", "unknown"))
        known = self.failures.setdefault(reason, Failures(0, item))
        known.count += 1
        known.last = max(known.last, item, key=lambda one: str(one["claimed_at"]))


def slot_width(period: timedelta) -> timedelta:
    """The narrowest width of which there are not too many in the period."""
    fitting = (width for width in SLOT_WIDTHS if period / width <= SLOTS)
    return next(fitting, timedelta(days=-(-period // (SLOTS * timedelta(days=1)))))


def read_activity(deployed: Deployed, prices: Prices, since: datetime, until: datetime) -> Activity:
    """Read the ledger, a page at a time."""
    activity = Activity(Bill(prices, since, until))
    for item in ledger.each_file(deployed.ledger, Filter(since=since), ATTRIBUTES):
        activity.add(item)
    for run in ledger.each_run(deployed.ledger, since):
        activity.bill.runs.add(run)
    return activity


def _timing(item: Item, claimed_at: datetime) -> Timing | None:
    """None for a file that no run has taken to its end."""
    if not (item.get("started_at") and item.get("finished_at")) or item["state"] not in (State.SUCCEEDED, State.FAILED):
        return None
    started_at, finished_at = (datetime.fromisoformat(item[name]) for name in ("started_at", "finished_at"))
    since_claim = (finished_at - claimed_at).total_seconds()
    # The job measures from the upload. Failed and replayed files have no such figure, or one of another attempt.
    since_upload = item.get("latency", 0) if item["state"] == State.SUCCEEDED else 0
    total, worked = max(since_claim, since_upload), (finished_at - started_at).total_seconds()
    return Timing(total, total - worked, item["key"], item["dataset"], item["size"])
