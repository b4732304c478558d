"""package: build the bundles."""

from dataclasses import asdict

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import json_option, pass_project
from gluepipe.project import Project


@click.command()
@click.option("--keep", metavar="ENV", help="Also keep the bundles where ENV's releases are kept.")
@json_option
@pass_project
def package(project: Project, keep: str | None, as_json: bool) -> None:
    """Build the trigger and job bundles: the same bytes for the same sources, named by their digest."""
    from gluepipe.delivery import bundle_store
    from gluepipe.delivery import store as delivery_store
    from gluepipe.deployment import package as library

    built = library.build(project.root)
    if keep:
        store = delivery_store.open_store(project, project.settings.environment(keep).account)
        bundle_store.keep(store, bundle_store.TRIGGER, built.trigger, project.root)
        bundle_store.keep(store, bundle_store.JOB, built.job, project.root)
    bundles = asdict(built)
    if as_json:
        show.json_document(bundles)
    else:
        show.table(["bundle", "digest", "path"], [(n, b["digest"], b["path"]) for n, b in bundles.items()])
