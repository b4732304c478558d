"""What it takes to run Terraform here: the program, a way to its providers, and an environment for it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from gluepipe.access import aws_variables
from gluepipe.project import Project
from gluepipe.settings import Account
from gluepipe.terraform import binary, providers
from gluepipe.terraform.binary import TerraformBinary

CLI_CONFIG = "terraform.rc"


@dataclass(frozen=True)
class Toolchain:
    """A Terraform and all of its environment."""

    binary: TerraformBinary
    environment: Mapping[str, str]


def assemble(project: Project, account: Account) -> Toolchain:
    """Return what runs Terraform against an account; raises GluePipeError when something is missing."""
    found = binary.find()
    config = project.state_folder / CLI_CONFIG
    providers.write_cli_config(config, os.environ, providers.find_mirror(os.environ))
    environment = aws_variables(project, account) | {
        providers.CONFIG_VARIABLE: str(config),
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
    }
    return Toolchain(found, environment)
