"""Charts: bars, lines and shares, laid out as shapes, each with the table it is drawn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isclose, log10
from typing import Literal

from desktop.drawing import Area, Label, Look, Shape, Stroke, lines
from desktop.paper_type import Typeface
from survey.scalar import round_half_away

ChartKind = Literal["bars", "lines", "shares"]
_GAP = 60.0
# More parts than these cannot be told apart: the smallest are taken together.
_PARTS = 8


@dataclass(frozen=True)
class Series:
    """A row of values, one a category; None where there is none. A `dashed` one is planned, not measured."""

    name: str
    values: tuple[float | None, ...]
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """What is drawn; `words` are the head of the categories, 'other' and '… {count} more'."""

    kind: ChartKind
    title: str
    unit: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    digits: int = 0
    words: tuple[str, str, str] = ("", "…", "… +{count}")
    keys: tuple[str, ...] = ()

    def text(self, value: float | None) -> str:
        """A value as it is written beside the drawing; none is —."""
        return "—" if value is None else f"{round_half_away(value, self.digits):,.{self.digits}f}"

    def table(self) -> list[tuple[str, ...]]:
        """Heads, then a row a category."""
        heads = (self.words[0], *(f"{one.name} ({self.unit})" if self.unit else one.name for one in self.series))
        rows = [
            (category, *(self.text(one.values[at]) for one in self.series))
            for at, category in enumerate(self.categories)
        ]
        return [heads, *rows]

    def shapes(self, width: float, height: float, face: Typeface, look: Look, points: float = 8) -> list[Shape]:
        """The chart in a size, in tenths of a point."""
        title = lines(face, self._title(), (0, 0, width), points + 1, look.ink, bold=True)
        top = len(title) * face.pitch(points + 1) + _GAP / 2
        draw = {"bars": _bars, "lines": _lines, "shares": _shares}[self.kind]
        plot = _Plot(self, width, height - top, face, look, points)
        return [*title, *(shape.moved(0, top) for shape in draw(plot))]

    def _title(self) -> str:
        return f"{self.title} ({self.unit})" if self.unit else self.title


@dataclass(frozen=True)
class _Plot:
    """Where a chart is drawn, and by what."""

    chart: Chart
    width: float
    height: float
    face: Typeface
    look: Look
    points: float

    @property
    def pitch(self) -> float:
        return self.face.pitch(self.points)

    def wide(self, texts: Sequence[str], most: float) -> float:
        """The width that texts ask for."""
        return min(max([0.0, *(self.face.width(text, self.points) for text in texts)]) + 4, most)


def _bars(plot: _Plot) -> list[Shape]:
    """A bar a category, its name to the left and its value at its end."""
    chart, face, points = plot.chart, plot.face, plot.points
    values = chart.series[0].values
    names = plot.wide(chart.categories, plot.width * 0.42)
    figures = plot.wide([chart.text(value) for value in values], plot.width * 0.3)
    broken = [face.lines(name, names, points) for name in chart.categories]
    heights = [max(len(one), 1) * plot.pitch + plot.pitch * 0.35 for one in broken]
    shown = _fitting(heights, plot.height, plot.pitch)
    left, room = names + _GAP, plot.width - names - figures - 2 * _GAP
    zero, scale = _scale(values, room)
    shapes: list[Shape] = []
    spare = (plot.height - sum(heights[:shown])) / max(shown, 1) if shown == len(heights) else 0
    y, add = 0.0, min(max(spare, 0), plot.pitch * 0.8)
    for at in range(shown):
        tall = heights[at] + add
        middle = y + tall / 2
        top = middle - len(broken[at]) * plot.pitch / 2
        shapes += lines(face, chart.categories[at], (0, top, names), points, plot.look.ink, align="right")
        shapes += _bar(plot, at, (left + zero, middle, scale), figures)
        y += tall
    if zero:
        shapes.append(Stroke(((left + zero, 0), (left + zero, y)), plot.look.muted, 5))
    if shown < len(heights):
        more = chart.words[2].format(count=len(heights) - shown)
        shapes += lines(face, more, (left, y, plot.width - left), points, plot.look.muted)[:1]
    return shapes


def _bar(plot: _Plot, at: int, where: tuple[float, float, float], figures: float) -> list[Shape]:
    zero, middle, scale = where
    value, thick = plot.chart.series[0].values[at], plot.pitch * 0.72
    long = (value or 0.0) * scale
    key = plot.chart.keys[at] if at < len(plot.chart.keys) else ""
    bar = Area(min(zero, zero + long), middle - thick / 2, max(abs(long), 3), thick, plot.look.series[0], key, 6)
    end = max(zero, zero + long) + _GAP / 2
    label = Label(end, middle - plot.pitch / 2, figures + _GAP / 2, plot.chart.text(value), plot.points, plot.look.ink)
    return [label] if value is None else [bar, label]


def _fitting(heights: Sequence[float], room: float, more: float) -> int:
    """How many rows fit; where not all do, there is room for the line that says so."""
    if sum(heights) <= room:
        return len(heights)
    count, used = 0, more
    while count < len(heights) and used + heights[count] <= room:
        used += heights[count]
        count += 1
    return count


def _scale(values: Sequence[float | None], room: float) -> tuple[float, float]:
    """Where zero stands, and how long one is."""
    known = [value for value in values if value is not None]
    least, most = min([0.0, *known]), max([0.0, *known])
    by = room / (most - least) if most > least else 0.0
    return -least * by, by


def _lines(plot: _Plot) -> list[Shape]:
    """A line a series over the categories, with a scale at the left and the names of the series above."""
    chart, look = plot.chart, plot.look
    known = [value for one in chart.series for value in one.values if value is not None]
    if not known:
        return list(lines(plot.face, chart.text(None), (0, 0, plot.width), plot.points, look.muted, align="center"))
    ticks = steps(min(known), max(known), whole=not chart.digits)
    marks = marked(ticks)
    left = plot.wide(marks, plot.width * 0.3) + _GAP / 2
    shapes, top = _legend(plot)
    bottom = plot.height - plot.pitch * 2.4
    top += plot.pitch
    span = ticks[-1] - ticks[0]

    def down(value: float) -> float:
        return bottom - (value - ticks[0]) / span * (bottom - top)

    for tick, mark in zip(ticks, marks, strict=True):
        shapes += _ruled(plot, mark, left, down(tick))
    step = (plot.width - left) / len(chart.categories)
    across = [left + step * (at + 0.5) for at in range(len(chart.categories))]
    shapes += _under(plot, across, step, bottom + plot.pitch * 1.2)
    for number, series in enumerate(chart.series):
        colour = look.muted if series.dashed else look.series[number % len(look.series)]
        shapes += _line(plot, series, across, step, down, colour)
    return shapes


def _ruled(plot: _Plot, mark: str, left: float, y: float) -> list[Shape]:
    """A mark of the scale, and the line across at its height."""
    place = (0, y - plot.pitch / 2, left - _GAP / 2)
    written = lines(plot.face, mark, place, plot.points, plot.look.muted, align="right")
    return [Stroke(((left, y), (plot.width, y)), plot.look.grid, 4), *written]


def _line(
    plot: _Plot, series: Series, across: Sequence[float], step: float, down: Callable[[float], float], colour: str
) -> list[Shape]:
    """A series: its line, and where it was measured its points with their values."""
    spots = [(x, down(value)) for x, value in zip(across, series.values, strict=True) if value is not None]
    shapes: list[Shape] = []
    if len(spots) > 1:
        shapes.append(Stroke(tuple(spots), colour, 10 if series.dashed else 16, series.dashed))
    if not series.dashed:
        dot = min(22.0, step / 2)
        shapes += [Area(x - dot, y - dot, 2 * dot, 2 * dot, colour, "", dot) for x, y in spots]
        shapes += _at_points(plot, series, across, step, down, colour)
    return shapes


def _at_points(
    plot: _Plot, series: Series, across: Sequence[float], step: float, down: Callable[[float], float], colour: str
) -> list[Label]:
    """The values above their points, where there is room for all of them."""
    texts = [plot.chart.text(value) for value in series.values]
    widest = plot.wide(texts, 1e6)
    if widest > step:
        texts = ["" for _ in texts[:-1]] + texts[-1:]
    found = []
    bold = max([0.0, *(plot.face.width(text, plot.points, True) for text in texts)]) + 4
    earlier: float | None = None
    for x, value, text, following in zip(across, series.values, texts, (*series.values[1:], None), strict=True):
        if value is not None and text:
            # Nor through what stands left of a point from which it rises.
            rising = following is not None and following > value
            at = min(max(x - (bold - 30 if rising else bold / 2), 0), plot.width - bold)
            # A line that comes down from the left would run through what stands above its point.
            falling = earlier is not None and earlier > value
            y = down(value) + (26 if falling else -plot.pitch - 26)
            found.append(Label(at, y, bold, text, plot.points, colour, "center", bold=True))
        earlier = value if value is not None else earlier
    return found


def _under(plot: _Plot, across: Sequence[float], step: float, bottom: float) -> list[Label]:
    """The categories under their points; every so many of them where there is not room for all."""
    widest = plot.wide(plot.chart.categories, 1e6)
    every = max(1, ceil((widest + 20) / step))
    return [
        Label(min(max(x - widest / 2, 0), plot.width - widest), bottom + plot.pitch * 0.2, widest, name, plot.points,
              plot.look.muted, "center")
        for at, (x, name) in enumerate(zip(across, plot.chart.categories, strict=True))
        if (len(across) - 1 - at) % every == 0
    ]  # fmt: skip


def _legend(plot: _Plot) -> tuple[list[Shape], float]:
    """The names of the series beside their lines, in rows; gives how high they are. One series needs none."""
    if len(plot.chart.series) < 2:
        return [], 0.0
    shapes: list[Shape] = []
    x, y, swatch = 0.0, 0.0, 180.0
    for number, series in enumerate(plot.chart.series):
        wide = swatch + 40 + plot.wide([series.name], plot.width - swatch - 40)
        if x and x + wide > plot.width:
            x, y = 0.0, y + plot.pitch
        colour = plot.look.muted if series.dashed else plot.look.series[number % len(plot.look.series)]
        middle = y + plot.pitch / 2
        shapes.append(Stroke(((x, middle), (x + swatch, middle)), colour, 14, series.dashed))
        shapes += lines(plot.face, series.name, (x + swatch + 40, y, wide - swatch - 40), plot.points, plot.look.ink)
        x += wide + 2 * _GAP
    return shapes, y + plot.pitch


def marked(ticks: Sequence[float]) -> list[str]:
    """The marks as they are written: all with as many digits as the finest needs."""
    digits = next(count for count in range(11) if all(isclose(round(one, count), one, abs_tol=1e-11) for one in ticks))
    return [f"{tick:,.{digits}f}" for tick in ticks]


def steps(least: float, most: float, *, whole: bool = False) -> list[float]:
    """Round marks of a scale round some values, seven at most; from zero where that is not far below.

    Of `whole` numbers, as counts are, no mark is a fraction.
    """
    low = 0.0 if 0 <= least <= most * 0.7 or least == most > 0 else least
    high = 0.0 if low < 0 and most < 0 else most
    rough = (high - low) / 4 or max(abs(high), 1.0) / 4
    rough = max(rough, 1.0) if whole else rough
    unit = 10 ** floor(log10(rough))
    parts = (1, 2, 5, 10) if whole and unit == 1 else (1, 2, 2.5, 5, 10)
    step = next(part * unit for part in parts if part * unit >= rough * 0.999)
    first, last = floor(low / step), ceil(high / step)
    return [round(at * step, 10) for at in range(first, max(last, first + 1) + 1)]


def _shares(plot: _Plot) -> list[Shape]:
    """One bar of all parts, and below it every part by name with its value and its share."""
    chart, look, face = plot.chart, plot.look, plot.face
    every = _parts(chart)
    whole = sum(value for _, value, _ in every)
    if whole <= 0:
        return list(lines(face, chart.text(None), (0, 0, plot.width), plot.points, look.muted, align="center"))
    right = plot.wide([_share(chart, whole, whole), *(_share(chart, one[1], whole) for one in every)], plot.width * 0.6)
    names, thick = plot.width - right - 170, plot.pitch * 1.5
    parts = _that_fit(plot, every, names, plot.height - thick - _GAP)
    rows = [face.lines(name, names, plot.points) for name, _, _ in parts]
    pitch = min((plot.height - thick - _GAP) / max(sum(len(row) for row in rows), 1), plot.pitch * 1.5)
    shapes: list[Shape] = []
    x, y = 0.0, thick + _GAP
    for number, ((name, value, key), row) in enumerate(zip(parts, rows, strict=True)):
        colour = look.series[number % len(look.series)]
        figure = Label(plot.width - right, y, right, _share(chart, value, whole), plot.points, look.ink, "right")
        shapes.append(Area(x, 0, value / whole * plot.width, thick, colour, key, 0, look.ground))
        shapes.append(Area(0, y + plot.pitch * 0.2, 80, plot.pitch * 0.6, colour, key, 8))
        shapes += [*lines(face, name, (120, y, names), plot.points, look.ink), figure]
        x += value / whole * plot.width
        y += pitch * len(row)
    return shapes


def _share(chart: Chart, value: float, whole: float) -> str:
    return f"{chart.text(value)}　{value / whole * 100:.1f}%"


def _parts(chart: Chart) -> list[tuple[str, float, str]]:
    """The parts with their names and keys, the largest first."""
    keys = [*chart.keys, *("" for _ in chart.categories[len(chart.keys) :])]
    values = zip(chart.categories, chart.series[0].values, keys, strict=True)
    return sorted(((name, value, key) for name, value, key in values if value), key=lambda part: -part[1])


def _that_fit(
    plot: _Plot, parts: Sequence[tuple[str, float, str]], names: float, room: float
) -> list[tuple[str, float, str]]:
    """The parts that can be told apart and listed; the smallest are taken together as the last."""
    most = _PARTS
    while True:
        rest = sum(value for _, value, _ in parts[most - 1 :])
        found = list(parts) if len(parts) <= most else [*parts[: most - 1], (plot.chart.words[1], rest, "")]
        high = sum(len(plot.face.lines(name, names, plot.points)) for name, _, _ in found) * plot.pitch
        if high <= room or most <= 1:
            return found
        most = min(most, len(found)) - 1
