"""demo-delivery: the whole of delivery on emulated accounts of its own."""

import tempfile
from pathlib import Path

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import pass_project
from gluepipe.project import Project


@click.command()
@pass_project
def demo_delivery(project: Project) -> None:
    """Show delivery from three empty accounts to a rollback: takes some minutes, touches nothing but a temporary copy.

    Bootstraps the accounts, applies the pipelines, runs both as the build service would, promotes a changed job with
    somebody else's approval, rolls it back and lists the releases.
    """
    from gluepipe.demo import delivery as delivery_demo

    with tempfile.TemporaryDirectory(prefix="gluepipe-delivery-") as folder:
        delivery_demo.run(delivery_demo.check_out(project.root, Path(folder).resolve(), show.data))
