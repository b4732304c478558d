"""docs/operations.md has a runbook for every alarm, and every command in it, or in an alarm's message, exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from gluepipe.commands import cli
from lambda_trigger.alert import LOOK_AT_RUN, RUN_FAILED
from tests.places import REPOSITORY
from tests.terraform.configuration import parse

PAGE = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
MONITORING = REPOSITORY / "modules" / "monitoring"
FUNCTIONS = parse(REPOSITORY / "modules" / "file_trigger" / "functions.tf")["locals"][0]["functions"]
RUNBOOK = re.compile(r"docs/operations\.md#([a-z-]+) Run: gluepipe ([^\"\\]+)")


def alarm_commands() -> dict[str, str]:
    """Alarm -> the command in its message, for every alarm of the monitoring module."""
    [messages] = [block["_messages"] for block in parse(MONITORING / "alarms.tf")["locals"] if "_messages" in block]
    written = {name: message[1] for name, message in messages.items()}
    written |= {f"{name}-errors": "logs dev --since 1h" for name in FUNCTIONS}
    written |= dict(RUNBOOK.findall((MONITORING / "unhealthy.tf").read_text(encoding="utf-8")))
    written[RUN_FAILED] = LOOK_AT_RUN.format("dev", "RUN")
    return {name: command.replace("${var.environment}", "dev") for name, command in written.items()}


def runbooks() -> dict[str, str]:
    """Heading -> the text of its section."""
    return dict(re.findall(r"^## ([a-z-]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def page_commands() -> list[str]:
    """Every `gluepipe …` of the page: the lines of its code blocks, and those within sentences."""
    lines = [
        line for block in re.findall(r"^```\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) for line in block.splitlines()
    ]
    return [line for line in lines if line.startswith("gluepipe ")] + re.findall(r"`(gluepipe [^`]+)`", PAGE)


def check(line: str) -> None:
    """Parse a command line as Click would, without running it; raises click.UsageError for what does not exist."""
    context = click.Context(cli, info_name="gluepipe", **cli.context_settings)
    words = shlex.split(line, comments=True)[1:]
    command: click.Command = cli
    while isinstance(command, click.Group):
        name, found, words = command.resolve_command(context, words)
        assert found
        command, context = found, click.Context(found, info_name=name, parent=context)
    command.make_context(context.info_name, words, parent=context.parent)


def test_every_alarm_has_a_runbook_and_every_runbook_an_alarm() -> None:
    assert set(alarm_commands()) == set(runbooks())


@pytest.mark.parametrize("alarm", alarm_commands())
def test_the_command_in_an_alarms_message_exists_and_opens_its_runbook(alarm: str) -> None:
    command = f"gluepipe {alarm_commands()[alarm]}"
    check(command)
    assert command in runbooks()[alarm]


def test_every_runbook_has_commands_to_copy() -> None:
    assert all("```\ngluepipe " in text for text in runbooks().values())


@pytest.mark.parametrize("line", page_commands())
def test_every_command_of_the_page_exists_with_its_options(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("repaired.csv").touch()
    check(line)


@pytest.mark.parametrize(
    "line", ["gluepipe healthy dev", "gluepipe files dev --oldest", "gluepipe quarantine drop dev"]
)
def test_what_does_not_exist_is_found(line: str) -> None:
    with pytest.raises(click.UsageError):
        check(line)


def test_links_within_the_page_lead_somewhere() -> None:
    assert set(re.findall(r"\]\(#([a-z-]+)\)", PAGE)) <= set(runbooks())


def test_other_pages_exist() -> None:
    for name in re.findall(r"\]\(([^#)][^)]*)\)", PAGE):
        assert Path(REPOSITORY / "docs" / name).exists()
