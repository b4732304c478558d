"""`gluepipe report` of a week of 50,000 files, opened in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import SETTINGS
from tests.cli.operated import run
from tests.cli.report import chromium, seeded
from tests.cli.report.chromium import Page
from tests.cli.report.week import FILES, week

# A name that is run, where it is not escaped, and that says so.
RUN_ME = "document.title='taken'"
HOSTILE = f"""orders/"></title></text><script>{RUN_ME}</script><img src=x onerror="{RUN_ME}">.csv"""
CHARTS = """
[...document.querySelectorAll("figure svg")].map((svg) => {
  const isSeen = ({ width, height }) => width > 0.5 && height > 0.5;
  const marks = [...svg.querySelectorAll("rect:not(.spot, .track), path")];
  return {
    id: svg.id,
    box: svg.getBoundingClientRect().toJSON(),
    marks: marks.filter((mark) => isSeen(mark.getBoundingClientRect())).length,
    colors: new Set(marks.map((mark) => getComputedStyle(mark).color)).size,
  };
})
"""


def seeded_week() -> Iterator[dict[str, Any]]:
    """The week up to now; the slowest of its files has a hostile name."""
    items = week(datetime.now(UTC))
    yield next(items) | {"key": HOSTILE, "finished_at": "2999-01-01T00:00:00.000Z"}
    yield from items


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page that the command writes about the seeded week."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "gluepipe.toml").write_text(SETTINGS)
    target = folder / "report.html"
    with seeded.environment(seeded_week()):
        result = run("--project", str(folder), "report", "dev", "--html", str(target))
    assert result.exit_code == 0, result.output
    assert f"Wrote {target}: {FILES:,} files" in result.stderr
    return target


def test_a_folder_that_is_not_there_is_told_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "gluepipe.toml").write_text(SETTINGS)

    result = run("--project", str(tmp_path), "report", "dev", "--html", str(tmp_path / "none" / "report.html"))

    assert result.exit_code == 2
    assert f"There is no folder {tmp_path / 'none'}" in result.stderr


@pytest.fixture
def page() -> Iterator[Page]:
    program = chromium.find()
    if program is None:
        pytest.skip("no Chromium on PATH; `make browser` installs one where it can")
    with chromium.browse(program) as page:
        yield page


def test_the_page_of_50000_files_is_small(report: Path) -> None:
    assert report.stat().st_size < 300_000


def test_it_opens_without_a_script_error_and_shows_its_charts(report: Path, page: Page) -> None:
    page.open(report)
    assert page.troubles == []
    assert page.requested == [report.as_uri()]
    charts = {chart["id"]: chart for chart in page.evaluate(CHARTS)}
    assert list(charts) == ["throughput", "latency", "spending", "quality", "slowest"]
    for chart in charts.values():
        assert chart["box"]["width"] > 400
        assert chart["box"]["height"] > 150
    assert charts["throughput"]["marks"] > 100
    assert charts["latency"]["marks"] == 2
    assert charts["spending"]["marks"] > 80
    assert charts["quality"]["marks"] >= 8
    assert charts["slowest"]["marks"] >= 10
    assert charts["throughput"]["colors"] == 2
    assert f"{FILES:,}" in page.evaluate("document.querySelector('.figures').innerText")


def test_a_hostile_name_is_shown_and_not_run(report: Path, page: Page) -> None:
    page.open(report)
    assert page.evaluate("document.title") == "GluePipe report: dev"
    assert page.evaluate("document.scripts.length") == 1
    assert page.evaluate("document.images.length") == 0
    cells = page.evaluate("[...document.querySelectorAll('figure:has(#slowest) td')].map((cell) => cell.textContent)")
    assert cells[0] == HOSTILE


def test_it_follows_the_readers_choice_of_light_and_dark_and_fits_a_phone(report: Path, page: Page) -> None:
    def contrast(dark: bool) -> tuple[int, int]:
        page.open(report, width=390, dark=dark)
        style = "getComputedStyle(document.querySelector('section'))"
        paper, ink = (
            page.evaluate(f"{style}.{name}.match(/\\d+/g).map(Number)") for name in ("backgroundColor", "color")
        )
        return sum(paper), sum(ink)

    paper, ink = contrast(dark=False)
    assert paper - ink > 400
    paper, ink = contrast(dark=True)
    assert ink - paper > 400
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_command_is_copied_by_a_click(report: Path, page: Page) -> None:
    page.open(report)
    command = page.evaluate("document.querySelector('button').textContent")
    assert command.startswith("gluepipe file dev ")
    taken = page.evaluate("""new Promise((done) => {
      const button = document.querySelector("button");
      const look = () => {
        if (button.className === "copied" || String(getSelection())) done(String(getSelection()) || button.textContent);
        else setTimeout(look, 20);
      };
      button.click();
      look();
    })""")
    assert taken == command
    assert page.troubles == []


@pytest.mark.parametrize(
    "content", ["<script>nowhere()</script>", "<script>console.error('x')</script>", "<img src='missing.png'>"]
)
def test_trouble_in_a_page_is_noticed(tmp_path: Path, page: Page, content: str) -> None:
    (tmp_path / "page.html").write_text(f"<!doctype html><body>{content}</body>")
    page.open(tmp_path / "page.html")
    assert page.troubles != []
