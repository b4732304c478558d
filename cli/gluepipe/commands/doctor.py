"""doctor: check this machine."""

from dataclasses import asdict
from pathlib import Path

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import json_option
from gluepipe.errors import ExitCode
from gluepipe.project import Project


@click.command()
@json_option
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Check this machine, the settings and the accounts; exit 1 when something that is needed is missing.

    Of each account: whose credentials these are, state bucket and its versions, whether states can be locked (a
    lock that nobody uses is taken and released). Of each environment: who hears of uploads, the queue's patience
    with the trigger, the end of the job's Glue version.
    """
    from gluepipe.health import doctor as library

    given = context.find_root().obj
    start = given.root if isinstance(given, Project) else given
    with show.progress("Looking at this machine and the accounts"):
        findings = library.examine(start if isinstance(start, Path) else None)
    if as_json:
        show.json_document([{"name": name, **asdict(finding)} for name, finding in findings.items()])
    else:
        show.table(
            ["", "check", "found"], [(finding.level, name, finding.detail) for name, finding in findings.items()]
        )
        for name, finding in findings.items():
            if finding.fix:
                show.words(f"{name}: {finding.fix}")
    if any(finding.level == "missing" for finding in findings.values()):
        context.exit(ExitCode.FAILURE)
