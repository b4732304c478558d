"""What AWS charges, as `[prices]` of `gluepipe.toml` has it."""

from dataclasses import dataclass
from datetime import date

from gluepipe.toml_table import Table


@dataclass(frozen=True)
class Prices:
    """US dollars, without tax and free tiers; `as_of` is the day on which somebody looked them up.

    `requests_per_1000_files` sums up what S3, SQS, Lambda and DynamoDB take for the calls about a file.
    """

    dpu_hour: float
    storage_gb_month: float
    requests_per_1000_files: float
    as_of: date


def read_prices(table: Table) -> Prices | None:
    """Read `[prices]`; None when it is left out. Raises SettingsError for anything missing or wrong in it."""
    if not table.names():
        return None
    table.allow("dpu_hour", "storage_gb_month", "requests_per_1000_files", "as_of")
    return Prices(
        dpu_hour=table.amount("dpu_hour"),
        storage_gb_month=table.amount("storage_gb_month"),
        requests_per_1000_files=table.amount("requests_per_1000_files"),
        as_of=table.day("as_of"),
    )
