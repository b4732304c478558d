"""`gluepipe.toml`, read into typed values; every complaint names the key, its value and the repair."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from gluepipe.errors import UsageProblem, suggestion
from gluepipe.names import AccountNames, EnvironmentNames, Role
from gluepipe.prices import Prices, read_prices
from gluepipe.toml_table import Table

T = TypeVar("T")
FILE_NAME = "gluepipe.toml"
PIPELINE_ACCOUNT = "pipeline"
PLACEHOLDER_IDS = frozenset(str(digit) * 12 for digit in range(10))
RESERVED_ENVIRONMENTS = frozenset({"bootstrap", PIPELINE_ACCOUNT})
SHORT_NAME, SHORT_NAME_FORM = r"[a-z][a-z0-9]{1,9}", "2 to 10 lower-case letters or digits, letter first"
PROJECT_NAME = r"[a-z](?=[a-z0-9-])[a-z0-9]*(-[a-z0-9]+)*"
BUCKET_NAME_LIMIT = 63
ENVIRONMENT_PREFIX_LIMIT = 28  # {project}-{environment}: what the longest bucket name in the longest region leaves


class SettingsError(UsageProblem):
    """`gluepipe.toml` cannot be used as it is."""


class Target(StrEnum):
    """Where Terraform and the commands act: the emulated accounts on this machine, or AWS."""

    EMULATOR = "emulator"
    AWS = "aws"


@dataclass(frozen=True)
class Account:
    """One AWS account: its name in the settings and its 12-digit id."""

    name: str
    id: str

    @property
    def remedy(self) -> str:
        """What to do where it lacks something that its bootstrap makes."""
        return f"As an administrator of {self.id}: gluepipe bootstrap {self.name}"


@dataclass(frozen=True)
class Environment:
    """One place the pipeline runs in; `protected` asks for a second flag before its data can be deleted.

    `people_may_deploy` says whether people may take its account's deploy role, or the delivery pipeline alone.
    """

    name: str
    account: Account
    protected: bool = False
    people_may_deploy: bool = True


@dataclass(frozen=True)
class GitHub:
    """The repository (owner/name) whose workflows deliver in place of the CodePipelines, and their branch."""

    repository: str
    branch: str


@dataclass(frozen=True)
class Settings:
    """The whole of `gluepipe.toml`; `lock_timeout` is a Terraform duration such as `60s`."""

    project: str
    region: str
    target: Target
    accounts: Mapping[str, Account]
    environments: Mapping[str, Environment]
    promotion_order: tuple[str, ...] = ()
    github: GitHub | None = None
    lock_timeout: str = "60s"
    prices: Prices | None = None
    path: Path = field(default=Path(FILE_NAME), compare=False)

    def environment(self, name: str) -> Environment:
        """Return the environment of that name; raises UsageProblem with a suggestion for an unknown one."""
        return self._named("environment", name, self.environments)

    def account(self, name: str) -> Account:
        """Return the account of that name; raises UsageProblem with a suggestion for an unknown one."""
        return self._named("account", name, self.accounts)

    def _named(self, kind: str, name: str, known: Mapping[str, T]) -> T:
        if name not in known:
            raise UsageProblem(f'No {kind} "{name}" in {self.path.name}.', suggestion(name, list(known)))
        return known[name]

    def predecessor(self, environment: Environment) -> Environment | None:
        """Return whence an environment gets its releases; None for the first one and for those outside the order."""
        order = self.promotion_order
        position = order.index(environment.name) if environment.name in order else 0
        return self.environments[order[position - 1]] if position else None

    def names(self, environment: Environment) -> EnvironmentNames:
        """Return the names of everything in one environment."""
        return EnvironmentNames(self.project, environment.name, environment.account.id, self.region)

    def account_names(self, account: Account) -> AccountNames:
        """Return the names of what stands in one account whatever its environments."""
        return AccountNames(self.project, account.name, account.id, self.region)

    def people_may_deploy(self, account: Account) -> bool:
        """Tell whether people may take an account's deploy role: only where every environment there lets them.

        In the emulated accounts they may: there nothing is at stake, and no push starts a pipeline.
        """
        return self.target is Target.EMULATOR or all(each.people_may_deploy for each in self._environments_of(account))

    def holds_environments(self, account: Account) -> bool:
        """Tell whether anything is deployed to an account."""
        return bool(self._environments_of(account))

    def _environments_of(self, account: Account) -> list[Environment]:
        return [environment for environment in self.environments.values() if environment.account == account]

    @property
    def delivery_role_arns(self) -> list[str]:
        """The deploy and plan roles of every account that holds an environment."""
        accounts = {environment.account.name: environment.account for environment in self.environments.values()}
        return [self.account_names(account).role_arn(role) for account in accounts.values() for role in Role]


def load(path: Path) -> Settings:
    """Read and check a settings file; raises SettingsError for the first thing that is wrong."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path.name} is not valid TOML: {error}.", "Correct that line.") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path.name} is not UTF-8: {error}.", "Save it as UTF-8.") from None
    return _settings(Table(path.name, "", document, SettingsError), path)


def _settings(table: Table, path: Path) -> Settings:
    table.allow("project", "region", "target", "accounts", "environments", "promotion", "github", "terraform", "prices")
    target = Target(table.choice("target", [member.value for member in Target], default=Target.EMULATOR))
    accounts = _accounts(table.table("accounts"), target)
    order = table.table("promotion", optional=True).texts("order")
    environments = _environments(table.table("environments"), accounts, later=order[1:])
    settings = Settings(
        project=table.text("project", PROJECT_NAME, 'lower-case letters, digits and single "-"'),
        region=table.text("region", r"(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-[1-9]", "an AWS region such as eu-central-1"),
        target=target,
        accounts=accounts,
        environments=environments,
        promotion_order=_promotion_order(table.table("promotion", optional=True), environments),
        github=_github(table.table("github", optional=True)),
        lock_timeout=_lock_timeout(table.table("terraform", optional=True)),
        prices=read_prices(table.table("prices", optional=True)),
        path=path,
    )
    _check_lengths(settings, table)
    return settings


def _accounts(table: Table, target: Target) -> dict[str, Account]:
    accounts: dict[str, Account] = {}
    for name in table.names():
        if not re.fullmatch(SHORT_NAME, name):
            raise table.problem(name, "not a name an account can have", f"use {SHORT_NAME_FORM}")
        number = table.text(name, r"[0-9]{12}", "12 digits in quotes")
        if target is Target.AWS and number in PLACEHOLDER_IDS:
            raise table.problem(name, "a placeholder", 'write your own account id, or set target = "emulator"')
        twin = next((other.name for other in accounts.values() if other.id == number), None)
        if twin:
            raise table.problem(name, f"the id of account {twin} too", "give each account its own id")
        accounts[name] = Account(name, number)
    if PIPELINE_ACCOUNT not in accounts:
        raise table.problem(PIPELINE_ACCOUNT, "missing", "add the account that runs the delivery pipelines")
    return accounts


def _environments(table: Table, accounts: Mapping[str, Account], later: list[str]) -> dict[str, Environment]:
    """Read the environments; people may deploy to those that take no releases from another one, if not said."""
    environments: dict[str, Environment] = {}
    for name in table.names():
        if name in RESERVED_ENVIRONMENTS or not re.fullmatch(SHORT_NAME, name):
            advice = f"use {SHORT_NAME_FORM}; bootstrap and pipeline are taken"
            raise table.problem(name, "not a name an environment can have", advice)
        entry = table.table(name)
        entry.allow("account", "protected", "people_may_deploy")
        account = accounts[entry.choice("account", list(accounts))]
        environments[name] = Environment(
            name,
            account,
            protected=entry.boolean("protected", default=False),
            people_may_deploy=entry.boolean("people_may_deploy", default=name not in later),
        )
    if not environments:
        raise table.problem("", "empty", "add at least one, such as [environments.dev]")
    return environments


def _promotion_order(table: Table, environments: Mapping[str, Environment]) -> tuple[str, ...]:
    table.allow("order")
    order = table.texts("order")
    for position, name in enumerate(order):
        if name not in environments:
            hint = suggestion(name, list(environments))
            raise table.problem("order", f'"{name}" is not an environment', hint)
        if name in order[:position]:
            raise table.problem("order", f'"{name}" stands there twice', "name each environment once")
    return tuple(order)


def _github(table: Table) -> GitHub | None:
    table.allow("repository", "branch")
    if not table.names():
        return None
    return GitHub(
        repository=table.text("repository", r"[\w.-]+/[\w.-]+", "owner/name"),
        branch=table.text("branch", r"[\w./-]+", "a branch, such as main", default="main"),
    )


def _lock_timeout(table: Table) -> str:
    table.allow("lock_timeout")
    return table.text("lock_timeout", r"[0-9]+(ms|s|m|h)", "a duration such as 60s or 5m", default="60s")


def _check_lengths(settings: Settings, table: Table) -> None:
    prefix = f"{settings.project}-{max(settings.environments, key=len)}"
    _check_length(prefix, ENVIRONMENT_PREFIX_LIMIT, "bucket names leave room for", table)
    buckets = [settings.account_names(account).state_bucket for account in settings.accounts.values()]
    buckets.append(settings.account_names(settings.accounts[PIPELINE_ACCOUNT]).artifact_bucket)
    _check_length(max(buckets, key=len), BUCKET_NAME_LIMIT, "S3 allows", table)


def _check_length(name: str, limit: int, who: str, table: Table) -> None:
    if (excess := len(name) - limit) > 0:
        reason = f"too long: {name} would have {len(name)} characters, {who} {limit}"
        raise table.problem("project", reason, f"shorten the project's name by {excess}")
