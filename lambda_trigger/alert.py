"""The alert's entry point: a failed run or a ringing alarm in, one message to people out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambda_trigger import correlation
from lambda_trigger.affected import FINAL, Files, age_told
from lambda_trigger.config import required
from lambda_trigger.decide import Rules
from lambda_trigger.last_words import LastWords
from lambda_trigger.ledger import Ledger
from lambda_trigger.ledger_item import Item, State
from lambda_trigger.message import SHOWN, Affected, LogPlace, Problem
from lambda_trigger.run_files import RunFiles
from lambda_trigger.start import Job
from lambda_trigger.untold import SetAside, Untold, set_aside

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sqs.client import SQSClient

RUN_FAILED = "job-failed"
LOOK_AT_RUN = "logs {} --run {}"
DESCRIPTION = re.compile(
    r"(?P<what>.*) Runbook: docs/operations\.md#\S+ Run: gluepipe (?P<look>.*?)( Replay: .*)?", re.DOTALL
)
# What else to run where no file is known.
UNDELIVERED = "replay {} --undelivered"
REPLAYS = {"dead-letters": "replay {} --dead-letters", "alert-errors": UNDELIVERED, "undelivered-events": UNDELIVERED}
REPLAY = "replay {} --state failed --dry-run"

# What they tell of may be in the queue of undelivered events.
OF_ITSELF = ("alert-errors", "undelivered-events")
# Whose log tells why an alarm rings, where it is not the trigger's.
TELLS_WHY = {"sweep-errors": "sweep", "stuck-files": "sweep", "alert-errors": "alert", "undelivered-events": "alert"}

logger = Logger(service="alert", use_rfc3339=True, utc=True)


@dataclass(frozen=True)
class Config:
    """Where things are; `prefix` starts the names of alarms and functions."""

    environment: str
    prefix: str
    region: str
    topic_arn: str
    input_bucket: str
    job_name: str
    job_group: str
    arrivals_group: str
    ledger_table: str
    undelivered_queue_url: str

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> Config:
        """Read the settings; raises ConfigError naming the variable that is missing."""
        return cls(
            environment=required(variables, "ENVIRONMENT"),
            prefix=required(variables, "PREFIX"),
            region=required(variables, "AWS_REGION"),
            topic_arn=required(variables, "ALARM_TOPIC_ARN"),
            input_bucket=required(variables, "INPUT_BUCKET"),
            job_name=required(variables, "JOB_NAME"),
            job_group=required(variables, "JOB_LOG_GROUP"),
            arrivals_group=required(variables, "ARRIVALS_LOG_GROUP"),
            ledger_table=required(variables, "LEDGER_TABLE"),
            undelivered_queue_url=required(variables, "UNDELIVERED_QUEUE_URL"),
        )


@dataclass(frozen=True)
class Alert:
    """What a message is made from."""

    config: Config
    ledger: Ledger
    logs: CloudWatchLogsClient
    glue: GlueClient
    s3: S3Client
    sns: Any
    sqs: SQSClient

    @classmethod
    def connect(cls, config: Config) -> Alert:
        ledger = Ledger(boto3.resource("dynamodb").meta.client, config.ledger_table)
        sns: Any = boto3.client("sns")
        return cls(
            config, ledger, boto3.client("logs"), boto3.client("glue"), boto3.client("s3"), sns, boto3.client("sqs")
        )

    def of_run(self, ended: Mapping[str, Any]) -> Problem | None:
        """What to say of a run that failed; None if all that it left undone was told of at its first attempt."""
        run_id = ended["jobRunId"]
        left = [item for item in self._files_of(run_id) if _is_left(item)]
        if left and all(_attempt(item, run_id) > 1 for item in left):
            return None
        log = LogPlace(self.config.region, self.config.job_group, run_id)
        error = LastWords(self.logs).of_run(self.config.job_group, run_id) or str(ended.get("message", ""))
        reason = f"the run ended as {ended['state']}: {ended.get('message') or error}"
        files = [_affected(item, reason, run_id, error, log) for item in left]
        what = f"The run {run_id} of {self.config.job_name} ended as {ended['state']}: {ended.get('message', '')}"
        look = LOOK_AT_RUN.format(self.config.environment, run_id)
        return self._problem(RUN_FAILED, what, look, files, error, log)

    def of_alarm(self, changed: Mapping[str, Any], now: datetime) -> Problem:
        """What to say of an alarm that rings."""
        name = changed["alarmName"].removeprefix(self.config.prefix)
        said = changed["configuration"]["description"]
        described = DESCRIPTION.fullmatch(said)
        what, look = described.group("what", "look") if described else (said, f"status {self.config.environment}")
        words, log = LastWords(self.logs), self._function_log(name)
        events = set_aside(self.sqs, self.config.undelivered_queue_url) if name in OF_ITSELF else []
        error = words.of_function(log.group, now) or next((event.reason for event in events), "")
        found = self._found(name, changed, events, now)
        files = [self._file(words, item, reason, error, log) for item, reason in found[:SHOWN]]
        files += [_affected(item, reason, None, "", log) for item, reason in found[SHOWN:]]
        return self._problem(name, what, look, files, error, log)

    def _found(
        self, name: str, changed: Mapping[str, Any], events: list[SetAside], now: datetime
    ) -> list[tuple[Item, str]]:
        """The files that an alarm, or an event that reached nobody, is about: each once, with the first reason."""
        files = Files(self.ledger, self.logs, self.config.arrivals_group, Rules(self.config.input_bucket), now)
        untold = Untold(files, self._files_of, self.config.prefix).of(events)
        also = files.worth_telling() if name == "alert-errors" else []
        found: dict[str, tuple[Item, str]] = {}
        for item, reason in (*untold, *also) if name in OF_ITSELF else files.of(name, age_told(changed)):
            found.setdefault(item["file_id"], (item, reason))
        return list(found.values())

    def tell(self, problem: Problem) -> None:
        attributes: Any = {
            name: {"DataType": "String", "StringValue": value}
            for name, value in (("environment", problem.environment), ("alarm", problem.name))
        }
        self.sns.publish(
            TopicArn=self.config.topic_arn, Subject=problem.subject, Message=problem.text, MessageAttributes=attributes
        )

    def _problem(self, name: str, what: str, look: str, files: list[Affected], error: str, log: LogPlace) -> Problem:
        replay = REPLAYS.get(name, REPLAY).format(self.config.environment)
        return Problem(self.config.environment, name, what, look, files, error, log, replay)

    def _file(self, words: LastWords, item: Item, reason: str, error: str, log: LogPlace) -> Affected:
        """A file with the last words of its run, or of the function where no run had it."""
        run_id = item.get("run_id") or (item.get("requeued") or {}).get("run_id")
        if run_id:
            error = words.of_run(self.config.job_group, run_id)
            log = LogPlace(self.config.region, self.config.job_group, run_id)
        return _affected(item, reason, run_id, error, log)

    def _function_log(self, alarm: str) -> LogPlace:
        return LogPlace(self.config.region, f"/aws/lambda/{self.config.prefix}{TELLS_WHY.get(alarm, 'trigger')}")

    def _files_of(self, run_id: str) -> Iterable[Item]:
        return RunFiles.of(Job(self.glue, self.config.job_name), self.s3, run_id).items(self.ledger)


@cache
def services() -> Alert:
    """The clients, made at the first event and kept for the life of the function."""
    return Alert.connect(Config.from_environment())


def lambda_handler(event: dict[str, Any], context: LambdaContext | None = None) -> None:
    correlation.begin(logger, context)
    alert, detail = services(), event["detail"]
    if event["detail-type"] == "Glue Job State Change":
        problem = alert.of_run(detail)
    else:
        problem = alert.of_alarm(detail, datetime.now(UTC))
    if problem is None:
        logger.info("told before of that run's files", extra={"run_id": detail["jobRunId"]})
        return
    alert.tell(problem)
    logger.info(f"told of {problem.name}", extra={"alarm": problem.name, "files": len(problem.files)})


def _affected(item: Item, reason: str, run_id: str | None, error: str, log: LogPlace) -> Affected:
    return Affected(item["file_id"], item["key"], item["source_file"], reason, run_id, error, log)


def _is_left(item: Item) -> bool:
    """Whether a run that failed left a file undone; one that failed by its own fault is told of as such."""
    if item["state"] in FINAL:
        return False
    return item["state"] != State.FAILED or bool(item["error"].get("retryable")) or item["attempts"] > 1


def _attempt(item: Item, run_id: str) -> int:
    """Which attempt at a file a run was; another run may have it by now."""
    return int(item["attempts"]) - (item.get("run_id") not in (None, run_id))
