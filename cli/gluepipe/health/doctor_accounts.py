"""What `doctor` looks at in the accounts: whose they are, their states and locks, and what runs in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from gluepipe.access import Access, check_identity, open_account, take_role
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


def examine(project: Project) -> Iterator[Finding]:
    """Look at each account that holds an environment, then at each environment whose account is in order."""
    environments = project.settings.environments.values()
    usable = set()
    for account in {environment.account.name: environment.account for environment in environments}.values():
        found = list(_account_findings(project, account))
        yield from found
        if all(finding.level != "missing" for finding in found):
            usable.add(account)
    for environment in (each for each in environments if each.account in usable):
        yield from _environment_findings(project, environment)


def _account_findings(project: Project, account: Account) -> Iterator[Finding]:
    name = f"account {account.name}"
    identity = checked(name, partial(_identity, project, account, name))
    yield identity
    if identity.level == "ok":
        state = f"state {account.name}"
        found = checked(state, partial(_state_bucket, project, account, state))
        yield found
        if found.level == "ok":
            yield checked(f"lock {account.name}", partial(_lock, project, account, f"lock {account.name}"))


def _identity(project: Project, account: Account, name: str) -> Finding:
    check_identity(project, account, Role.PLAN)
    access = open_account(project, account, Role.PLAN)
    found = access.session.client("sts", endpoint_url=access.endpoint).get_caller_identity()
    if found["Account"] != account.id:
        fix = f"Use credentials of {account.id}, or correct accounts.{account.name} in gluepipe.toml."
        return Finding(name, "missing", f"{found['Arn']} is not in {account.id}", fix)
    return Finding(name, "ok", f"{account.id}, as {found['Arn'].rsplit(':', 1)[-1]}")


def _state_bucket(project: Project, account: Account, name: str) -> Finding:
    bucket = project.settings.account_names(account).state_bucket
    fix = f"As an administrator of {account.id}: gluepipe bootstrap {account.name}"
    try:
        versioning = open_account(project, account, Role.PLAN).s3.get_bucket_versioning(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            return Finding(name, "warning", f"there is no {bucket} yet", fix)
        return Finding(name, "missing", f"{bucket}: {error}", fix)
    if versioning.get("Status") != "Enabled":
        return Finding(name, "missing", f"{bucket} keeps no versions: a damaged state could not be brought back", fix)
    return Finding(name, "ok", f"{bucket}, versioned")


def _lock(project: Project, account: Account, name: str) -> Finding:
    if not project.settings.people_may_deploy(account):
        return Finding(name, "ok", "left to the pipeline, which alone deploys there")
    bucket = project.settings.account_names(account).state_bucket
    try:
        state_lock.probe(take_role(project, account).s3, bucket)
    except ClientError as error:
        fix = f"As an administrator of {account.id}: gluepipe bootstrap {account.name}"
        return Finding(name, "missing", f"the deploy role cannot lock states in {bucket}: {error}", fix)
    return Finding(name, "ok", "the deploy role can lock states")


def _environment_findings(project: Project, environment: Environment) -> Iterator[Finding]:
    access, names = open_account(project, environment.account, Role.PLAN), project.settings.names(environment)
    for part, look in {"notification": _notification, "queue": _queue, "glue": _glue}.items():
        name = f"{environment.name} {part}"
        try:
            yield look(access, names, name)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "NoSuchBucket":
                yield Finding(environment.name, "ok", "not deployed")
                return
            fix = f"gluepipe bootstrap {environment.account.name}" if code in DENIED else _apply(names)
            yield Finding(name, "missing", str(error), fix)


def _apply(names: EnvironmentNames) -> str:
    return f"gluepipe apply {names.environment} --stack infrastructure"


def _notification(access: Access, names: EnvironmentNames, name: str) -> Finding:
    """Look who hears of uploads: a bucket has one configuration, and whoever writes it last wins, silently.

    EventBridge hears of them too, for the log of all that arrives.
    """
    found: dict[str, Any] = dict(access.s3.get_bucket_notification_configuration(Bucket=names.input_bucket))
    for expected in ("ResponseMetadata", "EventBridgeConfiguration"):
        found.pop(expected, None)
    queues = [entry["QueueArn"].rsplit(":", 1)[-1] for entry in found.pop("QueueConfigurations", [])]
    fix = f"Put it back: {_apply(names)}"
    if names.queue not in queues:
        return Finding(name, "missing", f"{names.input_bucket} announces no uploads to {names.queue}", fix)
    queues.remove(names.queue)
    if others := [*queues, *(kind for kind, entries in found.items() if entries)]:
        detail = f"{names.input_bucket} has a second owner of its notifications: {', '.join(others)}"
        return Finding(name, "warning", detail, f"Let Terraform alone write them. {fix}")
    return Finding(name, "ok", "uploads are announced, to the queue alone")


def _queue(access: Access, names: EnvironmentNames, name: str) -> Finding:
    url = access.sqs.get_queue_url(QueueName=names.queue)["QueueUrl"]
    attributes = access.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    visible = int(attributes["VisibilityTimeout"])
    timeout = access.functions.get_function_configuration(FunctionName=names.trigger_function)["Timeout"]
    detail = f"messages are hidden for {visible} s, the trigger takes {timeout} s at most"
    if visible >= VISIBILITY_FACTOR * timeout:
        return Finding(name, "ok", detail)
    needed = f"{VISIBILITY_FACTOR} times that are needed, else a file is handed out twice"
    return Finding(name, "missing" if visible < timeout else "warning", f"{detail}: {needed}", _apply(names))


def _glue(access: Access, names: EnvironmentNames, name: str) -> Finding:
    try:
        job = access.glue.get_job(JobName=names.job)["Job"]
    except access.glue.exceptions.EntityNotFoundException:
        return Finding(name, "ok", "the application is not deployed")
    return glue_finding(name, job["GlueVersion"], datetime.now(UTC).date())


def glue_finding(name: str, version: str, today: date) -> Finding:
    """Return what there is to say about a job's Glue version on a day."""
    fix = (
        f"Choose a newer glue_version in modules/glue_job, run the job's tests on it, and apply. {glue_versions.SOURCE}"
    )
    end = glue_versions.ENDS.get(version)
    if end is None:
        unknown = f"Look it up and add it to cli/gluepipe/health/glue_versions.py: {glue_versions.SOURCE}"
        return Finding(name, "warning", f"Glue {version}: whether AWS ends it is not known here", unknown)
    detail = f"Glue {version}: {_words(end, today)}"
    if end.life and end.life <= today:
        return Finding(name, "missing", detail, fix)
    nears = any(moment and moment - NOTICE <= today for moment in (end.support, end.life))
    return Finding(name, "warning", detail, fix) if nears else Finding(name, "ok", detail)


def _words(end: End, today: date) -> str:
    moments = {"life": end.life, "support": end.support}
    said = [f"end of {what} {moment:%Y-%m-%d}" for what, moment in moments.items() if moment]
    if end.life and end.life <= today:
        return f"no run starts any more ({said[0]})"
    return ", ".join(said) or "AWS has announced no end of it"
