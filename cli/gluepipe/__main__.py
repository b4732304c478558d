"""The console script."""

import os
import sys

from gluepipe.commands import cli


def main() -> None:
    """Run the command line; always ends in SystemExit."""
    # Python gives no stream to a program that was started with one closed, as some schedulers do.
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        sys.stdout = sys.stdout or nowhere
        sys.stderr = sys.stderr or nowhere
        cli(prog_name="gluepipe")


if __name__ == "__main__":
    main()
