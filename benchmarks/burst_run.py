"""One burst from the first upload until all is quiet, with everything going wrong on the way that may go wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.burst_check import items_of, ledger_problems, manifest_of, table_problems, unfinished
from benchmarks.burst_load import Load, Put, copied_events, repeat_events, upload
from benchmarks.deployment import without_sweep
from gluepipe.emulator import control
from gluepipe.operations import event_source
from gluepipe.operations.deployed import Deployed
from gluepipe.operations.ledger import Filter, list_files
from gluepipe.operations.runs import Run, find_run, list_runs
from gluepipe.project import Project
from lambda_trigger.ledger_item import LEASE, State
from lambda_trigger.start import ACTIVE_STATES
from tests.waiting import eventually

POLL_SECONDS = 0.5
PAUSE_SECONDS = 2.0
QUIET_LOOKS = 4
MESSAGE_COUNTS = ("", "NotVisible", "Delayed")


@dataclass(frozen=True)
class Conditions:
    """What the burst meets.

    The part `failing` of the trigger's invocations is killed, each within its first `killed_within` seconds; their
    messages come back after `visibility_seconds`, which must outlast a claim's lease, and the seconds until the claim,
    unless no claim is ever cut short.
    """

    failing: float = 0.05
    killed_within: float = 2.0
    visibility_seconds: int = int(LEASE.total_seconds()) + 30
    messages_per_invocation: int = 100
    sweep: bool = True
    patience_seconds: float = 900


@dataclass
class Outcome:
    """What happened; `left` are the files without a final state before the sweep, `problems` what must not be."""

    seconds: float = 0
    upload_seconds: float = 0
    versions: int = 0
    repeated: int = 0
    runs: list[int] = field(default_factory=list)
    killed_run: str = ""
    killed_files: int = 0
    left: int = 0
    metrics: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Site:
    """The environment that a burst meets, and what it looked like before."""

    project: Project
    deployed: Deployed
    load: Load
    conditions: Conditions
    runs_before: frozenset[str]

    def runs(self) -> list[Run]:
        return [run for run in list_runs(self.deployed) if run.run_id not in self.runs_before]

    def is_quiet(self) -> bool:
        """Whether no message waits and no run is active."""
        names: Any = [f"ApproximateNumberOfMessages{kind}" for kind in MESSAGE_COUNTS]
        url = self.deployed.requeue.queue_url
        counts = self.deployed.access.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        active = [run for run in self.runs() if run.state in ACTIVE_STATES]
        return not active and not any(int(count) for count in counts.values())

    def is_done(self) -> bool:
        """Whether it is quiet and the ledger has no file on its way."""
        on_the_way = (Filter(dataset=self.load.dataset, state=state) for state in (State.CLAIMED, State.RUNNING))
        return self.is_quiet() and not any(list(list_files(self.deployed.ledger, which, 1)) for which in on_the_way)

    def wait(self, is_reached: Callable[[], Any], what: str) -> Any:
        """Call until the answer is true, and return it; raises TimeoutError when that takes too long."""
        return eventually(is_reached, self.conditions.patience_seconds, what)


def run(project: Project, deployed: Deployed, load: Load, conditions: Conditions) -> Outcome:
    """Let the burst happen and look at what it left. Without the sweep, the sweep comes once at the end.

    Raises:
        TimeoutError: it does not come to an end.
    """
    before = frozenset(run.run_id for run in list_runs(deployed))
    site = Site(project, deployed, load, conditions, before)
    outcome = Outcome(versions=len(load.puts))
    began, started = datetime.now(UTC), time.monotonic()
    with ExitStack() as rough:
        rough.enter_context(_rough(site))
        if not conditions.sweep:
            rough.enter_context(without_sweep(deployed))
        uploaded = _happen(site, outcome)
        _settle(site)
        outcome.seconds = time.monotonic() - started
        _look(site, uploaded, outcome)
    if not conditions.sweep:
        deployed.access.functions.invoke(FunctionName=deployed.names.sweep_function, Payload=b"{}")
        site.wait(site.is_done, "the sweep brings all back")
        outcome.problems += _problems(site, uploaded, frozenset())
    outcome.runs = [len(manifest_of(deployed, each)) for each in site.runs()]
    outcome.metrics = _metrics(deployed, began)
    return outcome


def _happen(site: Site, outcome: Outcome) -> dict[str, Put]:
    """Upload, while events are repeated, a run is killed and the poller restarts."""
    started = time.monotonic()
    with copied_events(site.deployed) as copies, ThreadPoolExecutor(4) as pool:
        uploading = pool.submit(upload, site.deployed, site.load)
        repeating = pool.submit(repeat_events, site.deployed, site.load, copies)
        killing = pool.submit(_kill_a_run, site)
        restarting = pool.submit(_restart_poller, site)
        uploaded = uploading.result()
        outcome.upload_seconds = time.monotonic() - started
        outcome.repeated, outcome.killed_run = repeating.result(), killing.result()
        restarting.result()
    return uploaded


def _settle(site: Site) -> None:
    """Wait until nothing moves any more; with the sweep, until every file is done as well."""
    quiet = 0
    while quiet < QUIET_LOOKS:
        site.wait(site.is_quiet, "the queue is empty and no run is active")
        quiet = quiet + 1 if site.is_quiet() else 0
        time.sleep(POLL_SECONDS)
    if site.conditions.sweep:
        site.wait(site.is_done, "every file is done")


def _look(site: Site, uploaded: dict[str, Put], outcome: Outcome) -> None:
    [killed] = [run for run in site.runs() if run.run_id == outcome.killed_run]
    lost = manifest_of(site.deployed, killed)
    left = unfinished(items_of(site.deployed, site.load), uploaded)
    outcome.killed_files, outcome.left = len(lost), len(left)
    if not site.conditions.sweep and not left:
        outcome.problems.append("the killed run had finished all its files: nothing was shown")
    outcome.problems += _problems(site, uploaded, frozenset() if site.conditions.sweep else left & lost)


def _problems(site: Site, uploaded: dict[str, Put], excused: frozenset[str] | set[str]) -> list[str]:
    numbers = {uploaded[name].number for name in excused}
    items = items_of(site.deployed, site.load)
    problems = ledger_problems(items, uploaded, site.load, excused)
    problems += table_problems(site.deployed, site.load, numbers)
    letters = event_source.dead_letters(site.deployed)
    return problems + ([f"{letters} messages are in the dead-letter queue"] if letters else [])


def _kill_a_run(site: Site) -> str:
    """Kill a run in the middle of its files; returns its id. One that was just about to end does not count."""
    glue, names = site.deployed.access.glue, site.deployed.names
    working = Filter(dataset=site.load.dataset, state=State.RUNNING)

    def killed() -> str | None:
        for item in list_files(site.deployed.ledger, working, limit=1):
            run = find_run(site.deployed, item["run_id"])
            glue.batch_stop_job_run(JobName=names.job, JobRunIds=[run.run_id])
            if unfinished(items_of(site.deployed, site.load), manifest_of(site.deployed, run)):
                return run.run_id
        return None

    return str(site.wait(killed, "a run is killed"))


def _restart_poller(site: Site) -> None:
    """End the event source's poller once the burst is under way, and start a new one."""
    site.wait(lambda: len(site.runs()) > 1, "a second run starts")
    event_source.set_enabled(site.deployed, False)
    time.sleep(PAUSE_SECONDS)
    event_source.set_enabled(site.deployed, True)


@contextmanager
def _rough(site: Site) -> Iterator[None]:
    """Make invocations fail, their messages come back soon, and batches small enough for many invocations."""
    deployed, access, names, conditions = site.deployed, site.deployed.access, site.deployed.names, site.conditions
    url, folder = deployed.requeue.queue_url, site.project.emulator_folder
    queue = access.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", "VisibilityTimeout"])[
        "Attributes"
    ]
    [mapping] = access.functions.list_event_source_mappings(EventSourceArn=queue["QueueArn"])["EventSourceMappings"]

    def batches_of(messages: int) -> None:
        access.functions.update_event_source_mapping(UUID=mapping["UUID"], BatchSize=messages)

    batches_of(conditions.messages_per_invocation)
    _keep_hidden(deployed, str(conditions.visibility_seconds))
    control.fail_invocations(
        folder, names.trigger_function, conditions.failing, seconds=conditions.killed_within, seed=site.load.seed
    )
    try:
        yield
    finally:
        control.fail_invocations(folder, names.trigger_function, 0)
        _keep_hidden(deployed, queue["VisibilityTimeout"])
        batches_of(mapping["BatchSize"])


def _keep_hidden(deployed: Deployed, seconds: str) -> None:
    """Set how long a received message stays invisible."""
    attributes: Any = {"VisibilityTimeout": seconds}
    deployed.access.sqs.set_queue_attributes(QueueUrl=deployed.requeue.queue_url, Attributes=attributes)


def _metrics(deployed: Deployed, began: datetime) -> dict[str, int]:
    """Sums of the trigger's metrics since `began`."""
    client = deployed.access.cloudwatch
    function: Any = [{"Name": "FunctionName", "Value": deployed.names.trigger_function}]
    ours: Any = [
        {"Name": "environment", "Value": deployed.names.environment},
        {"Name": "service", "Value": "trigger"},
    ]
    wanted = [
        ("AWS/Lambda", "Invocations", function),
        ("AWS/Lambda", "Errors", function),
        ("GluePipe", "MessagesHandedBack", ours),
    ]
    sums = {}
    for namespace, name, dimensions in wanted:
        points = client.get_metric_statistics(
            Namespace=namespace, MetricName=name, Dimensions=dimensions, StartTime=began - timedelta(seconds=1),
            EndTime=datetime.now(UTC) + timedelta(minutes=1), Period=3600, Statistics=["Sum"],
        )["Datapoints"]  # fmt: skip
        sums[name] = round(sum(point["Sum"] for point in points))
    return sums
