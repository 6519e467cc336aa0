"""What charts and maps are made of: areas, strokes and labels in tenths of a point, painted on screen and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from desktop.paper_block import Align
from desktop.paper_type import Typeface
from desktop.theme import Colours
from survey.texts import visible

_ABOVE = 0.88
# A label is this much wider than it measures before it counts as cut.
_SLACK = 2.0
_LIGHT = (
    "#2f6db5", "#d9822b", "#3a9a7a", "#b5547e", "#7a6fc2", "#8a9a3b", "#4299b8", "#a8693d", "#8c98a4",
)  # fmt: skip
_DARK = (
    "#78b0ef", "#f0b45c", "#6fcf97", "#e58fb1", "#b0a6f2", "#c3d06b", "#7fd0ea", "#d9a077", "#98a4b0",
)  # fmt: skip


@dataclass(frozen=True)
class Look:
    """The colours of a drawing; `shades` lead from little to much."""

    ground: str
    ink: str
    muted: str
    grid: str
    series: tuple[str, ...]
    shades: tuple[str, ...]
    tones: tuple[tuple[str, str], ...] = ()

    def tone(self, status: str) -> str:
        """The colour of a goal's status; its word says the same."""
        return dict(self.tones).get(status, self.muted)


PAPER = Look(
    "#ffffff", "#1f2933", "#5b6875", "#d5dce3", _LIGHT, ("#eaf1f9", "#c3d8ee", "#92b8de", "#5a90c8", "#245fa6"),
    (("met", "#1b7f4d"), ("on_track", "#2f6db5"), ("behind", "#b54708")),
)  # fmt: skip


def look_of(colours: Colours) -> Look:
    """The look of the window's mode."""
    dark = QColor(colours.ground).lightness() < QColor(colours.ink).lightness()
    shades = ("#22303f", "#27486a", "#306394", "#4a86c0", "#78b0ef") if dark else PAPER.shades
    tones = (("met", colours.good), ("on_track", colours.accent), ("behind", colours.warn))
    series = _DARK if dark else _LIGHT
    return Look(colours.raised, colours.ink, colours.muted, colours.line, series, shades, tones)


@dataclass(frozen=True, slots=True)
class Area:
    """A filled rectangle; `key` says whose it is, `edge` is the colour round it."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    key: str = ""
    radius: float = 0
    edge: str = ""

    def moved(self, x: float, y: float) -> Area:
        return replace(self, x=self.x + x, y=self.y + y)


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    colour: str
    weight: float = 6
    dashed: bool = False

    def moved(self, x: float, y: float) -> Stroke:
        return replace(self, points=tuple((to_x + x, to_y + y) for to_x, to_y in self.points))


@dataclass(frozen=True, slots=True)
class Label:
    """One line of text in a width of its own."""

    x: float
    y: float
    width: float
    text: str
    points: float
    colour: str
    align: Align = "left"
    bold: bool = False

    def moved(self, x: float, y: float) -> Label:
        return replace(self, x=self.x + x, y=self.y + y)


Shape: TypeAlias = Area | Stroke | Label


class Drawn(Protocol):
    """Something that can be drawn into a size, and has its table."""

    @property
    def title(self) -> str: ...

    def shapes(self, width: float, height: float, face: Typeface, look: Look, points: float, /) -> list[Shape]: ...

    def table(self) -> list[tuple[str, ...]]: ...


def lines(
    face: Typeface, text: str, place: tuple[float, float, float], points: float, colour: str, *,
    align: Align = "left", bold: bool = False,
) -> list[Label]:  # fmt: skip
    """A text in as many lines as its place (x, y, width) asks for."""
    x, y, width = place
    pitch = face.pitch(points)
    return [
        Label(x, y + at * pitch, width, line, points, colour, align, bold)
        for at, line in enumerate(face.lines(text, width, points, bold))
    ]


def paint(painter: QPainter, shapes: Sequence[Shape], face: Typeface) -> None:
    """Draws shapes in the painter's own units, which are to be tenths of a point."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for shape in shapes:
        if isinstance(shape, Area):
            painter.setPen(QPen(QColor(shape.edge), 8) if shape.edge else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(shape.colour))
            painter.drawRoundedRect(QRectF(shape.x, shape.y, shape.width, shape.height), shape.radius, shape.radius)
        elif isinstance(shape, Stroke):
            style = Qt.PenStyle.DashLine if shape.dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(QColor(shape.colour), shape.weight, style, Qt.PenCapStyle.FlatCap))
            painter.drawPolyline([QPointF(x, y) for x, y in shape.points])
        else:
            _paint_label(painter, shape, face)


def _paint_label(painter: QPainter, label: Label, face: Typeface) -> None:
    painter.setFont(face.font(label.points, label.bold))
    painter.setPen(QColor(label.colour))
    pitch, em = face.pitch(label.points), label.points * 10
    free = label.width - face.width(label.text, label.points, label.bold)
    x = label.x + {"left": 0.0, "center": free / 2, "right": free}[label.align]
    painter.drawText(QPointF(x, label.y + (pitch - em) / 2 + em * _ABOVE), visible(label.text))


def picture(drawn: Drawn, face: Typeface, look: Look, width: int = 1600, height: int = 1000, foot: str = "") -> QImage:
    """A drawing as a picture, `width` × `height` pixels on its ground; `foot` stands in its lower margin."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(look.ground))
    margin, scale = 120.0, width / 4800
    painter = QPainter(image)
    painter.scale(scale, scale)
    shapes = drawn.shapes(width / scale - 2 * margin, height / scale - 2 * margin, face, look, 10)
    paint(painter, [shape.moved(margin, margin) for shape in shapes], face)
    below = lines(face, foot, (margin, height / scale - margin * 0.9, width / scale - 2 * margin), 7, look.muted)
    paint(painter, below, face)
    painter.end()
    return image


def overflow(shapes: Sequence[Shape], face: Typeface, width: float, height: float) -> list[str]:
    """What does not fit: labels that are cut or stand outside, areas outside; none, unless the layout is wrong."""
    found = []
    for shape in shapes:
        if isinstance(shape, Label):
            wide = face.width(shape.text, shape.points, shape.bold)
            inside = shape.x >= -1 and shape.x + shape.width <= width + 1 and shape.y >= -1
            fits = wide <= shape.width + _SLACK and shape.y + face.pitch(shape.points) <= height + 1
            if not (inside and fits):
                found.append(shape.text)
        elif isinstance(shape, Area):
            if shape.x < -1 or shape.y < -1 or shape.x + shape.width > width + 1 or shape.y + shape.height > height + 1:
                found.append(shape.key or shape.colour)
        elif any(not (-1 <= x <= width + 1 and -1 <= y <= height + 1) for x, y in shape.points):
            found.append(shape.colour)
    return found


def on(colour: str) -> str:
    """The ink that can be read on a colour."""
    return "#14202c" if QColor(colour).lightness() > 130 else "#ffffff"
