"""The functions' settings, read once from the environment.

Optional: FILES_PER_RUN, BYTES_PER_RUN, SLOT_WAIT_SECONDS, and the comma-separated lists ACCEPTED_SUFFIXES (lower case)
and OUTPUT_PREFIXES (folders of the input bucket that are no input, for buckets shared with something else).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from lambda_trigger.decide import ACCEPTED_SUFFIXES, Rules
from lambda_trigger.errors import ConfigError


@dataclass(frozen=True)
class Config:
    """Where things are, and how much one job run may be given."""

    job_name: str
    ledger_table: str
    assets_bucket: str
    input_bucket: str
    output_bucket: str
    queue_url: str
    dead_letter_queue_url: str
    environment: str
    files_per_run: int = 5_000
    bytes_per_run: int = 20 * 2**30
    slot_wait_seconds: int = 45
    accepted_suffixes: tuple[str, ...] = ACCEPTED_SUFFIXES
    output_prefixes: tuple[str, ...] = ()

    @property
    def rules(self) -> Rules:
        return Rules(self.input_bucket, self.accepted_suffixes, self.output_prefixes)

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> Config:
        """Read the settings; raises ConfigError naming the variable that is missing or wrong."""
        return cls(
            job_name=required(variables, "JOB_NAME"),
            ledger_table=required(variables, "LEDGER_TABLE"),
            assets_bucket=required(variables, "ASSETS_BUCKET"),
            input_bucket=required(variables, "INPUT_BUCKET"),
            output_bucket=required(variables, "OUTPUT_BUCKET"),
            queue_url=required(variables, "QUEUE_URL"),
            dead_letter_queue_url=required(variables, "DEAD_LETTER_QUEUE_URL"),
            environment=required(variables, "ENVIRONMENT"),
            files_per_run=_positive(variables, "FILES_PER_RUN", cls.files_per_run),
            bytes_per_run=_positive(variables, "BYTES_PER_RUN", cls.bytes_per_run),
            slot_wait_seconds=_positive(variables, "SLOT_WAIT_SECONDS", cls.slot_wait_seconds),
            accepted_suffixes=_list(variables, "ACCEPTED_SUFFIXES", cls.accepted_suffixes),
            output_prefixes=_list(variables, "OUTPUT_PREFIXES", cls.output_prefixes),
        )


def required(variables: Mapping[str, str], name: str) -> str:
    if not variables.get(name):
        raise ConfigError(f"The environment variable {name} is not set; the Terraform module of the function sets it.")
    return variables[name]


def _positive(variables: Mapping[str, str], name: str, default: int) -> int:
    text = variables.get(name, str(default))
    if not text.isdecimal() or int(text) == 0:
        raise ConfigError(f"The environment variable {name} is {text!r}; it must be a whole number above 0.")
    return int(text)


def _list(variables: Mapping[str, str], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """A comma-separated list; the default where the variable is absent or empty."""
    parts = tuple(part.strip() for part in variables.get(name, "").split(",") if part.strip())
    return parts or default
