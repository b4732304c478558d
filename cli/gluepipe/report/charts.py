"""Charts as inline SVG: columns and lines over time, and rows of bars. Their numbers stand in tables beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gluepipe.report.axes import Axis, times
from gluepipe.report.markup import Markup, element, join

LEFT, RIGHT, TOP, BOTTOM = 56.0, 12.0, 10.0, 26.0
ROW, LABEL, VALUE = 30.0, 290.0, 180.0
LABEL_LENGTH = 42
TIP_FORM = "%a %-d %b %H:%M"


@dataclass(frozen=True)
class Series:
    """One name and colour, and a value per slot or row; None where there is none. `style` is a class of page.css."""

    name: str
    style: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Timeline:
    """The slots that a chart over time has, and its size in the units of its drawing."""

    begins: Sequence[datetime]
    slot: timedelta
    width: float = 1080
    height: float = 220

    @property
    def step(self) -> float:
        return (self.width - LEFT - RIGHT) / len(self.begins)

    def x(self, slot: float) -> float:
        return LEFT + slot * self.step

    def y(self, place: float) -> float:
        return TOP + (1 - place) * (self.height - TOP - BOTTOM)


@dataclass(frozen=True)
class Caption:
    """What a chart is called and what it shows, for those who see it and for those who hear it."""

    id: str
    title: str
    description: str


def columns(caption: Caption, timeline: Timeline, axis: Axis, series: Sequence[Series], tips: Sequence[str]) -> Markup:
    """Stacked columns, one for each slot."""
    gap = min(timeline.step * 0.2, 6)
    bars = []
    for slot in range(len(timeline.begins)):
        base = 0.0
        for each in series:
            value = each.values[slot] or 0
            if value > 0:
                low, high = timeline.y(axis.place(base)), timeline.y(axis.place(base + value))
                x, width = timeline.x(slot) + gap / 2, timeline.step - gap
                bars.append(element("rect", class_=each.style, x=x, y=high, width=width, height=max(low - high, 0.6)))
            base += value
    return _over_time(caption, timeline, axis, join(*bars), tips)


def lines(caption: Caption, timeline: Timeline, axis: Axis, series: Sequence[Series], tips: Sequence[str]) -> Markup:
    """One line for each series, through the middle of its slots; broken where there is no value."""
    paths = []
    for each in series:
        path, pen_is_down = "", False
        for slot, value in enumerate(each.values):
            if value is None:
                pen_is_down = False
                continue
            end_is_next = slot + 1 == len(each.values) or each.values[slot + 1] is None
            lonely = not pen_is_down and end_is_next
            x, y = timeline.x(slot + 0.5), timeline.y(axis.place(value))
            path += f"{'L' if pen_is_down else 'M'}{x:.1f} {y:.1f}" + ("h0.1" if lonely else "")
            pen_is_down = True
        if path:
            paths.append(element("path", class_=f"stroke {each.style}", d=path))
    return _over_time(caption, timeline, axis, join(*paths), tips)


def rows(caption: Caption, labels: Sequence[str], series: Sequence[Series], values: Sequence[str]) -> Markup:
    """Stacked bars that lie, one for each label, and in words beside each what it stands for."""
    width, height = 1080.0, ROW * len(labels) + 2
    sums = [sum(each.values[row] or 0 for each in series) for row in range(len(labels))]
    scale = (width - LABEL - VALUE - 24) / (max(sums, default=0) or 1)
    drawn = []
    for row, label in enumerate(labels):
        middle, x = ROW * row + ROW / 2, LABEL + 12
        drawn.append(element("rect", class_="track", x=x, y=middle - 6, width=width - LABEL - VALUE - 24, height=12))
        for each in series:
            length = (each.values[row] or 0) * scale
            if length > 0:
                drawn.append(element("rect", class_=each.style, x=x, y=middle - 6, width=max(length, 1), height=12))
            x += length
        drawn.append(
            element(
                "text",
                element("title", label),
                _shortened(label),
                class_="label",
                x=LABEL,
                y=middle + 4,
                text_anchor="end",
            )
        )
        drawn.append(element("text", values[row], class_="value", x=width - VALUE, y=middle + 4))
    return _svg(caption, width, height, join(*drawn))


def legend(series: Sequence[Series]) -> Markup:
    """The names of the series beside their colours."""
    keys = (element("li", element("i", class_=each.style), each.name) for each in series)
    return element("ul", *keys, class_="legend")


def _over_time(caption: Caption, timeline: Timeline, axis: Axis, marks: Markup, tips: Sequence[str]) -> Markup:
    drawing = join(_grid(timeline, axis), _ticks(timeline), marks, _spots(timeline, tips))
    return _svg(caption, timeline.width, timeline.height, drawing)


def _grid(timeline: Timeline, axis: Axis) -> Markup:
    """A line across for each value that has a label, and the labels to the left of them."""
    drawn = []
    for value, label in axis.ticks:
        y = timeline.y(axis.place(value))
        drawn.append(
            element("line", class_="grid" if value else "base", x1=LEFT, x2=timeline.width - RIGHT, y1=y, y2=y)
        )
        drawn.append(element("text", label, x=LEFT - 8, y=y + 4, text_anchor="end"))
    return join(*drawn)


def _ticks(timeline: Timeline) -> Markup:
    """Round moments, each with a little line and its label, as long as there is room for that."""
    bottom, drawn = timeline.y(0), []
    for at, label in times(timeline.begins[0], timeline.begins[-1] + timeline.slot):
        x = timeline.x((at - timeline.begins[0]) / timeline.slot)
        if x < timeline.width - RIGHT - 30:
            drawn.append(element("line", class_="tick", x1=x, x2=x, y1=bottom, y2=bottom + 5))
            drawn.append(element("text", label, x=x + 4, y=timeline.height - 8))
    return join(*drawn)


def _spots(timeline: Timeline, tips: Sequence[str]) -> Markup:
    """What cannot be seen: over each slot a place to point at, for its numbers."""
    place: dict[str, float] = {"y": TOP, "width": timeline.step, "height": timeline.height - TOP - BOTTOM}
    return join(
        *(
            element(
                "rect",
                element("title", f"{begin.strftime(TIP_FORM)}\n{tip}"),
                class_="spot",
                x=timeline.x(slot),
                **place,
            )
            for slot, (begin, tip) in enumerate(zip(timeline.begins, tips, strict=True))
        )
    )


def _svg(caption: Caption, width: float, height: float, drawing: Markup) -> Markup:
    title, description = f"{caption.id}-title", f"{caption.id}-description"
    return element(
        "svg",
        element("title", caption.title, id=title),
        element("desc", caption.description, id=description),
        drawing,
        id=caption.id,
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        role="img",
        aria_labelledby=f"{title} {description}",
    )


def _shortened(label: str) -> str:
    """The end of a long name, which is what tells keys of one dataset apart."""
    return label if len(label) <= LABEL_LENGTH else f"…{label[-LABEL_LENGTH + 1 :]}"
