from collections.abc import Callable, Iterator

import boto3
import pytest
from moto import mock_aws

from gluepipe.access import Access
from gluepipe.delivery import smoke
from gluepipe.delivery import store as delivery_store
from gluepipe.deployment import stacks
from gluepipe.deployment.package import Bundles
from gluepipe.project import Project
from tests.cli.delivery.world import FakeDeployment, Planner, World, write_sources


@pytest.fixture
def access(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Access]:
    """In-memory accounts with their state buckets."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("GLUEPIPE_ACTOR", "ada")
    with mock_aws():
        access = Access(boto3.Session(region_name="eu-central-1"), None)
        for account in project.settings.accounts.values():
            bucket = project.settings.account_names(account).state_bucket
            access.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        monkeypatch.setattr(delivery_store, "open_account", lambda _project, _account: access)
        yield access


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
        monkeypatch.setattr(smoke, "run", lambda *_arguments: list(problems))

    use()
    return use
