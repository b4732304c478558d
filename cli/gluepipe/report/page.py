"""The page: its sections in order, with style and script inside, and nothing from anywhere else."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources

from gluepipe import __version__
from gluepipe.report import figures, sections
from gluepipe.report.activity import Activity
from gluepipe.report.markup import Markup, element, join

TIME_FORM = "%-d %B %Y, %H:%M"


def render(environment: str, activity: Activity) -> str:
    """Return a whole HTML document about one environment."""
    style, script = _resource("page.css"), _resource("page.js")
    # Were there ever markup in a file's name that got through, the browser would still refuse to run or load it.
    policy = f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"GluePipe report: {environment}"),
        element("style", style),
    )
    body = element("body", _header(environment, activity), _main(environment, activity), element("script", script))
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _header(environment: str, activity: Activity) -> Markup:
    bill = activity.bill
    period = f"{bill.since.strftime(TIME_FORM)} to {bill.until.strftime(TIME_FORM)} UTC"
    return element(
        "header",
        element("h1", "GluePipe ", element("b", environment)),
        element("p", f"Files claimed from {period}"),
    )


def _main(environment: str, activity: Activity) -> Markup:
    content = join(
        sections.key_figures(activity),
        figures.throughput(activity),
        element("div", figures.latency(activity), figures.spending(activity), class_="halves"),
        figures.quality(activity),
        figures.slowest(activity),
        sections.failures(environment, activity),
        sections.costs(activity),
    )
    return element(
        "main", content, element("footer", f"Written by gluepipe {__version__} from the ledger of {environment}.")
    )


def _resource(name: str) -> Markup:
    return Markup((resources.files(__package__) / name).read_text(encoding="utf-8"))


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
