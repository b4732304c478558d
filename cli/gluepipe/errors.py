"""What can go wrong for a person, said once: the reason, what to do about it, and the exit code it ends with."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of `gluepipe`; `plan --detailed-exitcode` uses Terraform's own (0 none, 1 error, 2 changes)."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    INTERRUPTED = 130


class GluePipeError(Exception):
    """A failure that people can act on.

    `reason` says what is wrong and where; `fix` says what to do and may be empty.
    """

    exit_code = ExitCode.FAILURE

    def __init__(self, reason: str, fix: str = "") -> None:
        super().__init__(f"{reason} {fix}".rstrip())
        self.reason = reason
        self.fix = fix


class UsageProblem(GluePipeError):  # noqa: N818 - it is the person's, not the program's
    """What was asked for cannot be done as written: a wrong name, a missing file, a broken settings file."""

    exit_code = ExitCode.USAGE


def suggestion(word: str, known: list[str]) -> str:
    """Return `Did you mean "x"?` when a known word is close, else the list of known words."""
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=1)
    return f'Did you mean "{close[0]}"?' if close else f"Known: {', '.join(sorted(known))}."
