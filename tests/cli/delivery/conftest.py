from collections.abc import Callable

import pytest

from gluepipe.access import Access
from gluepipe.delivery import store as delivery_store
from gluepipe.deployment import stacks
from gluepipe.deployment.package import Bundles
from gluepipe.operations import known_file
from gluepipe.project import Project
from tests.cli.delivery.world import FakeDeployment, Planner, World, write_sources
from tests.cli.operated import create_bucket


@pytest.fixture
def access(project: Project, in_memory: Access, monkeypatch: pytest.MonkeyPatch) -> Access:
    """An account with the state buckets of all three."""
    monkeypatch.setenv("GLUEPIPE_ACTOR", "ada")
    for account in project.settings.accounts.values():
        create_bucket(in_memory, project.settings.account_names(account).state_bucket)
    monkeypatch.setattr(delivery_store, "open_account", lambda _project, _account: in_memory)
    return in_memory


@pytest.fixture
def world(project: Project, access: Access, monkeypatch: pytest.MonkeyPatch) -> World:
    """A checkout in git whose deployments plan with a Terraform that does what the test says."""
    write_sources(project.root)
    planner = Planner()

    def opened(found: Project, name: str, _say: object, show: object, bundles: Bundles) -> FakeDeployment:
        environment = found.settings.environment(name)
        return FakeDeployment(found, environment, bundles, toolchain=None, planner=planner)  # type: ignore[arg-type]

    monkeypatch.setattr(stacks, "open_deployment", opened)
    return World(project, planner)


@pytest.fixture
def smoke_says(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the smoke test find the given problems, none by default."""

    def use(*problems: str) -> None:
        monkeypatch.setattr(known_file, "send", lambda *_arguments: list(problems))

    use()
    return use
