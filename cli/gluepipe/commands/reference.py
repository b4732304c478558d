"""Writes docs/cli.md from the commands themselves: `python -m gluepipe.commands.reference > docs/cli.md`."""

import inspect
from collections.abc import Iterator
from typing import cast

import click

from gluepipe.commands import COMMANDS, cli

EXIT_CODES = """## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | failed: the reason and what to do about it are on stderr |
| 2 | used wrongly: an unknown name, a missing file, a broken `gluepipe.toml` |
| 130 | interrupted; Terraform was given the time to finish what was in flight and to release its lock |

`plan --detailed-exitcode` uses Terraform's own codes: 0 no changes, 1 failed, 2 changes.

Results, and what Terraform itself prints while it plans and applies, go to stdout; other words go to stderr, so that
`--json` can be piped. With `--yes`, nothing is asked.
"""


def render() -> str:
    """Return the whole reference as Markdown."""
    root = click.Context(cli, info_name="gluepipe", **cli.context_settings)
    parts = ["# Command line", "", "Generated from the code by `make docs`; do not edit.", ""]
    parts += [inspect.cleandoc(cli.help or ""), "", *_options(root)]
    for section, commands in COMMANDS.items():
        parts += [f"## {section}", ""]
        for name in commands:
            parts += _command(click.Context(_named(cli, root, name), info_name=name, parent=root))
    return "\n".join([*parts, EXIT_CODES])


def _command(context: click.Context) -> Iterator[str]:
    command = context.command
    yield f"### {context.command_path}"
    yield ""
    yield f"```\n{' '.join([context.command_path, *command.collect_usage_pieces(context)])}\n```"
    yield ""
    yield from _help(command)
    yield from _options(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            yield from _command(click.Context(_named(command, context, name), info_name=name, parent=context))


def _named(group: click.Group, context: click.Context, name: str) -> click.Command:
    """Return a command of a group; its name comes from the group itself."""
    return cast(click.Command, group.get_command(context, name))


def _help(command: click.Command) -> Iterator[str]:
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        if paragraph.startswith("\b"):
            yield f"```\n{paragraph.removeprefix(chr(8)).strip()}\n```"
        else:
            yield paragraph
        yield ""


def _options(context: click.Context) -> Iterator[str]:
    options = [option for option in context.command.params if isinstance(option, click.Option)]
    if options:
        yield "| option | |"
        yield "|---|---|"
        for option in options:
            if record := option.get_help_record(context):
                names, text = (cell.replace("|", "\\|") for cell in record)
                yield f"| `{names}` | {text} |"
        yield ""


if __name__ == "__main__":
    click.echo(render(), nl=False)
