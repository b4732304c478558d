"""releases, smoke, promote, approve, reject, rollback, plan --save and apply --saved, from the command line down."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gluepipe.commands import cli
from gluepipe.delivery import releases
from gluepipe.deployment import package, stacks
from gluepipe.deployment.package import Bundles
from gluepipe.names import Role, Stack
from gluepipe.project import Project
from tests.cli.delivery.world import FakeDeployment, World


@pytest.fixture(autouse=True)
def _commands(world: World, smoke_says: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands open the fake deployments too, which build their bundles where none are given."""

    def opened(
        found: Project,
        name: str,
        _say: object,
        show: object = None,
        bundles: Bundles | None = None,
        role: Role = Role.DEPLOY,
    ) -> FakeDeployment:
        built = bundles or package.build(found.root)
        deployment: Any = replace(world.deployment(name), project=found, bundles=built, role=role)
        return deployment  # type: ignore[no-any-return]

    monkeypatch.setattr(stacks, "open_deployment", opened)


def run(*arguments: str, actor: str = "ada") -> Result:
    return CliRunner(env={"GLUEPIPE_ACTOR": actor}).invoke(cli, list(arguments))


def ok(*arguments: str, actor: str = "ada") -> str:
    result = run(*arguments, actor=actor)
    assert result.exit_code == 0, result.output
    return result.stdout


def release_application() -> None:
    ok("apply", "dev")
    ok("smoke", "dev")


def test_from_apply_to_promotion_to_rollback(world: World) -> None:
    release_application()
    ok("promote", "dev", "prod", "--yes")
    world.change_job("second")
    ok("apply", "dev", "--stack", "application")
    ok("smoke", "dev")
    ok("promote", "dev", "prod", "--stack", "application", "--yes")
    ok("rollback", "prod", "--stack", "application", "--yes")
    listed = json.loads(ok("releases", "prod", "--stack", "application", "--json"))["releases"]
    assert [release["origin"]["kind"] for release in listed] == ["rollback", "promotion", "promotion"]
    assert [release["smoke"] for release in listed] == ["passed"] * 3
    table = ok("releases", "prod")
    assert table.count("infrastructure") == 1
    assert table.count("application") == 3


def test_a_saved_promotion_is_approved_by_somebody_else_and_applied_by_its_id(world: World) -> None:
    release_application()
    ok("promote", "dev", "prod", "--stack", "infrastructure", "--yes")
    plan = ok("promote", "dev", "prod", "--stack", "application", "--save").strip()
    assert ok("plan-summary", plan).startswith("1 to create")
    assert json.loads(ok("plan-summary", plan, "--json"))["counts"]["create"] == 1
    assert "not approved yet" in run("apply", "prod", "--saved", plan).stderr
    assert "cannot approve it too" in run("approve", plan).stderr
    ok("approve", plan, "--reason", "seen", actor="grace")
    ok("apply", "prod", "--saved", plan)
    (release,) = json.loads(ok("releases", "prod", "--stack", "application", "--json"))["releases"]
    assert release["origin"]["approved_by"] == "grace"
    assert release["smoke"] == "passed"


def test_a_rejected_plan_says_who_and_why(world: World) -> None:
    plan = ok("plan", "dev", "--stack", "application", "--save").strip()
    ok("reject", plan, "--reason", "wrong table", actor="grace")
    result = run("apply", "dev", "--saved", plan)
    assert result.exit_code == 1
    assert "rejected by grace" in result.stderr
    assert "wrong table" in result.stderr


def test_a_plan_of_another_environment_is_refused_with_the_command_that_applies_it(world: World) -> None:
    plan = ok("plan", "dev", "--stack", "application", "--save").strip()
    result = run("apply", "prod", "--saved", plan)
    assert result.exit_code == 2
    assert f"{plan} is a plan of dev, not of prod. gluepipe apply dev --saved {plan}" in result.stderr


def test_prod_refuses_what_dev_never_proved(world: World) -> None:
    result = run("apply", "prod")
    assert result.exit_code == 1
    assert "never released to dev" in result.stderr
    assert "gluepipe promote dev prod --stack infrastructure" in result.stderr
    assert world.planner.planned == []


def break_off(world: World, environment: str) -> str:
    """Leave the application of an environment as a killed apply does; return the release."""
    deployment, store = world.deployment(environment), world.store(environment)
    with releases.recorded(deployment, deployment.plan(Stack.APPLICATION)):
        newest = store.keys(f"releases/{environment}/application/")[-1]
        as_begun = store.read_json(newest)
    store.write_json(newest, as_begun)
    return str(as_begun["id"])


def test_a_release_that_was_broken_off_is_listed_with_what_repairs_it(world: World) -> None:
    broken = break_off(world, "dev")
    listed = run("releases", "dev")
    assert listed.exit_code == 0
    assert "unfinished" in listed.stdout
    assert f"{broken} of dev did not finish and may be there in part." in listed.stderr
    assert listed.stderr.rstrip().endswith("gluepipe apply dev --stack application")


def test_a_release_that_is_under_way_is_listed_with_who_holds_the_lock(world: World) -> None:
    break_off(world, "prod")
    lock = {"ID": "7", "Who": "anna@laptop", "Operation": "OperationTypeApply", "Created": "2026-11-25T12:00:00Z"}
    world.store("prod").write_json("prod/application.tfstate.tflock", lock)
    said = run("releases", "prod").stderr
    assert "under way: its state is locked by anna@laptop since 2026-11-25T12:00:00Z (apply)." in said
    repair = "gluepipe unlock prod --stack application 7 && gluepipe promote dev prod --stack application"
    assert said.rstrip().endswith(repair)


def test_options_that_contradict_are_refused(world: World) -> None:
    assert run("promote", "dev", "prod", "--yes", "--wait").exit_code == 2
    assert run("promote", "dev", "prod", "--save").exit_code == 2
    assert run("rollback", "prod", "--to", "x").exit_code == 2
    assert run("reject", "prod-application-x").exit_code == 2
    assert run("approve", "nonsense").exit_code == 2


def test_a_failed_smoke_test_ends_in_the_way_back(world: World, smoke_says: Callable[..., None]) -> None:
    ok("apply", "dev")
    smoke_says("there is no table")
    result = run("smoke", "dev")
    assert result.exit_code == 1
    assert "there is no table" in result.stderr
    assert "gluepipe rollback dev" in result.stderr


def test_bundles_can_be_kept_before_anything_is_deployed(world: World) -> None:
    digest = json.loads(ok("package", "--keep", "dev", "--json"))["job"]["digest"]
    assert f"bundles/job/{digest}/file_processor.py" in world.store("dev").keys("bundles/")


def test_the_command_waits_before_it_plans_the_application_alone(world: World) -> None:
    result = run("apply", "dev", "--stack", "application", "--wait", "0")
    assert result.exit_code == 1
    assert "has put out no contract" in result.stderr
    assert world.planner.planned == []
    assert run("apply", "dev", "--stack", "infrastructure", "--wait", "0").exit_code == 0
