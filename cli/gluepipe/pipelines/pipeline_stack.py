"""Applies `terraform/pipeline`: the delivery pipelines themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluepipe import access
from gluepipe.access import open_account_directly
from gluepipe.console import Confirm, Say
from gluepipe.deployment import bootstrap
from gluepipe.errors import GluePipeError
from gluepipe.names import PIPELINE_STATE_KEY
from gluepipe.settings import PIPELINE_ACCOUNT
from gluepipe.terraform import checkout_lock, roots, toolchain
from gluepipe.terraform.roots import Root
from gluepipe.terraform.runner import PlanResult

if TYPE_CHECKING:
    from gluepipe.project import Project


def root(project: Project) -> Root:
    """Return the root folder of the pipelines; it is applied with the pipeline account's own credentials."""
    settings = project.settings
    return Root(
        name="pipeline",
        account=settings.accounts[PIPELINE_ACCOUNT],
        state_key=PIPELINE_STATE_KEY,
        values={
            "delivery_role_arns": settings.delivery_role_arns,
            "external_id": settings.account_names(settings.accounts[PIPELINE_ACCOUNT]).external_id,
        },
        unlock="terraform -chdir=terraform/pipeline force-unlock {id}",
        role=None,
    )


def apply(project: Project, say: Say, confirm: Confirm) -> PlanResult:
    """Plan and apply the pipelines; tell whether anything changed. Raises GluePipeError when not confirmed."""
    return _change(project, say, confirm, destroy=False)


def destroy(project: Project, say: Say, confirm: Confirm) -> PlanResult:
    """Remove the pipelines, their roles and artifacts; tell whether there were any. Raises when not confirmed."""
    return _change(project, say, confirm, destroy=True)


def _change(project: Project, say: Say, confirm: Confirm, destroy: bool) -> PlanResult:
    account = project.settings.accounts[PIPELINE_ACCOUNT]
    if news := access.start_emulator(project):
        say(news)
    direct, tools = open_account_directly(project, account), toolchain.assemble(project, account)
    bootstrap.ensure(project, account, tools, say)
    file = project.plan_file("pipeline")
    say(f"pipeline: planning{' to destroy' if destroy else ''}")
    with checkout_lock.held(project):
        terraform = roots.prepare(project, root(project), bootstrap.with_credentials(tools, direct))
        result = terraform.plan(file, destroy=destroy)
    if result is PlanResult.CHANGES:
        question = "Destroy" if destroy else "Apply these changes to"
        if not confirm(f"{question} the pipelines in account {account.id}?"):
            raise GluePipeError(f"Not {'destroyed' if destroy else 'applied'}: the plan was not confirmed.")
        terraform.apply(file)
    done, nothing = ("destroyed", "nothing to destroy") if destroy else ("applied", "no changes")
    say(f"pipeline: {done if result is PlanResult.CHANGES else nothing}")
    return result
