"""Removes an environment: nothing is touched before it is certain that all of it may go."""

from dataclasses import dataclass

from gluepipe import data_buckets
from gluepipe.access import open_account
from gluepipe.console import Confirm, Say
from gluepipe.data_buckets import Contents
from gluepipe.deployment.stacks import Deployment
from gluepipe.errors import GluePipeError
from gluepipe.names import Stack
from gluepipe.project import Project
from gluepipe.settings import Environment
from gluepipe.terraform.runner import PlanResult


@dataclass(frozen=True)
class Permissions:
    """What the person agreed to: deleting data, and destroying an environment that is `protected`."""

    delete_data: bool = False
    even_protected: bool = False


def check(project: Project, environment: Environment, permissions: Permissions) -> list[Contents]:
    """Return the data buckets that hold something; raises GluePipeError when that, or a protection, forbids it."""
    name = environment.name
    if environment.protected and not permissions.even_protected:
        fix = f"Add --even-protected, or set environments.{name}.protected = false in gluepipe.toml."
        raise GluePipeError(f"{name} is protected; nothing was deleted.", fix)
    s3 = open_account(project, environment.account).s3
    counted = [data_buckets.count(s3, bucket) for bucket in project.settings.names(environment).data_buckets]
    holding = [contents for contents in counted if contents]
    if holding and not permissions.delete_data:
        listed = "\n".join(f"  {contents}" for contents in holding)
        fix = "To delete the data too, add --delete-data."
        raise GluePipeError(f"{name} still holds data; nothing was deleted.\n{listed}", fix)
    return holding


def destroy(deployment: Deployment, stacks: list[Stack], permissions: Permissions, say: Say, confirm: Confirm) -> None:
    """Destroy the stacks, application first; data that may go is deleted right before the infrastructure.

    `check` comes before this. A destroy that failed half-way can simply be run again.
    """
    for stack in reversed(stacks):
        if not deployment.is_applied(stack):
            say(f"{stack}: nothing to destroy")
            continue
        say(f"{stack}: planning to destroy {deployment.environment.name}")
        planned = deployment.plan(stack, destroy=True)
        if planned.result is PlanResult.NO_CHANGES:
            say(f"{stack}: nothing to destroy")
            continue
        if not confirm(f"Destroy {stack} of {deployment.environment.name}?"):
            raise GluePipeError("Not destroyed: the plan was not confirmed.")
        if stack is Stack.INFRASTRUCTURE and permissions.delete_data:
            _empty_data_buckets(deployment, say)
        deployment.apply(planned)
        say(f"{stack}: destroyed")


def _empty_data_buckets(deployment: Deployment, say: Say) -> None:
    project, environment = deployment.project, deployment.environment
    s3 = open_account(project, environment.account).s3
    for bucket in project.settings.names(environment).data_buckets:
        if data_buckets.count(s3, bucket):
            total = data_buckets.empty(s3, bucket)
            say(f"{bucket}: deleted {total} versions and delete markers")
