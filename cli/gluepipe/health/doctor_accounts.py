"""What `doctor` looks at in the accounts: whose they are, their states and locks, and what runs in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from gluepipe.access import Access, open_account, take_role
from gluepipe.health import glue_versions
from gluepipe.health.findings import Finding, checked
from gluepipe.health.glue_versions import End
from gluepipe.names import EnvironmentNames, Role
from gluepipe.terraform import state_lock

if TYPE_CHECKING:
    from gluepipe.project import Project
    from gluepipe.settings import Account, Environment

VISIBILITY_FACTOR = 6  # what AWS asks for, so that a throttled batch is not handed out twice
NOTICE = timedelta(days=180)
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "403"})


def examine(project: Project) -> dict[str, Finding]:
    """Look at each account that holds an environment, then at each environment whose account is in order."""
    environments = project.settings.environments.values()
    found: dict[str, Finding] = {}
    usable = set()
    for account in {environment.account.name: environment.account for environment in environments}.values():
        of_account = dict(_account_findings(project, account))
        found |= of_account
        if all(finding.level != "missing" for finding in of_account.values()):
            usable.add(account)
    for environment in (each for each in environments if each.account in usable):
        found |= dict(_environment_findings(project, environment))
    return found


def _account_findings(project: Project, account: Account) -> Iterator[tuple[str, Finding]]:
    """Look at one thing after the other, as long as each is in order: the next one needs it."""
    for name, check in {"account": _identity, "state": _state_bucket, "lock": _lock}.items():
        found = checked(partial(check, project, account))
        yield f"{name} {account.name}", found
        if found.level != "ok":
            return


def _identity(project: Project, account: Account) -> Finding:
    caller = open_account(project, account, Role.PLAN).sts.get_caller_identity()["Arn"]
    return Finding("ok", f"{account.id}, as {caller.rsplit(':', 1)[-1]}")


def _state_bucket(project: Project, account: Account) -> Finding:
    bucket = project.settings.account_names(account).state_bucket
    try:
        versioning = open_account(project, account, Role.PLAN).s3.get_bucket_versioning(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            return Finding("warning", f"there is no {bucket} yet", account.remedy)
        return Finding("missing", f"{bucket}: {error}", account.remedy)
    if versioning.get("Status") != "Enabled":
        return Finding(
            "missing", f"{bucket} keeps no versions: a damaged state could not be brought back", account.remedy
        )
    return Finding("ok", f"{bucket}, versioned")


def _lock(project: Project, account: Account) -> Finding:
    if not project.settings.people_may_deploy(account):
        return Finding("ok", "left to the pipeline, which alone deploys there")
    bucket = project.settings.account_names(account).state_bucket
    try:
        state_lock.probe(take_role(project, account).s3, bucket)
    except ClientError as error:
        return Finding("missing", f"the deploy role cannot lock states in {bucket}: {error}", account.remedy)
    return Finding("ok", "the deploy role can lock states")


def _environment_findings(project: Project, environment: Environment) -> Iterator[tuple[str, Finding]]:
    access, names = open_account(project, environment.account, Role.PLAN), project.settings.names(environment)
    for part, look in {"notification": _notification, "queue": _queue, "glue": _glue}.items():
        name = f"{environment.name} {part}"
        try:
            yield name, look(access, names)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "NoSuchBucket":
                yield environment.name, Finding("ok", "not deployed")
                return
            fix = f"gluepipe bootstrap {environment.account.name}" if code in DENIED else _apply(names)
            yield name, Finding("missing", str(error), fix)


def _apply(names: EnvironmentNames) -> str:
    return f"gluepipe apply {names.environment} --stack infrastructure"


def _notification(access: Access, names: EnvironmentNames) -> Finding:
    """Look who hears of uploads: a bucket has one configuration, and whoever writes it last wins, silently.

    EventBridge hears of them too, for the log of all that arrives.
    """
    found: dict[str, Any] = dict(access.s3.get_bucket_notification_configuration(Bucket=names.input_bucket))
    for expected in ("ResponseMetadata", "EventBridgeConfiguration"):
        found.pop(expected, None)
    queues = [entry["QueueArn"].rsplit(":", 1)[-1] for entry in found.pop("QueueConfigurations", [])]
    fix = f"Put it back: {_apply(names)}"
    if names.queue not in queues:
        return Finding("missing", f"{names.input_bucket} announces no uploads to {names.queue}", fix)
    queues.remove(names.queue)
    if others := [*queues, *(kind for kind, entries in found.items() if entries)]:
        detail = f"{names.input_bucket} has a second owner of its notifications: {', '.join(others)}"
        return Finding("warning", detail, f"Let Terraform alone write them. {fix}")
    return Finding("ok", "uploads are announced, to the queue alone")


def _queue(access: Access, names: EnvironmentNames) -> Finding:
    url = access.sqs.get_queue_url(QueueName=names.queue)["QueueUrl"]
    attributes = access.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    visible = int(attributes["VisibilityTimeout"])
    timeout = access.functions.get_function_configuration(FunctionName=names.trigger_function)["Timeout"]
    detail = f"messages are hidden for {visible} s, the trigger takes {timeout} s at most"
    if visible >= VISIBILITY_FACTOR * timeout:
        return Finding("ok", detail)
    needed = f"{VISIBILITY_FACTOR} times that are needed, else a file is handed out twice"
    return Finding("missing" if visible < timeout else "warning", f"{detail}: {needed}", _apply(names))


def _glue(access: Access, names: EnvironmentNames) -> Finding:
    try:
        job = access.glue.get_job(JobName=names.job)["Job"]
    except access.glue.exceptions.EntityNotFoundException:
        return Finding("ok", "the application is not deployed")
    return glue_finding(job["GlueVersion"], datetime.now(UTC).date())


def glue_finding(version: str, today: date) -> Finding:
    """Return what there is to say about a job's Glue version on a day."""
    fix = (
        f"Choose a newer glue_version in modules/glue_job, run the job's tests on it, and apply. {glue_versions.SOURCE}"
    )
    end = glue_versions.ENDS.get(version)
    if end is None:
        unknown = f"Look it up and add it to cli/gluepipe/health/glue_versions.py: {glue_versions.SOURCE}"
        return Finding("warning", f"Glue {version}: whether AWS ends it is not known here", unknown)
    detail = f"Glue {version}: {_words(end, today)}"
    if end.life and end.life <= today:
        return Finding("missing", detail, fix)
    nears = any(moment and moment - NOTICE <= today for moment in (end.support, end.life))
    return Finding("warning", detail, fix) if nears else Finding("ok", detail)


def _words(end: End, today: date) -> str:
    moments = {"life": end.life, "support": end.support}
    said = [f"end of {what} {moment:%Y-%m-%d}" for what, moment in moments.items() if moment]
    if end.life and end.life <= today:
        return f"no run starts any more ({said[0]})"
    return ", ".join(said) or "AWS has announced no end of it"
