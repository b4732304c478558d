import pytest

from glue_jobs.settings import Settings, SettingsError

OPTIONS = {
    "JOB_NAME": "job",
    "JOB_RUN_ID": "jr_1",
    "manifest": "s3://assets/manifests/1.json",
    "output_bucket": "out",
    "database": "db",
    "ledger_table": "ledger",
    "region": "eu-central-1",
    "environment": "dev",
    "release": "abc",
}


def test_options_become_settings() -> None:
    settings = Settings.from_options(OPTIONS)

    assert (settings.run_id, settings.job_name, settings.runner) == ("jr_1", "job", "auto")
    assert settings.manifest == OPTIONS["manifest"]


def test_the_runner_can_be_forced() -> None:
    assert Settings.from_options(OPTIONS | {"runner": "spark"}).runner == "spark"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("manifest", "manifests/1.json"),
        ("manifest", "s3://assets"),
        ("runner", "gpu"),
        ("database", ""),
        ("JOB_RUN_ID", None),
    ],
)
def test_a_bad_option_is_named_with_its_value(option: str, value: str | None) -> None:
    with pytest.raises(SettingsError, match=f"--{option} is {value!r}; give"):
        Settings.from_options(OPTIONS | {option: value})
