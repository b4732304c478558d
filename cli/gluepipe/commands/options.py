"""Arguments and options that several commands share, and the project they act on."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from gluepipe.project import Project, load

P = ParamSpec("P")
R = TypeVar("R")
Command = TypeVar("Command", bound=Callable[..., Any])


def pass_project(command: Callable[Concatenate[Project, P], R]) -> Callable[P, R]:
    """Give the command the project as its first argument, loaded once per invocation."""

    def with_project(*args: P.args, **kwargs: P.kwargs) -> R:
        root = click.get_current_context().find_root()
        if not isinstance(root.obj, Project):
            root.obj = load(root.obj)
        return command(root.obj, *args, **kwargs)

    return update_wrapper(with_project, command)


def environment_argument(command: Command) -> Command:
    """Add the ENV argument: the name of an environment in gluepipe.toml."""
    return click.argument("environment", metavar="ENV")(command)


def json_option(command: Command) -> Command:
    """Add --json: one JSON document on stdout in place of words."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def yes_option(command: Command) -> Command:
    """Add --yes: go ahead without asking."""
    return click.option("--yes", "-y", is_flag=True, help="Go ahead without asking.")(command)


def stack_option(command: Command) -> Command:
    """Add --stack: act on one stack only."""
    choice = click.Choice(["infrastructure", "application"])
    return click.option("--stack", type=choice, help="Only this stack.  [default: both]")(command)
