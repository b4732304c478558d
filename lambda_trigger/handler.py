"""The trigger's entry point: SQS messages in, partial batch response out."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambda_trigger import correlation
from lambda_trigger.batch import Report, process_batch
from lambda_trigger.config import Config
from lambda_trigger.errors import JobUnavailableError
from lambda_trigger.file_version import FileVersion
from lambda_trigger.services import AwsServices

logger = Logger(service="trigger", use_rfc3339=True, utc=True)
metrics = Metrics(namespace="GluePipe", service="trigger")


@cache
def services() -> AwsServices:
    """The clients, made at the first event and kept for the life of the function."""
    return AwsServices.connect(Config.from_environment())


@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext | None = None) -> dict[str, Any]:
    correlation.begin(logger, context)
    aws = services()
    report = process_batch(event, aws.config, aws)
    log_report(report)
    count_report(report, aws.config.environment)
    return report.response()


def log_report(report: Report) -> None:
    """One line per file, so that a file's story can be found by its id."""
    for run_id, starts in report.started.items():
        for start in starts:
            logger.info("file started", extra={**_about(start.event.file), "run_id": run_id})
    for note in report.ignored:
        about = {**_about(note.file), "message_id": note.message_id}
        logger.info("ignored", extra={**about, "reason": note.reason})
    for message in report.buried:
        logger.error("message moved to the dead-letter queue", message_id=message.message_id, reason=message.problem)
    if isinstance(report.refusal, JobUnavailableError):
        logger.error(str(report.refusal))
    for reason, messages in Counter(report.failed.values()).items():
        logger.warning("messages handed back", reason=reason, messages=messages)


def count_report(report: Report, environment: str) -> None:
    metrics.add_dimension("environment", environment)
    counts = {
        "RunsStarted": len(report.started),
        "FilesStarted": sum(len(starts) for starts in report.started.values()),
        "FilesIgnored": len(report.ignored),
        "MessagesHandedBack": len(report.failed),
        "MessagesBuried": len(report.buried),
    }
    for name, count in counts.items():
        metrics.add_metric(name, MetricUnit.Count, count)
    if report.oldest:
        age = datetime.now(UTC) - report.oldest
        metrics.add_metric("BacklogAge", MetricUnit.Seconds, max(age.total_seconds(), 0))


def _about(file: FileVersion | None) -> dict[str, str]:
    if file is None:
        return {}
    return {"file_id": file.file_id, "dataset": file.dataset, "source_file": file.source_file}
