"""The page's figures from a few files worked out by hand, and what it makes of names that want to be markup."""

from __future__ import annotations

import re
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from gluepipe.operations.cost import Bill
from gluepipe.prices import Prices
from gluepipe.report.activity import Activity, slot_width
from gluepipe.report.distribution import Distribution
from gluepipe.report.markup import Markup, element
from gluepipe.report.page import render
from tests.cli.report.week import WEEK, week

END = datetime(2026, 11, 25, 12, tzinfo=UTC)
PRICES = Prices(0.36, 0.02, 0.10, date(2026, 5, 31))
HOSTILE = """x/"><script>alert(1)</script>'&lt; $(touch x) `y`\u202e\x00\ud800.csv"""


def activity_of(*items: dict[str, Any], since: datetime = END - WEEK) -> Activity:
    activity = Activity(Bill(PRICES, since, END))
    for item in items:
        activity.add(item)
    return activity


def file(minutes_ago: float = 60, **changes: Any) -> dict[str, Any]:
    claimed_at = END - timedelta(minutes=minutes_ago)
    times = {"claimed_at": claimed_at, "started_at": claimed_at + timedelta(seconds=30)}
    times["finished_at"] = claimed_at + timedelta(seconds=40)
    figures = {"rows_read": 100, "rows_written": 90, "rows_quarantined": 10, "rows_rescued": 1, "size": 1000}
    fixed = {
        "file_id": "f",
        "dpu_seconds": 60,
        "key": "orders/a.csv",
        "dataset": "orders",
        "state": "succeeded",
        "bytes_in": 1000,
    }
    return {**fixed, **figures, **{name: f"{at.isoformat()}" for name, at in times.items()}, **changes}


def failed(code: str = "empty_file", message: str = "It holds no records.", **changes: Any) -> dict[str, Any]:
    return file(state="failed", error={"code": code, "message": message, "line": None}, **changes)


class Text(HTMLParser):
    """What a reader sees and a browser runs: the text, and every element with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += f"{data}\n"


def test_the_key_figures_are_those_of_the_files() -> None:
    slow = file(5, key="orders/slow.csv", finished_at=f"{(END + timedelta(minutes=5)).isoformat()}")
    page = Text(render("dev", activity_of(file(), file(), slow, failed(), file(state="ignored", started_at=None))))
    said = [line for line in page.text.splitlines() if line]
    after = {
        name: said[said.index(name) + 1 : said.index(name) + 3] for name in ("files", "in their tables", "rows written")
    }
    assert after["files"] == ["5", "5 kB in 1 datasets"]
    assert after["in their tables"] == ["60.0 %", "1 failed"]
    assert after["rows written"] == ["450", "10.0 % set aside"]


@pytest.mark.parametrize(
    ("changes", "total", "waited"),
    [
        ({"latency": 95}, 95, 85),
        ({}, 40, 30),
        ({"latency": 12}, 40, 30),
        ({"state": "failed", "latency": 95}, 40, 30),
    ],
    ids=[
        "from the upload",
        "from the claim, where nothing else is known",
        "of an earlier attempt",
        "of a file that failed",
    ],
)
def test_latency_is_of_files_that_a_run_took(changes: dict[str, Any], total: float, waited: float) -> None:
    waiting = file(state="claimed", started_at=None, finished_at=None)
    activity = activity_of(file(**changes), waiting, file(state="ignored"))
    assert activity.latency.percentile(50) == pytest.approx(total, rel=0.03)
    [timing] = activity.slowest.descending()
    assert (timing.total, timing.waited) == (total, waited)


def test_failures_are_grouped_with_the_latest_as_the_example_and_commands_for_all_of_them() -> None:
    files = [failed(minutes_ago=ago, key=f"orders/{ago}.csv") for ago in (9, 5, 7)]
    page = Text(render("dev", activity_of(*files, failed("damaged_archive", key="prices/a b.csv", dataset="prices"))))
    commands = [line for line in page.text.splitlines() if line.startswith("gluepipe ")]
    assert commands == [
        "gluepipe file dev orders/5.csv",
        "gluepipe replay dev --state failed --dataset orders",
        "gluepipe file dev 'prices/a b.csv'",
        "gluepipe replay dev 'prices/a b.csv'",
    ]


@pytest.mark.parametrize("key", ["-rf.csv", "orders/a\x00.csv", "orders/\u202ecsv.exe"])
def test_a_key_that_cannot_be_pasted_is_named_by_its_id(key: str) -> None:
    page = Text(render("dev", activity_of(failed(key=key, file_id="0123456789abcdef"))))
    assert "gluepipe replay dev 0123456789abcdef" in page.text.splitlines()


def test_the_datasets_with_most_rows_set_aside_come_first() -> None:
    clean, bad = file(dataset="a", rows_quarantined=0), file(dataset="z", rows_quarantined=50)
    text = Text(render("dev", activity_of(clean, bad))).text
    assert re.search(r"z\n50.0 % aside, 1.0 % rescued\na\n", text.replace("z\nz", "z").replace("a\na", "a"))


def test_names_and_messages_are_text_whatever_they_hold() -> None:
    hostile = failed(message=f"<img src=x onerror=alert(2)> {HOSTILE}", key=HOSTILE, dataset="<b>x</b>")
    page = render("dev", activity_of(hostile))
    parsed = Text(page)
    assert sum(tag == "script" for tag, _ in parsed.tags) == 1
    assert not any(tag in ("img", "iframe", "link", "a") for tag, _ in parsed.tags)
    assert not any(
        name.startswith("on") or name in ("style", "href", "src") for _, attrs in parsed.tags for name in attrs
    )
    assert """x/"><script>alert(1)</script>'&lt; $(touch x) `y`\ufffd\ufffd\ufffd.csv""" in parsed.text
    assert page.encode("utf-8")


def test_nothing_is_loaded_from_anywhere() -> None:
    page = render("dev", activity_of(file()))
    assert not re.search(r"https?:|//|@import|url\(", page.replace("// A page", "").replace("// Each command", ""))
    [policy] = [attrs["content"] for tag, attrs in Text(page).tags if attrs.get("http-equiv")]
    assert str(policy).startswith("default-src 'none'; style-src 'sha256-")


def test_every_chart_has_a_name_a_description_and_a_table() -> None:
    page = render("dev", activity_of(file(), failed()))
    figures = re.findall(r"<figure>.*?</figure>", page, re.DOTALL)
    assert len(figures) == 5
    for figure in figures:
        ids = re.search(r'aria-labelledby="(\S+) (\S+)"', figure)
        assert ids
        assert re.search(rf'<title id="{ids[1]}">\w', figure)
        assert re.search(rf'<desc id="{ids[2]}">\w', figure)
        assert re.search(r"<details>.*<tbody><tr>", figure)


def test_a_period_without_files_has_a_page_too() -> None:
    assert "No file failed." in render("dev", activity_of())


def test_the_page_stays_small_whatever_the_datasets() -> None:
    activity = activity_of(
        *(
            failed(f"code_{n % 50}", "x" * 5000, dataset=f"dataset_{n}", key=f"dataset_{n}/{'k' * 900}")
            for n in range(3000)
        ),
    )
    page = render("dev", activity)
    assert len(page) < 300_000
    assert "Shown: 20 of 3,000 datasets." in page


def test_memory_does_not_grow_with_files() -> None:
    activity = Activity(Bill(PRICES, END - WEEK, END))
    tracemalloc.start()
    for item in week(END, files=9_000):
        if "dataset" in item:
            activity.add(item)
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert highest < 1_000_000  # the files themselves take thirty times as much


@pytest.mark.parametrize(
    ("period", "width"),
    [
        (timedelta(minutes=30), timedelta(minutes=1)),
        (timedelta(days=1), timedelta(minutes=15)),
        (timedelta(days=7), timedelta(hours=1)),
        (timedelta(days=30), timedelta(hours=6)),
        (timedelta(days=3650), timedelta(days=19)),
    ],
)
def test_slots_are_as_narrow_as_fits(period: timedelta, width: timedelta) -> None:
    assert slot_width(period) == width
    activity = Activity(Bill(PRICES, END - period, END))
    assert len(activity.slots) <= 201
    assert activity.slots[0].begin <= END - period
    assert activity.slots[-1].begin <= END < activity.slots[-1].begin + width


def test_percentiles_are_close_to_the_true_ones() -> None:
    values = [1.07**n for n in range(200)]
    seen = Distribution()
    for value in values:
        seen.add(value)
    for percent in (1, 50, 95, 100):
        assert seen.percentile(percent) == pytest.approx(values[2 * percent - 1], rel=0.026)
    assert Distribution().percentile(50) is None
    seen.add(0)


def test_elements_escape_text_and_attributes_but_not_markup() -> None:
    assert element("td", "<&>", Markup("<b>x</b>"), None, 3, title='"<') == (
        '<td title="&quot;&lt;">&lt;&amp;&gt;<b>x</b>3</td>'
    )
    assert element("rect", x=1.25, class_="a", data_tip="x", y=None) == '<rect x="1.2" class="a" data-tip="x"></rect>'
