"""One deployed environment, opened: its names, its clients, its ledger and its queues."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from gluepipe.access import Access, open_account
from gluepipe.errors import GluePipeError
from gluepipe.names import EnvironmentNames
from gluepipe.project import Project
from lambda_trigger.bucket_check import BucketCheck
from lambda_trigger.decide import Rules
from lambda_trigger.ledger import Ledger
from lambda_trigger.requeue import Requeue


@dataclass(frozen=True)
class Deployed:
    """What the operators' commands work on."""

    access: Access
    names: EnvironmentNames

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.access.ledger, self.names.ledger)

    @cached_property
    def bucket(self) -> BucketCheck:
        return BucketCheck(self.access.s3, self.ledger, Rules(self.names.input_bucket))

    @cached_property
    def requeue(self) -> Requeue:
        return Requeue(self.ledger, self.access.sqs, self.queue_url(self.names.queue))

    def queue_url(self, name: str) -> str:
        return self.access.sqs.get_queue_url(QueueName=name)["QueueUrl"]


def open_environment(project: Project, environment: str) -> Deployed:
    """Open an environment by name; raises GluePipeError when there is no ledger yet, or the account is out of reach."""
    chosen = project.settings.environment(environment)
    access = open_account(project, chosen.account)
    names = project.settings.names(chosen)
    try:
        access.dynamodb.describe_table(TableName=names.ledger)
    except access.dynamodb.exceptions.ResourceNotFoundException:
        fix = f"Deploy it first: gluepipe apply {environment}"
        raise GluePipeError(f"{environment} has no ledger {names.ledger}.", fix) from None
    return Deployed(access, names)
