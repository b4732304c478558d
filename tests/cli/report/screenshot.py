"""`make screenshot`: the picture of the README, of the report about the seeded week. Argument: the PNG to write."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from gluepipe.operations.cost import Bill, prices_of
from gluepipe.report.activity import Activity
from gluepipe.report.page import render
from gluepipe.settings import load
from tests.cli.report import chromium, week
from tests.places import REPOSITORY

SETTINGS = REPOSITORY / "gluepipe.toml"
END = datetime(2026, 11, 21, tzinfo=UTC)
BELOW = "document.querySelector('.halves').getBoundingClientRect().bottom - 4"


def take(picture: Path, browser: str) -> None:
    """Draw the report down to its charts over time. The ledger is left out; `test_report` has it in between."""
    activity = Activity(Bill(prices_of(load(SETTINGS)), END - week.WEEK, END))
    for item in week.week(END):
        (activity.add if "dataset" in item else activity.bill.runs.add)(item)
    with tempfile.TemporaryDirectory() as folder, chromium.browse(browser) as page:
        html = Path(folder) / "report.html"
        html.write_text(render("dev", activity), encoding="utf-8")
        page.open(html, scale=1.5)
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(page.screenshot(page.evaluate(BELOW)))


if __name__ == "__main__":
    found = chromium.find()
    if found is None:
        sys.exit("No browser on PATH; `make browser` installs one where it can.")
    take(Path(sys.argv[1]), found)
