"""Arguments and options that several commands share, and the project they act on."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import click

from gluepipe.console import Confirm
from gluepipe.errors import GluePipeError
from gluepipe.names import Stack
from gluepipe.project import Project, load
from gluepipe.settings import Target

if TYPE_CHECKING:
    from gluepipe.operations.deployed import Deployed

P = ParamSpec("P")
R = TypeVar("R")
Command = TypeVar("Command", bound=Callable[..., Any])
PERIOD = timedelta(days=7)
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)  # logs know no time before 1970
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
STACKS = click.Choice([stack.value for stack in Stack])


def pass_project(command: Callable[Concatenate[Project, P], R]) -> Callable[P, R]:
    """Give the command the project as its first argument, loaded once per invocation."""

    def with_project(*args: P.args, **kwargs: P.kwargs) -> R:
        root = click.get_current_context().find_root()
        if not isinstance(root.obj, Project):
            root.obj = load(root.obj)
        return command(root.obj, *args, **kwargs)

    return update_wrapper(with_project, command)


def pass_environment(command: Callable[Concatenate[Deployed, P], R]) -> Callable[..., R]:
    """Give the command the environment that ENV names, opened, as its first argument."""

    @pass_project
    def with_environment(project: Project, /, *args: P.args, **kwargs: P.kwargs) -> R:
        from gluepipe.operations.deployed import open_environment

        return command(open_environment(project, str(kwargs.pop("environment"))), *args, **kwargs)

    return update_wrapper(with_environment, command)


def environment_argument(command: Command) -> Command:
    """Add the ENV argument: the name of an environment in gluepipe.toml."""
    return click.argument("environment", metavar="ENV", shell_complete=_environments)(command)


def _environments(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The environments to offer on TAB; none where there are no settings to read."""
    with suppress(GluePipeError):
        settings = load(context.find_root().params.get("project")).settings
        return [name for name in settings.environments if name.startswith(incomplete)]
    return []


def dataset_option(help_text: str) -> Callable[[Command], Command]:
    """Add --dataset; the command gets the name that files of a folder so called go by."""
    return click.option("--dataset", callback=_dataset, help=help_text)


def _dataset(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    from lambda_trigger.file_version import dataset_name

    return value and dataset_name(f"{value}/")


def json_option(command: Command) -> Command:
    """Add --json: one JSON document on stdout in place of words."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def yes_option(command: Command) -> Command:
    """Add --yes: go ahead without asking."""
    return click.option("--yes", "-y", is_flag=True, help="Go ahead without asking.")(command)


def timeout_option(default: int, help_text: str) -> Callable[[Command], Command]:
    """Add --timeout: the longest wait, in whole seconds."""
    seconds = click.IntRange(min=0)
    return click.option(
        "--timeout", type=seconds, default=default, show_default=True, metavar="SECONDS", help=help_text
    )


def stack_option(command: Command) -> Command:
    """Add --stack: act on one stack only; the command gets the list of stacks to act on."""
    option = click.option(
        "--stack",
        "stacks",
        type=STACKS,
        callback=_chosen_stacks,
        help="Only this stack.  [default: both]",
    )
    return option(command)


def _chosen_stacks(_context: click.Context, _parameter: click.Parameter, value: str | None) -> list[Stack]:
    return [Stack(value)] if value else list(Stack)


def limit_option(command: Command) -> Command:
    """Add --limit; the command gets None where every one is asked for."""
    option = click.option(
        "--limit",
        type=click.IntRange(min=0),
        default=20,
        show_default=True,
        metavar="N",
        callback=lambda _context, _parameter, value: value or None,
        help="Stop after so many; 0 for all.",
    )
    return option(command)


def since_option(command: Command) -> Command:
    """Add --since; the command gets the moment in UTC, or None."""
    help_text = "Only since then: 30m, 6h, 2d, or a date or time in UTC such as 2026-11-25T08:00."
    return click.option("--since", metavar="WHEN", callback=_moment, help=help_text)(command)


def period(since: datetime | None) -> tuple[datetime, datetime]:
    """From then, or from 7 days ago, until now; refuses what is not in the past."""
    now = datetime.now(UTC)
    begin = since or now - PERIOD
    if begin >= now:
        raise click.BadParameter(f"{begin:%Y-%m-%d %H:%M} UTC is not in the past.", param_hint="--since")
    return begin, now


def _moment(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        if ago := re.fullmatch(r"(\d+)([mhd])", value):
            return max(datetime.now(UTC) - int(ago[1]) * UNITS[ago[2]], EARLIEST)
        moment = datetime.fromisoformat(value)
    except OverflowError:
        return EARLIEST
    except ValueError:
        raise click.BadParameter(f"{value!r} is neither an age such as 6h nor a date such as 2026-11-25.") from None
    return max(moment if moment.tzinfo else moment.replace(tzinfo=UTC), EARLIEST)


def confirmation(project: Project, yes: bool) -> Confirm:
    """Return what asks the person; emulated accounts need no asking."""
    if yes or project.settings.target is Target.EMULATOR:
        return lambda _question: True
    return lambda question: click.confirm(question, err=True)
