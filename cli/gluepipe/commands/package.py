"""package: build the bundles."""

from dataclasses import asdict

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import json_option, pass_project
from gluepipe.project import Project


@click.command()
@json_option
@pass_project
def package(project: Project, as_json: bool) -> None:
    """Build the trigger and job bundles: the same bytes for the same sources, named by their digest."""
    from gluepipe import package as library

    bundles = asdict(library.build(project.root))
    if as_json:
        show.json_document(bundles)
    else:
        show.table(["bundle", "digest", "path"], [(n, b["digest"], b["path"]) for n, b in bundles.items()])
