"""Applies what is checked out, stack by stack, each as a release: proven where it has to be, recorded as it ends."""

from collections.abc import Iterator

from gluepipe.console import Confirm, Say
from gluepipe.delivery import proof, releases
from gluepipe.deployment.stacks import Deployment, StackPlan
from gluepipe.errors import GluePipeError
from gluepipe.names import Stack
from gluepipe.settings import Target
from gluepipe.terraform.runner import PlanResult


def apply(deployment: Deployment, stacks: list[Stack], say: Say, confirm: Confirm) -> Iterator[StackPlan]:
    """Plan and apply stack by stack; yields each plan once it is done. Raises GluePipeError when not confirmed."""
    if deployment.project.settings.target is Target.EMULATOR:
        from gluepipe.emulator.terraform import LEFT_OUT

        for difference in LEFT_OUT:
            say(f"emulated: {difference}")
    for stack in stacks:
        version = releases.version_of(deployment, stack)
        proof.check_applied(deployment.project, deployment.environment, version)
        say(f"{stack}: planning {deployment.environment.name}")
        planned = deployment.plan(stack)
        question = f"Apply these changes to {stack} of {deployment.environment.name}?"
        if planned.result is PlanResult.CHANGES and not confirm(question):
            raise GluePipeError("Not applied: the plan was not confirmed.")
        with releases.recorded(deployment, planned, version):
            if planned.result is PlanResult.CHANGES:
                say(f"{stack}: applying")
                deployment.apply(planned)
        say(f"{stack}: {'applied' if planned.result is PlanResult.CHANGES else 'no changes'}")
        yield planned
