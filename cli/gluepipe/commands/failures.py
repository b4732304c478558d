"""Turns any failure that people can act on into words and an exit code."""

from dataclasses import dataclass

import click
from click.exceptions import NoArgsIsHelpError

from gluepipe.errors import ExitCode, GluePipeError


@dataclass(frozen=True)
class Failure:
    """What to print on stderr and what to exit with."""

    message: str
    exit_code: int


def explain(error: Exception) -> Failure | None:
    """Return how to report the error, or None for a defect of ours (which deserves its traceback)."""
    if isinstance(error, GluePipeError):
        return Failure(_words(error.reason, error.fix), error.exit_code)
    if isinstance(error, NoArgsIsHelpError):
        return Failure(error.format_message(), ExitCode.USAGE)
    if isinstance(error, click.UsageError):
        return Failure(_usage(error), ExitCode.USAGE)
    if isinstance(error, click.ClickException):
        return Failure(_words(error.format_message()), error.exit_code)
    if isinstance(error, click.Abort):
        return _abort(error)
    if type(error).__module__.startswith(("botocore.", "boto3.")):
        from gluepipe import aws_failures

        return explain(aws_failures.explain(error))
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return Failure(_words(f"{place}{error.strerror}."), ExitCode.FAILURE)
    return None


def _words(reason: str, fix: str = "") -> str:
    separator = "\n" if "\n" in reason + fix else " "
    return f"Error: {reason}{separator}{fix}".rstrip()


def _usage(error: click.UsageError) -> str:
    help_hint = f"See `{error.ctx.command_path} --help`." if error.ctx else ""
    return _words(error.format_message(), help_hint)


def _abort(error: click.Abort) -> Failure:
    if isinstance(error.__cause__ or error.__context__, KeyboardInterrupt):
        return Failure("Interrupted.", ExitCode.INTERRUPTED)
    return Failure("Error: an answer was needed and none came. Use --yes to go ahead.", ExitCode.FAILURE)
