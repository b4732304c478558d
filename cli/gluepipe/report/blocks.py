"""What the sections of the page are made of: a heading with its text, a chart with its table, and their words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from gluepipe.report.charts import Caption
from gluepipe.report.markup import Child, Markup, element
from gluepipe.units import duration


def section(title: str, text: str, content: Markup | None = None) -> Markup:
    """A heading, a sentence, and what they are about."""
    return element("section", element("h2", title), element("p", text), content)


def figure(caption: Caption, chart: Markup, numbers: Markup, legend: Markup | None = None) -> Markup:
    """A chart under its title, with its numbers in a table beside it."""
    heading = element("figcaption", element("h2", caption.title), legend, element("p", caption.description))
    drawing = element("div", chart, class_="scroll")
    return element("figure", heading, drawing, element("details", element("summary", "As a table"), numbers))


def table(columns: Sequence[str], rows: Iterable[Sequence[Child]], *, wide: bool = False) -> Markup:
    """Rows under their column names, in a frame that scrolls."""
    head = element("tr", *(element("th", name, scope="col") for name in columns))
    body = (element("tr", *(element("td", cell) for cell in row)) for row in rows)
    grid = element("table", element("thead", head), element("tbody", *body), class_="wide" if wide else None)
    return element("div", grid, class_="scroll")


def of_many(shown: Sequence[object], everything: Sequence[object], what: str) -> str:
    """Say that only some are shown; nothing where all are."""
    return "" if len(shown) == len(everything) else f" Shown: {len(shown)} of {len(everything):,} {what}."


def seconds(value: float | None) -> str:
    """A duration in words; a dash where there is none."""
    return "-" if value is None else duration(value)


def set_aside(rows: Counter[str]) -> tuple[int, int]:
    """The rows set aside, and the rows read."""
    return rows["rows_quarantined"], rows["rows_read"]
