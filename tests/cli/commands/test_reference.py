from collections.abc import Iterator

import click
import pytest

from gluepipe.commands import COMMANDS, cli
from gluepipe.commands.reference import render
from tests.places import REPOSITORY

ROOT = click.Context(cli, info_name="gluepipe", **cli.context_settings)


def every_command() -> Iterator[click.Context]:
    for name in cli.list_commands(ROOT):
        command = cli.get_command(ROOT, name)
        assert command
        yield from walk(click.Context(command, info_name=name, parent=ROOT))


def walk(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            inner = context.command.get_command(context, name)
            assert inner
            yield from walk(click.Context(inner, info_name=name, parent=context))


def test_the_reference_is_current() -> None:
    stored = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
    assert stored == render(), "run `make docs`"


def test_every_command_has_help_and_stands_in_the_reference() -> None:
    reference = render()
    for context in every_command():
        assert context.command.help, context.command_path
        assert f"### {context.command_path}\n" in reference


def test_every_option_has_help() -> None:
    for context in every_command():
        for parameter in context.command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{context.command_path} {parameter.name}"


@pytest.mark.parametrize("section", COMMANDS)
def test_the_line_in_the_overview_is_short(section: str) -> None:
    assert all(len(command.help) <= 68 for command in COMMANDS[section].values())
