"""The kept page says what the kept record says."""

import json

from benchmarks import report


def test_the_page_is_made_of_the_record() -> None:
    assert report.PAGE.read_text() == report.page(json.loads(report.RECORD.read_text()))


def test_a_workload_shows_medians_and_how_we_compare() -> None:
    runs = {
        "GluePipe": [[2.0, 3.0, 5e8, 0.0], [1.0, 3.0, 4e8, 0.5], [9.0, 3.0, 6e8, 1.0]],
        "other": [[8.0, 1.0, 1e9, 0.0]],
    }

    page = report.section({"title": "10 MB", "megabytes": 10.2, "runs": runs})

    assert "| GluePipe | 2.00 | 3.00 | 0.50 | 1.00 | 0.5 |\n| other | 8.00 | 1.00 | 1.00 | 0.25 | 0.0 |" in page
    assert "rounds: 1" in page
