"""Checks the formatting of the Terraform files: `python -m tests.terraform.fmt [FOLDER...]` exits 1 if one differs."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from gluepipe.errors import GluePipeError
from gluepipe.terraform import binary
from gluepipe.terraform.providers import CONFIG_VARIABLE
from tests.places import REPOSITORY

FOLDERS = (REPOSITORY / "modules", REPOSITORY / "terraform")


def main(folders: Sequence[Path] = FOLDERS) -> int:
    """Print the differences of every ill-formatted file; return 1 when there is one, else 0."""
    try:
        found = binary.find()
    except GluePipeError as error:
        sys.exit(str(error))
    # Formatting needs no configuration, and one that is missing is warned about on every call.
    environment = {name: value for name, value in os.environ.items() if name != CONFIG_VARIABLE}
    worst = 0
    for folder in folders:
        command = [*found.command, "fmt", "-check", "-diff", "-recursive", str(folder)]
        worst = max(worst, subprocess.run(command, env=environment, check=False).returncode)
    return min(worst, 1)


if __name__ == "__main__":
    sys.exit(main([Path(folder) for folder in sys.argv[1:]] or FOLDERS))
