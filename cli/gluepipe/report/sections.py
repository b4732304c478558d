"""The sections of the page that are words and tables: the figures to know first, failures, and cost."""

from __future__ import annotations

import shlex

from gluepipe.report.activity import Activity, Failures
from gluepipe.report.blocks import of_many, seconds, section, set_aside, table
from gluepipe.report.figures import SHOWN_DATASETS
from gluepipe.report.markup import Markup, element, join
from gluepipe.units import count, dollars, percent, short_count, size
from lambda_trigger.ledger_item import State

SHOWN_FAILURES = 12
MESSAGE_LENGTH = 300


def key_figures(activity: Activity) -> Markup:
    """The figures to know first."""
    states, rows, bill = activity.states, activity.rows, activity.bill
    files = states.total()
    half, most = activity.latency.percentile(50), activity.latency.percentile(95)
    figures = [
        ("files", count(files), f"{size(bill.total.bytes_in)} in {count(len(activity.datasets))} datasets"),
        ("in their tables", percent(states[State.SUCCEEDED], files), f"{count(states[State.FAILED])} failed"),
        ("rows written", short_count(rows["rows_written"]), f"{percent(*set_aside(rows))} set aside"),
        ("upload to table", seconds(half), f"95 % within {seconds(most)}"),
        ("processing", dollars(bill.cost.processing), f"{dollars(bill.month.processing)} in 30 such days"),
    ]
    tiles = (
        element("li", element("span", name), element("strong", figure), element("small", more))
        for name, figure, more in figures
    )
    return element("ul", *tiles, class_="figures")


def failures(environment: str, activity: Activity) -> Markup:
    """Why files failed, and the commands that look closer and try again."""
    found = sorted(activity.failures.items(), key=lambda entry: (-entry[1].count, entry[0]))
    shown = found[:SHOWN_FAILURES]
    rows = (
        [count(group.count), dataset, element("code", code), _message(group), _commands(environment, dataset, group)]
        for (dataset, code), group in shown
    )
    content = table(["files", "dataset", "reason", "last of them", "what to do"], rows, wide=True)
    text = f"{count(activity.states[State.FAILED])} files failed, here by dataset and reason."
    text += of_many(shown, found, "groups")
    return section("Failures", text, content) if found else section("Failures", "No file failed.")


def costs(activity: Activity) -> Markup:
    """What each dataset cost, and what to change."""
    bill = activity.bill
    shown = bill.by_dataset[:SHOWN_DATASETS]
    rows = [
        [name, count(usage.files), size(usage.bytes_in), f"{usage.dpu_seconds / 3600:.2f}", dollars(cost.runs),
         dollars(cost.requests), dollars(1000 * cost.processing / (usage.files or 1)), dollars(cost.storage_month)]
        for name, usage, cost in [*shown, ("all", bill.total, bill.cost)]
    ]  # fmt: skip
    columns = ["dataset", "files", "bytes in", "DPU-hours", "runs", "requests", "1,000 files", "storing a month"]
    text = (
        f"US dollars at the prices of {bill.prices.as_of}. 30 days like these: {dollars(bill.month.processing)}, and "
        f"{dollars(bill.month.storage_month)} a month to store their files."
    ) + of_many(shown, bill.by_dataset, "datasets")
    hint = element("p", bill.runs.hint, class_="hint") if bill.runs.hint else None
    return section("Cost by dataset", text, join(hint, table(columns, rows)))


def _commands(environment: str, dataset: str, group: Failures) -> Markup:
    key = str(group.last["key"])
    # A key that would be taken for an option, or that a page cannot hold, has an id that can be pasted.
    name = shlex.quote(key) if key.isprintable() and not key.startswith("-") else group.last["file_id"]
    which = name if group.count == 1 else f"--state failed --dataset {shlex.quote(dataset)}"
    commands = (f"gluepipe file {environment} {name}", f"gluepipe replay {environment} {which}")
    return join(
        *(element("button", element("code", command), type="button", title=f"Copy: {command}") for command in commands)
    )


def _message(group: Failures) -> Markup:
    message = str((group.last.get("error") or {}).get("message", ""))
    short = message if len(message) <= MESSAGE_LENGTH else f"{message[:MESSAGE_LENGTH]}…"
    return join(element("b", group.last["key"]), element("br"), short)
