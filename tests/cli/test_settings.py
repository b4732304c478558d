from dataclasses import replace
from pathlib import Path

import pytest

from gluepipe.errors import ExitCode, UsageProblem
from gluepipe.settings import GitHub, SettingsError, Target, load
from tests.places import REPOSITORY


def write(folder: Path, text: str) -> Path:
    path = folder / "gluepipe.toml"
    path.write_text(text)
    return path


def test_a_secret_that_does_not_belong_there_is_not_repeated(tmp_path: Path) -> None:
    file = write(tmp_path, 'project = "example"\naws_secret_access_key = "wJalrXUtnFEMI"\n')
    with pytest.raises(SettingsError) as refusal:
        load(file)
    assert "aws_secret_access_key: unknown key" in str(refusal.value)
    assert "wJalrXUtnFEMI" not in str(refusal.value)


def test_the_settings_of_a_fresh_clone_are_valid() -> None:
    settings = load(REPOSITORY / "gluepipe.toml")
    assert settings.target is Target.EMULATOR
    assert list(settings.environments) == ["dev", "prod"]
    assert settings.environments["prod"].protected
    assert settings.promotion_order == ("dev", "prod")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'region = "eu-central-1"',
            'regoin = "eu-central-1"',
            'regoin: unknown key. Did you mean "region"?',
        ),
        ('"eu-central-1"', '"eu-central"', 'region = "eu-central": not valid. Write an AWS region such as'),
        ('"emulator"', '"emulater"', 'target = "emulater": not one of the choices. Did you mean "emulator"?'),
        ('"emulator"', '"aws"', 'accounts.pipeline = "111111111111": a placeholder. Write your own account id'),
        (
            '"333333333333"',
            '"222222222222"',
            'accounts.prod = "222222222222": the id of account dev too. Give each account its own id.',
        ),
        (
            '"333333333333"',
            "333333333333",
            "accounts.prod = 333333333333: not valid. Write 12 digits in quotes.",
        ),
        ('"333333333333"', '"33333"', 'accounts.prod = "33333": not valid. Write 12 digits in quotes.'),
        ('pipeline = "111111111111"', "", "accounts.pipeline: missing. Add the account"),
        (
            'account = "prod"',
            'account = "porod"',
            'environments.prod.account = "porod": not one of the choices. Did you mean "prod"?',
        ),
        (
            "protected = true",
            'protected = "yes"',
            'environments.prod.protected = "yes": not a boolean. Write true or false, without quotes.',
        ),
        ("[environments.dev]", "[environments.Dev]", "environments.Dev"),
        ("[environments.dev]", "[environments.bootstrap]", "bootstrap and pipeline are taken"),
        ('["dev", "prod"]', '["dev", "prd"]', '"prd" is not an environment. Did you mean "prod"?'),
        ('["dev", "prod"]', '["dev", "dev"]', '"dev" stands there twice'),
        ('["dev", "prod"]', '"dev"', "promotion.order"),
        ('project = "gluepipe"', 'project = "Glue Pipe"', 'project = "Glue Pipe": not valid.'),
        (
            'project = "gluepipe"',
            'project = "the-best-pipeline-there-is"',
            "too long: the-best-pipeline-there-is-prod would have 31 characters, bucket names leave room for 28. "
            "Shorten the project's name by 3.",
        ),
        (
            'project = "gluepipe"',
            'project = "our-fine-data-lakes"',
            "our-fine-data-lakes-pipeline-artifacts-111111111111-eu-central-1 would have 64 characters, S3 allows 63.",
        ),
        ('project = "gluepipe"', "", "project: missing."),
        (
            "protected = true",
            'people_may_deploy = "no"',
            'environments.prod.people_may_deploy = "no": not a boolean.',
        ),
        (
            "[promotion]",
            '[github]\nrepository = "name"\n[promotion]',
            'github.repository = "name": not valid.',
        ),
        ("[promotion]", '[github]\nbranch = "main"\n[promotion]', "github.repository: missing"),
        ("[accounts]", "[accounts", "not valid TOML"),
        (
            "dpu_hour = 0.36",
            'dpu_hour = "0.36"',
            'prices.dpu_hour = "0.36": not an amount. Write a number of 0 or more',
        ),
        ("dpu_hour = 0.36", "dpu_hour = -1", "prices.dpu_hour = -1: not an amount."),
        ("dpu_hour = 0.36", "dpu_hour = nan", "prices.dpu_hour = NaN: not an amount."),
        ("dpu_hour = 0.36", "dpu_hours = 0.36", 'unknown key. Did you mean "dpu_hour"?'),
        ("storage_gb_month = 0.02", "", "prices.storage_gb_month: missing. Add it: a number such as 0.44."),
        ("2026-05-31", '"May"', 'prices.as_of = "May": not a date. Write it as 2026-05-31'),
        ("2026-05-31", "2026-05-31T00:00:00Z", "not a date"),
        ("[promotion]", '[terraform]\nlock_timeout = "soon"\n[promotion]', "a duration such as 60s"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value_and_the_repair(
    tmp_path: Path, settings_text: str, old: str, new: str, message: str
) -> None:
    assert old in settings_text
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, settings_text.replace(old, new, 1)))
    assert str(caught.value).startswith("gluepipe.toml")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == ExitCode.USAGE


def test_another_environment_needs_settings_only(tmp_path: Path, settings_text: str) -> None:
    text = settings_text.replace("[promotion]", '[environments.staging]\naccount = "dev"\n\n[promotion]')
    settings = load(write(tmp_path, text))
    names = settings.names(settings.environment("staging"))
    assert names.input_bucket == "gluepipe-staging-input-222222222222-eu-central-1"
    assert names.state_key("application") == "staging/application.tfstate"
    assert names.database == "gluepipe_staging"


def test_people_deploy_to_the_first_environment_and_further_only_where_they_are_let(
    tmp_path: Path, settings_text: str
) -> None:
    emulated = load(write(tmp_path, settings_text))
    assert all(map(emulated.people_may_deploy, emulated.accounts.values()))
    settings = replace(emulated, target=Target.AWS)
    allowed = {name: settings.people_may_deploy(account) for name, account in settings.accounts.items()}
    assert allowed == {"pipeline": True, "dev": True, "prod": False}
    text = settings_text.replace("protected = true", "people_may_deploy = true")
    let = replace(load(write(tmp_path, text)), target=Target.AWS)
    assert let.people_may_deploy(let.accounts["prod"])


def test_the_repository_of_the_workflows_is_optional(tmp_path: Path, settings_text: str) -> None:
    assert load(write(tmp_path, settings_text)).github is None
    text = settings_text + '\n[github]\nrepository = "owner/name"\n'
    assert load(write(tmp_path, text)).github == GitHub("owner/name", "main")


def test_an_unknown_environment_is_answered_with_a_suggestion(tmp_path: Path, settings_text: str) -> None:
    settings = load(write(tmp_path, settings_text))
    with pytest.raises(UsageProblem, match=r'No environment "dve".*Did you mean "dev"'):
        settings.environment("dve")
    with pytest.raises(UsageProblem, match=r'No account "x".*Known: dev, pipeline, prod'):
        settings.account("x")
