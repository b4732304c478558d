"""One environment as Terraform makes it: opened, planned, and each stack applied by a saved plan, exactly."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gluepipe import access
from gluepipe.console import Say, Show, to_stdout
from gluepipe.deployment import bootstrap, package
from gluepipe.deployment.package import Bundles
from gluepipe.names import Role, Stack
from gluepipe.project import Project
from gluepipe.settings import Environment
from gluepipe.terraform import checkout_lock, roots, state_lock, toolchain
from gluepipe.terraform.roots import Root
from gluepipe.terraform.runner import PlanResult, Terraform
from gluepipe.terraform.state_lock import Lock
from gluepipe.terraform.toolchain import Toolchain


@dataclass(frozen=True)
class StackPlan:
    """A saved plan; `result` None means that the stack cannot be planned before the one it builds on is applied."""

    stack: Stack
    result: PlanResult | None
    file: Path


@dataclass(frozen=True)
class Deployment:
    """An environment whose account can be reached and is bootstrapped, with bundles built.

    `role` is what Terraform acts as: under the plan role it changes nothing, not even a lock.
    """

    project: Project
    environment: Environment
    bundles: Bundles
    toolchain: Toolchain
    show: Show = to_stdout
    role: Role = Role.DEPLOY

    def terraform(self, stack: Stack) -> Terraform:
        """Return Terraform, initialised, for one stack."""
        return roots.prepare(self.project, self.root(stack), self.toolchain, self.show)

    def root(self, stack: Stack) -> Root:
        """Return the root folder of one stack."""
        environment = self.environment
        return Root(
            name=f"{environment.name}/{stack}",
            account=environment.account,
            state_key=self.project.settings.names(environment).state_key(stack),
            values={
                "environment": environment.name,
                "trigger_bundle": self.bundles.trigger.path,
                "job_bundle": self.bundles.job.path,
            },
            unlock=f"gluepipe unlock {environment.name} --stack {stack} {{id}}",
            role=self.role,
        )

    def plan(self, stack: Stack, destroy: bool = False) -> StackPlan:
        """Save a plan of one stack."""
        file = self.plan_file(stack)
        with checkout_lock.held(self.project):
            return StackPlan(stack, self.terraform(stack).plan(file, destroy=destroy, lock=self.locks), file)

    @property
    def locks(self) -> bool:
        """Whether Terraform takes the state's lock, which is an object that it writes."""
        return self.role is Role.DEPLOY

    def warn_of_changes(self, stack: Stack, say: Say) -> None:
        """Tell who is changing the stack right now, where the lock would not keep us from looking meanwhile."""
        if not self.locks and (held := self.lock(stack)):
            say(f"{stack}: locked by {held}; what is shown may change under it")

    def lock(self, stack: Stack) -> Lock | None:
        """Return who holds the lock of the stack's state, None where nobody does."""
        settings = self.project.settings
        bucket = settings.account_names(self.environment.account).state_bucket
        s3 = access.open_account(self.project, self.environment.account, self.role).s3
        return state_lock.holder(s3, bucket, settings.names(self.environment).state_key(stack))

    def apply(self, planned: StackPlan) -> None:
        """Apply a saved plan."""
        self.terraform(planned.stack).apply(planned.file)

    def is_applied(self, stack: Stack) -> bool:
        """Tell whether the stack's state holds anything."""
        return bool(self.terraform(stack).resources())

    def plan_file(self, stack: Stack) -> Path:
        """Return where this process keeps a plan of the stack."""
        return self.project.plan_file(f"{self.environment.name}-{stack}")


def open_deployment(
    project: Project,
    environment_name: str,
    say: Say,
    show: Show = to_stdout,
    bundles: Bundles | None = None,
    role: Role = Role.DEPLOY,
) -> Deployment:
    """Make an environment ready to be planned: emulator up, right account, account bootstrapped, bundles built.

    `say` is told what happens, `show` is given Terraform's own output line by line; `bundles` are used instead of
    building them; `role` is the account's role to act as.

    Raises UsageProblem for an unknown environment, GluePipeError for whatever cannot be made ready.
    """
    environment = project.settings.environment(environment_name)
    if news := access.start_emulator(project):
        say(news)
    access.check_identity(project, environment.account, role)
    tools = toolchain.assemble(project, environment.account)
    bootstrap.ensure(project, environment.account, tools, say, show, role)
    access.check_role(project, environment.account, role)
    return Deployment(project, environment, bundles or package.build(project.root), tools, show, role)


def initialise(deployment: Deployment, stacks: list[Stack]) -> list[Path]:
    """Write the files of each root and run `terraform init`; return the folders of the source tree."""
    for stack in stacks:
        deployment.terraform(stack)
    return [deployment.project.root / "terraform" / deployment.root(stack).name for stack in stacks]


def plan(deployment: Deployment, stacks: list[Stack], say: Say) -> list[StackPlan]:
    """Plan the stacks; the application waits where the infrastructure it builds on was never applied."""
    plans = []
    for stack in stacks:
        if stack is Stack.APPLICATION and len(stacks) > 1 and not deployment.is_applied(Stack.INFRASTRUCTURE):
            say("application: can be planned once the infrastructure is applied.")
            plans.append(StackPlan(stack, None, deployment.plan_file(stack)))
            continue
        deployment.warn_of_changes(stack, say)
        say(f"{stack}: planning {deployment.environment.name}")
        planned = deployment.plan(stack)
        say(f"{stack}: {_verdict(planned)}")
        plans.append(planned)
    return plans


def outputs(deployment: Deployment, stacks: list[Stack]) -> dict[str, Any]:
    """Return the outputs of each stack by stack name."""
    return {str(stack): deployment.terraform(stack).outputs() for stack in stacks}


def _verdict(planned: StackPlan) -> str:
    return "changes, see above" if planned.result is PlanResult.CHANGES else "no changes"
