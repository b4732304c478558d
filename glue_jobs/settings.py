"""The job's arguments, typed: what Glue hands over as text, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

RunnerChoice = Literal["auto", "threads", "spark"]

REQUIRED = ("JOB_NAME", "manifest", "output_bucket", "database", "ledger_table", "region", "environment", "release")
OPTIONAL = ("runner",)


class SettingsError(Exception):
    """An argument of the job cannot be used; the message names it, its value and what to give instead."""


@dataclass(frozen=True)
class Settings:
    """One run's arguments.

    `run_id` and `job_name` are Glue's own; `manifest` is an s3:// URI; `runner` forces where units of work run.
    """

    run_id: str
    job_name: str
    manifest: str
    output_bucket: str
    database: str
    ledger_table: str
    region: str
    environment: str
    release: str
    runner: RunnerChoice = "auto"

    @classmethod
    def from_options(cls, options: Mapping[str, str | None]) -> Settings:
        """Check the options that `getResolvedOptions` returned.

        Raises:
            SettingsError: An option is empty, is no s3:// URI where one is needed, or names no known runner.

        """
        values = {name: _text(options, name) for name in ("JOB_RUN_ID", *REQUIRED)}
        runner = options.get("runner") or "auto"
        if runner not in get_args(RunnerChoice):
            raise SettingsError(
                f"--runner is {runner!r}; give one of {', '.join(get_args(RunnerChoice))}, or leave it out."
            )
        if not values["manifest"].startswith("s3://") or values["manifest"].count("/") < 3:
            raise SettingsError(
                f"--manifest is {values['manifest']!r}; give the s3://bucket/key of a JSON list of files."
            )
        return cls(
            run_id=values.pop("JOB_RUN_ID"),
            job_name=values.pop("JOB_NAME"),
            runner=runner,  # type: ignore[arg-type]  # checked above
            **values,
        )


def _text(options: Mapping[str, str | None], name: str) -> str:
    value = options.get(name)
    if not value or not value.strip():
        raise SettingsError(f"--{name} is {value!r}; give it to the run or set it among the job's default arguments.")
    return value
