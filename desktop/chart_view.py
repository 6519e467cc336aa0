"""A chart or a map on screen; what is drawn can be chosen, and copied as a picture or as a table."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QImageWriter, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.drawing import Area, Drawn, Look, Shape, paint, picture
from desktop.fonts import FAMILY
from desktop.paper_type import Typeface
from survey.csvguard import pasted
from survey.files import Told, replacing

# Ten to a point, 72 points and 96 dots to an inch.
_FIGURE = re.compile(r"-?[0-9][0-9,.]*%?")
_SCALE = 96 / 720
_MARGIN = 10
_POINTS = 9.0


class ChartView(QWidget):
    """Left, right, up and down go through what is drawn, Enter chooses it as a click does."""

    chosen = Signal(str)

    def __init__(self, look: Look, points: float = _POINTS) -> None:
        super().__init__()
        self._look = look
        self._points = points
        self._face = Typeface(FAMILY)
        self._drawn: Drawn | None = None
        self._shapes: list[Shape] = []
        self.at = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_drawn(self, drawn: Drawn | None) -> None:
        """Another drawing."""
        self._drawn, self.at = drawn, ""
        self.setAccessibleName(drawn.title if drawn else "")
        self.setAccessibleDescription(as_text(drawn) if drawn else "")
        self.update()

    @property
    def drawn(self) -> Drawn | None:
        return self._drawn

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 120)

    def keys(self) -> list[str]:
        """Whose areas are drawn, in their order."""
        return list(dict.fromkeys(one.key for one in self._shapes if isinstance(one, Area) and one.key))

    def middle_of(self, key: str) -> QPointF:
        """Where somebody's area is, in the widget's own coordinates."""
        area = next(one for one in self._shapes if isinstance(one, Area) and one.key == key)
        place = QPointF(area.x + area.width / 2, area.y + area.height / 2) * _SCALE
        return place + QPointF(_MARGIN, _MARGIN)

    def copy_picture(self, foot: str) -> None:
        """The drawing as a picture onto the clipboard, with a line below."""
        if self._drawn:
            QGuiApplication.clipboard().setImage(picture(self._drawn, self._face, self._look, foot=foot))

    def copy_table(self, foot: str) -> None:
        """What is drawn as a table onto the clipboard, cells separated by tabs, with a line below."""
        if self._drawn:
            QGuiApplication.clipboard().setText(f"{as_text(self._drawn)}\n{foot}")

    def save_picture(self, path: Path, foot: str, told: Told) -> None:
        """The drawing as PNG with a line below; raises SurveyError `cannot_write`, and leaves what was there."""
        if self._drawn is None:
            return
        with replacing(path, told) as beside:
            writer = QImageWriter(str(beside), b"png")
            if not writer.write(picture(self._drawn, self._face, self._look, foot=foot)):
                raise OSError(writer.errorString())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._look.ground))
        if self._drawn:
            width, height = (max(side - 2 * _MARGIN, 1) / _SCALE for side in (self.width(), self.height()))
            self._shapes = self._drawn.shapes(width, height, self._face, self._look, self._points)
            painter.translate(_MARGIN, _MARGIN)
            painter.scale(_SCALE, _SCALE)
            paint(painter, [*self._shapes, *self._marked()], self._face)
        painter.end()

    def _marked(self) -> list[Shape]:
        """The frame round what the keys are on."""
        if not self.hasFocus():
            return []
        found = [one for one in self._shapes if isinstance(one, Area) and one.key and one.key == self.at][:1]
        return [Area(one.x, one.y, one.width, one.height, "transparent", "", one.radius, self._look.ink)
                for one in found]  # fmt: skip

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        spot = event.position()
        place = QPointF((spot.x() - _MARGIN) / _SCALE, (spot.y() - _MARGIN) / _SCALE)
        for shape in self._shapes:
            if isinstance(shape, Area) and shape.key and _covers(shape, place):
                self._choose(shape.key)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = self.keys()
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}.get(
            Qt.Key(event.key())
        )
        if step and keys:
            here = keys.index(self.at) if self.at in keys else (-1 if step > 0 else 0)
            self.at = keys[(here + step) % len(keys)]
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.at:
            self.chosen.emit(self.at)
        else:
            super().keyPressEvent(event)

    def _choose(self, key: str) -> None:
        self.at = key
        self.update()
        self.chosen.emit(key)


def _covers(area: Area, place: QPointF) -> bool:
    return area.x <= place.x() <= area.x + area.width and area.y <= place.y() <= area.y + area.height


def _cell(text: str) -> str:
    """A cell on the clipboard; what a spreadsheet would take for more than a text or a number is guarded."""
    return text if _FIGURE.fullmatch(text) else pasted(text)


def as_text(drawn: Drawn) -> str:
    """A drawing's table, cells separated by tabs."""
    return "\n".join("\t".join(map(_cell, row)) for row in drawn.table())
