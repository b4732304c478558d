"""The console script."""

from gluepipe.commands import cli


def main() -> None:
    """Run the command line; always ends in SystemExit."""
    cli(prog_name="gluepipe")


if __name__ == "__main__":
    main()
