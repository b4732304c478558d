"""plan, apply, destroy and unlock, from the command line down to a Terraform that does what the test says."""

import json
import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gluepipe.commands import cli
from gluepipe.delivery import proof, releases
from gluepipe.deployment import stacks
from gluepipe.deployment.package import Bundle, Bundles
from gluepipe.deployment.stacks import Deployment
from gluepipe.names import Role, Stack
from gluepipe.project import Project
from gluepipe.terraform.binary import TerraformBinary
from gluepipe.terraform.runner import Terraform
from gluepipe.terraform.state_lock import Lock
from gluepipe.terraform.toolchain import Toolchain

BUNDLES = Bundles(Bundle("0" * 16, "dist/trigger-0.zip"), Bundle("1" * 16, "dist/job-1"))
Deploy = Callable[[str], None]


class Fake(Deployment):
    """A deployment whose Terraform is the program in its toolchain, run in one folder per stack."""

    def lock(self, stack: Stack) -> Lock | None:
        return Lock("some-id", "anna@laptop", "noon", "apply") if stack is Stack.APPLICATION else None

    def terraform(self, stack: Stack) -> Terraform:
        folder = self.project.root / stack
        folder.mkdir(exist_ok=True)
        tools = self.toolchain
        return Terraform(tools.binary.command, folder, tools.environment, unlock=self.root(stack).unlock)


@pytest.fixture
def deploy(project: Project, program: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Deploy:
    """Make every deployment use a Terraform with the given Python body, and none be proven or recorded."""
    monkeypatch.setattr(releases, "version_of", lambda _deployment, _stack: None)
    monkeypatch.setattr(releases, "recorded", lambda _deployment, _planned, _version: nullcontext())
    monkeypatch.setattr(proof, "check_applied", lambda _project, _environment, _version: None)

    def use(body: str) -> None:
        record = "open(os.path.join('..', 'commands'), 'a').write(json.dumps(sys.argv[1:]) + '\\n')\n"
        binary = TerraformBinary((str(program(record + body)),), "1.11.4", "test")

        def opened(found: Project, name: str, say: object, show: object = None, role: Role = Role.DEPLOY) -> Deployment:
            return Fake(found, found.settings.environment(name), BUNDLES, Toolchain(binary, {}), role=role)

        monkeypatch.setattr(stacks, "open_deployment", opened)

    return use


def commands_of(project: Project) -> list[str]:
    lines = (project.root / "commands").read_text().splitlines()
    return [json.loads(line)[0] for line in lines]


def run(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(cli, list(arguments), input=answer)


@pytest.mark.parametrize(
    ("terraform_exit", "plain", "detailed"), [(0, 0, 0), (2, 0, 2), (1, 1, 1)], ids=["none", "changes", "error"]
)
def test_plan_exits_as_documented(deploy: Deploy, terraform_exit: int, plain: int, detailed: int) -> None:
    deploy(f"sys.exit({terraform_exit})")
    assert run("plan", "dev", "--stack", "infrastructure").exit_code == plain
    assert run("plan", "dev", "--stack", "infrastructure", "--detailed-exitcode").exit_code == detailed


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("sys.exit(0)", 0),
        ("sys.exit(1)", 1),
        ("sys.exit(2)", 1),
        ("signal.signal(2, signal.SIG_DFL); os.kill(os.getpid(), 2)", 130),
    ],
    ids=["applied", "error", "not a plan's 2", "interrupted"],
)
def test_apply_exits_as_documented(deploy: Deploy, ending: str, code: int) -> None:
    deploy(f"if sys.argv[1] == 'plan': sys.exit(2)\nsys.stderr.write('what went wrong\\n')\n{ending}")
    result = run("apply", "dev", "--stack", "infrastructure")
    assert result.exit_code == code


def test_a_missing_terraform_is_named_with_where_to_get_it(deploy: Deploy, project: Project) -> None:
    deploy("")
    (project.root.parent / "bin" / "terraform").unlink()
    result = run("plan", "dev")
    assert result.exit_code == 1
    assert "Install Terraform 1.10" in result.stderr


def test_what_terraform_prints_is_shown_and_a_failure_is_not_swallowed(
    project: Project, deploy: Deploy, capfd: pytest.CaptureFixture[str]
) -> None:
    deploy("print('Plan: 1 to add'); sys.stderr.write('Error: no such thing\\n'); sys.exit(1)")
    with pytest.raises(SystemExit):
        cli(["plan", "dev", "--stack", "infrastructure"])
    shown = capfd.readouterr()
    assert "Plan: 1 to add" in shown.out
    assert "Error: no such thing" in shown.err


def test_infrastructure_is_applied_before_application_by_saved_plans(deploy: Deploy, project: Project) -> None:
    deploy("sys.exit(2 if sys.argv[1] == 'plan' else 0)")
    assert run("apply", "dev").exit_code == 0
    assert commands_of(project) == ["plan", "apply", "plan", "apply"]
    planned = (project.root / "commands").read_text()
    for stack in ("infrastructure", "application"):
        assert planned.count(f"dev-{stack}-{os.getpid()}.tfplan") == 2


def test_only_an_apply_takes_the_lock(deploy: Deploy, project: Project) -> None:
    deploy("sys.exit(0)")
    assert run("plan", "dev", "--stack", "infrastructure").exit_code == 0
    assert run("apply", "dev", "--stack", "infrastructure").exit_code == 0
    looked, applied = map(json.loads, (project.root / "commands").read_text().splitlines())
    assert "-lock=false" in looked
    assert not [option for option in looked if option.startswith("-lock-timeout")]
    assert "-lock-timeout=60s" in applied
    assert "-lock=false" not in applied


def test_nothing_is_applied_where_nothing_changes(deploy: Deploy, project: Project) -> None:
    deploy("sys.exit(0)")
    result = run("apply", "dev")
    assert commands_of(project) == ["plan", "plan"]
    assert "infrastructure: no changes" in result.stderr
    assert "application: no changes" in result.stderr


def test_the_application_of_a_new_environment_is_planned_later(deploy: Deploy, project: Project) -> None:
    deploy("if sys.argv[1] == 'state': sys.stderr.write('No state file was found!'); sys.exit(1)\nsys.exit(2)")
    result = run("plan", "prod", "--detailed-exitcode")
    assert result.exit_code == 2
    assert "can be planned once the infrastructure is applied" in result.stderr


def test_on_aws_apply_asks_first(deploy: Deploy, own_accounts: Project) -> None:
    deploy("sys.exit(2 if sys.argv[1] == 'plan' else 0)")
    assert run("apply", "dev", answer="n\n").exit_code == 1
    assert run("apply", "dev", answer="").exit_code == 1
    assert "apply" not in commands_of(own_accounts)
    assert run("apply", "dev", "--yes").exit_code == 0
    assert commands_of(own_accounts).count("apply") == 2


def test_unlock_wants_to_know_which_stack_and_that_the_run_is_dead(deploy: Deploy, project: Project) -> None:
    deploy("sys.exit(0)")
    assert run("unlock", "dev", "some-id").exit_code == 2
    assert run("unlock", "dev", "--stack", "application", "some-id", answer="n\n").exit_code == 1
    assert not (project.root / "commands").exists()
    assert run("unlock", "dev", "--stack", "application", "some-id", answer="y\n").exit_code == 0
    assert commands_of(project) == ["force-unlock"]


@pytest.mark.parametrize(
    ("stack", "said"),
    [("application", "not locked by other, but by some-id, by anna@laptop"), ("infrastructure", "by nobody")],
)
def test_a_lock_that_is_not_there_is_not_released(deploy: Deploy, project: Project, stack: str, said: str) -> None:
    deploy("sys.exit(0)")
    result = run("unlock", "dev", "--stack", stack, "other", "--yes")
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (project.root / "commands").exists()


def test_the_unlock_command_in_the_message_is_the_one_that_works(deploy: Deploy, project: Project) -> None:
    deploy("sys.stderr.write('Error acquiring the state lock\\n  ID: abc-1\\n  Who: anna@laptop\\n'); sys.exit(1)")
    result = run("plan", "dev", "--stack", "infrastructure")
    assert result.exit_code == 1
    assert "anna@laptop" in result.stderr
    assert "gluepipe unlock dev --stack infrastructure abc-1" in result.stderr
