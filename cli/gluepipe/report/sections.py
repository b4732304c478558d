"""The sections of the page: what each shows, and in which words."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from gluepipe.operations.ledger import ROW_COUNTS
from gluepipe.report import axes, charts
from gluepipe.report.activity import Activity, Failures, Slot
from gluepipe.report.charts import Caption, Series, Timeline
from gluepipe.report.markup import Child, Markup, element, join
from gluepipe.units import count, dollars, duration, percent, short_count, size
from lambda_trigger.ledger_item import State

SHOWN_DATASETS = 20
SHOWN_FAILURES = 12
MESSAGE_LENGTH = 300
STATES = [
    ("in their tables", "good", (State.SUCCEEDED,)),
    ("on their way", "pending", (State.CLAIMED, State.RUNNING)),
    ("ignored", "neutral", (State.IGNORED,)),
    ("failed", "bad", (State.FAILED,)),
]
Words = Callable[[float], str]
HALF = 536.0  # the width of a drawing that shares its line with another


def key_figures(activity: Activity) -> Markup:
    """The figures to know first."""
    states, rows, bill = activity.states, activity.rows, activity.bill
    files = states.total()
    half, most = activity.latency.percentile(50), activity.latency.percentile(95)
    figures = [
        ("files", count(files), f"{size(bill.total.bytes_in)} in {count(len(activity.datasets))} datasets"),
        ("in their tables", percent(states[State.SUCCEEDED], files), f"{count(states[State.FAILED])} failed"),
        ("rows written", short_count(rows["rows_written"]), f"{percent(*_set_aside(rows))} set aside"),
        ("upload to table", _seconds(half), f"95 % within {_seconds(most)}"),
        ("processing", dollars(bill.cost.processing), f"{dollars(bill.month.processing)} in 30 such days"),
    ]
    tiles = (
        element("li", element("span", name), element("strong", figure), element("small", more))
        for name, figure, more in figures
    )
    return element("ul", *tiles, class_="figures")


def throughput(activity: Activity) -> Markup:
    """Files by the time they were claimed and by what became of them."""
    slots = activity.slots
    all_series = [
        Series(name, style, [sum(slot.states[state] for state in states) for slot in slots])
        for name, style, states in STATES
    ]
    series = [each for each in all_series if any(each.values)] or all_series[:1]
    busiest = max(slots, key=lambda slot: slot.states.total())
    description = (
        f"Files claimed in each {_width(activity)}. The most, {count(busiest.states.total())}, "
        f"in the one that began on {busiest.begin:%-d %B at %H:%M}."
    )
    axis = axes.amounts(busiest.states.total(), short_count)
    tips = [_lines(series, slot, count) for slot in range(len(slots))]
    caption = Caption("throughput", f"Files per {_width(activity)}", description)
    chart = charts.columns(caption, _timeline(activity), axis, series, tips)
    return _figure(caption, chart, _over_time(slots, series, count), charts.legend(series))


def latency(activity: Activity) -> Markup:
    """How long files took from upload to end."""
    slots = activity.slots
    series = [
        Series("half within", "first", [slot.latency.percentile(50) for slot in slots]),
        Series("95 % within", "second", [slot.latency.percentile(95) for slot in slots]),
    ]
    values = [value for each in series for value in each.values if value is not None]
    axis = axes.durations(min(values, default=1), max(values, default=10))
    half, most = (_seconds(activity.latency.percentile(percent)) for percent in (50, 95))
    description = (
        f"Half of the files were done within {half} of their upload, 95 % within {most}. The scale is logarithmic."
    )
    tips = [_lines(series, slot, duration) for slot in range(len(slots))]
    caption = Caption("latency", "From upload to table", description)
    chart = charts.lines(caption, _timeline(activity, HALF), axis, series, tips)
    return _figure(caption, chart, _over_time(slots, series, duration), charts.legend(series))


def spending(activity: Activity) -> Markup:
    """What the runs cost over time."""
    hours = activity.width.total_seconds() / 3600
    price = activity.bill.prices.dpu_hour / 3600
    series = [Series("runs", "first", [slot.dpu_seconds * price for slot in activity.slots])]
    spent = sum(value or 0 for value in series[0].values)
    axis = axes.amounts(max(value or 0 for value in series[0].values), dollars)
    description = (
        f"US dollars for the job runs of the files claimed in each {_width(activity)}: {dollars(spent)} altogether, "
        f"{dollars(spent / (hours * len(activity.slots)))} an hour on average."
    )
    tips = [_lines(series, slot, dollars) for slot in range(len(activity.slots))]
    caption = Caption("spending", f"Cost of runs per {_width(activity)}", description)
    chart = charts.columns(caption, _timeline(activity, HALF), axis, series, tips)
    return _figure(caption, chart, _over_time(activity.slots, series, dollars))


def quality(activity: Activity) -> Markup:
    """Which share of each dataset's rows was set aside, or has values rescued."""
    worst_first = sorted(activity.datasets.items(), key=lambda entry: (-_share_set_aside(entry[1].rows), entry[0]))
    shown = worst_first[:SHOWN_DATASETS]
    shares = [
        Series(name, style, [100 * each.rows[column] / (each.rows["rows_read"] or 1) for _, each in shown])
        for name, style, column in (
            ("set aside", "bad", "rows_quarantined"),
            ("with rescued values", "pending", "rows_rescued"),
        )
    ]
    labels = [name for name, _ in shown]
    values = [
        f"{percent(*_set_aside(each.rows))} aside, {percent(each.rows['rows_rescued'], each.rows['rows_read'])} rescued"
        for _, each in shown
    ]
    description = "Percent of the rows read that were set aside, and that have a value kept as text beside its column."
    caption = Caption(
        "quality", "Rows that did not fit, by dataset", description + _of_many(shown, worst_first, "datasets")
    )
    table = _table(
        ["dataset", "files", "failed", "rows read", "written", "set aside", "with rescued values"],
        (
            [
                name,
                count(each.states.total()),
                count(each.states[State.FAILED]),
                *(count(each.rows[row]) for row in ROW_COUNTS),
            ]
            for name, each in shown
        ),
    )
    return _figure(caption, charts.rows(caption, labels, shares, values), table, charts.legend(shares))


def slowest(activity: Activity) -> Markup:
    """The files that took longest."""
    files = activity.slowest.descending()
    series = [
        Series("waited for a run", "neutral", [file.waited for file in files]),
        Series("processed", "first", [file.total - file.waited for file in files]),
    ]
    caption = Caption("slowest", "Slowest files", "The files that took longest from upload to end.")
    values = [f"{duration(file.total)}, {size(file.size)}" for file in files]
    table = _table(
        ["file", "dataset", "size", "waited", "processed"],
        (
            [each.key, each.dataset, size(each.size), duration(each.waited), duration(each.total - each.waited)]
            for each in files
        ),
    )
    return _figure(
        caption, charts.rows(caption, [each.key for each in files], series, values), table, charts.legend(series)
    )


def failures(environment: str, activity: Activity) -> Markup:
    """Why files failed, and the commands that look closer and try again."""
    found = sorted(activity.failures.items(), key=lambda entry: (-entry[1].count, entry[0]))
    shown = found[:SHOWN_FAILURES]
    rows = (
        [count(group.count), dataset, element("code", code), _message(group), _commands(environment, dataset, group)]
        for (dataset, code), group in shown
    )
    content = _table(["files", "dataset", "reason", "last of them", "what to do"], rows, wide=True)
    text = f"{count(activity.states[State.FAILED])} files failed, here by dataset and reason."
    text += _of_many(shown, found, "groups")
    return _section("Failures", text, content) if found else _section("Failures", "No file failed.")


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
    ) + _of_many(shown, bill.by_dataset, "datasets")
    hint = element("p", bill.runs.hint, class_="hint") if bill.runs.hint else None
    return _section("Cost by dataset", text, join(hint, _table(columns, rows)))


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


def _section(title: str, text: str, content: Markup | None = None) -> Markup:
    return element("section", element("h2", title), element("p", text), content)


def _figure(caption: Caption, chart: Markup, table: Markup, legend: Markup | None = None) -> Markup:
    heading = element("figcaption", element("h2", caption.title), legend, element("p", caption.description))
    drawing = element("div", chart, class_="scroll")
    return element("figure", heading, drawing, element("details", element("summary", "As a table"), table))


def _table(columns: Sequence[str], rows: Iterable[Sequence[Child]], *, wide: bool = False) -> Markup:
    head = element("tr", *(element("th", name, scope="col") for name in columns))
    body = (element("tr", *(element("td", cell) for cell in row)) for row in rows)
    table = element("table", element("thead", head), element("tbody", *body), class_="wide" if wide else None)
    return element("div", table, class_="scroll")


def _over_time(slots: Sequence[Slot], series: Sequence[Series], words: Words) -> Markup:
    """The numbers of a chart, without the slots in which nothing happened."""
    return _table(
        ["from (UTC)", *(each.name for each in series)],
        (
            [f"{slot.begin:%Y-%m-%d %H:%M}", *(words(value) if value is not None else "" for value in values)]
            for slot, *values in zip(slots, *(each.values for each in series), strict=True)
            if any(values)
        ),
    )


def _lines(series: Sequence[Series], slot: int, words: Words) -> str:
    said = (f"{words(value)} {each.name}" for each in series if (value := each.values[slot]))
    return "\n".join(said) or "nothing"


def _timeline(activity: Activity, width: float = 1080) -> Timeline:
    return Timeline([slot.begin for slot in activity.slots], activity.width, width)


def _width(activity: Activity) -> str:
    text = duration(activity.width.total_seconds())
    return {"1 min": "minute", "1 h": "hour", "24 h": "day"}.get(text, text)


def _set_aside(rows: Counter[str]) -> tuple[int, int]:
    return rows["rows_quarantined"], rows["rows_read"]


def _share_set_aside(rows: Counter[str]) -> float:
    return rows["rows_quarantined"] / (rows["rows_read"] or 1)


def _seconds(value: float | None) -> str:
    return "-" if value is None else duration(value)


def _of_many(shown: Sequence[object], everything: Sequence[object], what: str) -> str:
    return "" if len(shown) == len(everything) else f" Shown: {len(shown)} of {len(everything):,} {what}."
