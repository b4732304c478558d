"""The charts of the page: what each draws, and in which words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from gluepipe.operations.ledger import ROW_COUNTS
from gluepipe.report import axes, charts
from gluepipe.report.activity import Activity, Slot
from gluepipe.report.blocks import figure, of_many, seconds, set_aside, table
from gluepipe.report.charts import Caption, Series, Timeline
from gluepipe.report.markup import Markup
from gluepipe.units import count, dollars, duration, percent, short_count, size
from lambda_trigger.ledger_item import State

SHOWN_DATASETS = 20
STATES = [
    ("in their tables", "good", (State.SUCCEEDED,)),
    ("on their way", "pending", (State.CLAIMED, State.RUNNING)),
    ("ignored", "neutral", (State.IGNORED,)),
    ("failed", "bad", (State.FAILED,)),
]
Words = Callable[[float], str]
HALF = 536.0  # the width of a drawing that shares its line with another


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
    return figure(caption, chart, _over_time(slots, series, count), charts.legend(series))


def latency(activity: Activity) -> Markup:
    """How long files took from upload to end."""
    slots = activity.slots
    series = [
        Series("half within", "first", [slot.latency.percentile(50) for slot in slots]),
        Series("95 % within", "second", [slot.latency.percentile(95) for slot in slots]),
    ]
    values = [value for each in series for value in each.values if value is not None]
    axis = axes.durations(min(values, default=1), max(values, default=10))
    half, most = (seconds(activity.latency.percentile(percent)) for percent in (50, 95))
    description = (
        f"Half of the files were done within {half} of their upload, 95 % within {most}. The scale is logarithmic."
    )
    tips = [_lines(series, slot, duration) for slot in range(len(slots))]
    caption = Caption("latency", "From upload to table", description)
    chart = charts.lines(caption, _timeline(activity, HALF), axis, series, tips)
    return figure(caption, chart, _over_time(slots, series, duration), charts.legend(series))


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
    return figure(caption, chart, _over_time(activity.slots, series, dollars))


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
        f"{percent(*set_aside(each.rows))} aside, {percent(each.rows['rows_rescued'], each.rows['rows_read'])} rescued"
        for _, each in shown
    ]
    description = "Percent of the rows read that were set aside, and that have a value kept as text beside its column."
    caption = Caption(
        "quality", "Rows that did not fit, by dataset", description + of_many(shown, worst_first, "datasets")
    )
    numbers = table(
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
    return figure(caption, charts.rows(caption, labels, shares, values), numbers, charts.legend(shares))


def slowest(activity: Activity) -> Markup:
    """The files that took longest."""
    files = activity.slowest.descending()
    series = [
        Series("waited for a run", "neutral", [file.waited for file in files]),
        Series("processed", "first", [file.total - file.waited for file in files]),
    ]
    caption = Caption("slowest", "Slowest files", "The files that took longest from upload to end.")
    values = [f"{duration(file.total)}, {size(file.size)}" for file in files]
    numbers = table(
        ["file", "dataset", "size", "waited", "processed"],
        (
            [each.key, each.dataset, size(each.size), duration(each.waited), duration(each.total - each.waited)]
            for each in files
        ),
    )
    return figure(
        caption, charts.rows(caption, [each.key for each in files], series, values), numbers, charts.legend(series)
    )


def _over_time(slots: Sequence[Slot], series: Sequence[Series], words: Words) -> Markup:
    """The numbers of a chart, without the slots in which nothing happened."""
    return table(
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


def _share_set_aside(rows: Counter[str]) -> float:
    return rows["rows_quarantined"] / (rows["rows_read"] or 1)
