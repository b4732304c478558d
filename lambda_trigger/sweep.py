"""The sweep's entry point: on a schedule for everything, at the end of a run for its files. Safe at any time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambda_trigger import correlation
from lambda_trigger.bucket_check import BucketCheck
from lambda_trigger.charge import Charges
from lambda_trigger.config import Config
from lambda_trigger.ledger_item import Item
from lambda_trigger.recovery import Recovered, Recovery
from lambda_trigger.requeue import Requeue, Why
from lambda_trigger.run_files import RunFiles
from lambda_trigger.services import AwsServices

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

# With more messages than this on the queue, what looks missed or stuck is waiting for its turn.
BACKLOG = 1_000

logger = Logger(service="sweep", use_rfc3339=True, utc=True)
metrics = Metrics(namespace="GluePipe", service="sweep")


@dataclass(frozen=True)
class Sweep:
    """The parts of a sweep, connected."""

    config: Config
    sqs: SQSClient
    requeue: Requeue
    recovery: Recovery
    bucket: BucketCheck
    charges: Charges

    @classmethod
    def connect(cls, config: Config) -> Sweep:
        aws = AwsServices.connect(config)
        requeue = Requeue(aws.ledger, aws.sqs, config.queue_url)
        return cls(
            config=config,
            sqs=aws.sqs,
            requeue=requeue,
            recovery=Recovery(requeue, aws.job, config.dead_letter_queue_url),
            bucket=BucketCheck(aws.s3, aws.ledger, config.rules),
            charges=Charges(aws.ledger),
        )

    def everything(self, now: datetime) -> tuple[Recovered, list[Item]]:
        """Recover what was left behind and queue what was missed; returns both."""
        recovered = self.recovery.of_ended_runs(now)
        if self._backlog() > BACKLOG:
            return recovered, []
        recovered.requeued += self.recovery.of_stuck_claims(now)
        return recovered, self.requeue.add(self.bucket.missed(now), now, Why.MISSED)

    def _backlog(self) -> int:
        attributes = self.sqs.get_queue_attributes(
            QueueUrl=self.config.queue_url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        return sum(int(count) for count in attributes.values())


@cache
def services() -> Sweep:
    """The clients, made at the first event and kept for the life of the function."""
    return Sweep.connect(Config.from_environment())


@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext | None = None) -> None:
    correlation.begin(logger, context)
    sweep, now = services(), datetime.now(UTC)
    metrics.add_dimension("environment", sweep.config.environment)
    if event.get("detail-type") == "Glue Job State Change":
        _after_run(sweep, event["detail"], now)
    else:
        _everything(sweep, now)


def _after_run(sweep: Sweep, ended: dict[str, Any], now: datetime) -> None:
    if ended["jobName"] != sweep.config.job_name:
        return
    run_id = ended["jobRunId"]
    given = RunFiles.of(sweep.recovery.job, sweep.bucket.s3, run_id)
    _report_recovered(sweep.recovery.of_run(run_id, given.items(sweep.charges.ledger), now))
    if usage := sweep.charges.of_run(run_id, given):
        metrics.add_metric("DpuSeconds", MetricUnit.Seconds, usage.billed)


def _everything(sweep: Sweep, now: datetime) -> None:
    recovered, missed = sweep.everything(now)
    _report_recovered(recovered)
    _report("missed file queued", "FilesMissed", missed)
    # What no event told of: the reason for an alarm, while a run that was seen to fail has been told already.
    stuck = [item for item in recovered.requeued if item["requeued"]["why"] == Why.STUCK]
    metrics.add_metric("FilesStuck", MetricUnit.Count, len(stuck) + len(missed))


def _report_recovered(recovered: Recovered) -> None:
    _report("run died", "FilesOfDeadRuns", recovered.died)
    _report("file queued again", "FilesRequeued", recovered.requeued)
    _report("file moved to the dead-letter queue", "FilesBuried", recovered.buried)


def _report(message: str, metric: str, items: list[Item]) -> None:
    """Log one line for each file, and count them."""
    for item in items:
        about = {name: item.get(name) for name in ("file_id", "dataset", "source_file", "run_id", "attempts")}
        logger.warning(message, extra=about)
    metrics.add_metric(metric, MetricUnit.Count, len(items))
