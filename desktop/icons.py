"""Line icons in the colour of their surroundings."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_SIZE = 20
_BADGE = 18
_FAINT = 0.3
_SCALES = (1, 2, 3)


class Icons:
    """The icons of a folder, drawn in one colour."""

    def __init__(self, folder: Path, colour: str, active: str) -> None:
        self._folder = folder
        self._colour = colour
        self._active = active
        self._known: dict[str, QIcon] = {}

    def icon(self, name: str) -> QIcon:
        """An icon; where it is switched on it has the active colour, where it can do nothing it is faint."""
        if name in self._known:
            return self._known[name]
        found = self._known[name] = QIcon()
        for scale in _SCALES:
            found.addPixmap(self._drawn(name, self._colour, scale), QIcon.Mode.Normal, QIcon.State.Off)
            found.addPixmap(self._drawn(name, self._active, scale), QIcon.Mode.Normal, QIcon.State.On)
            found.addPixmap(self._drawn(name, self._colour, scale, opacity=_FAINT), QIcon.Mode.Disabled)
        return found

    def coloured(self, name: str, colour: str) -> QIcon:
        """An icon in a colour of its own."""
        found = QIcon()
        for scale in _SCALES:
            found.addPixmap(self._drawn(name, colour, scale))
        return found

    def badge(self, letter: str, ground: str, ink: str) -> QIcon:
        """A letter on a coloured tile: a class is known by its letter where colours are not seen."""
        found = QIcon()
        for scale in _SCALES:
            pixmap = QPixmap(_BADGE * scale, _BADGE * scale)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ground))
            painter.drawRoundedRect(pixmap.rect(), 4 * scale, 4 * scale)
            font = QFont(painter.font())
            font.setPixelSize(12 * scale)
            font.setBold(True)
            painter.setFont(font)
            painter.setPen(QColor(ink))
            painter.drawText(pixmap.rect(), int(Qt.AlignmentFlag.AlignCenter), letter)
            painter.end()
            pixmap.setDevicePixelRatio(scale)
            for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
                found.addPixmap(pixmap, mode)
        return found

    def picture(self, name: str, size: int, *, active: bool = False) -> QPixmap:
        """A large picture, quiet or in the active colour."""
        return self._drawn(name, self._active if active else self._colour, 2, size)

    def _drawn(self, name: str, colour: str, scale: int, size: int = _SIZE, *, opacity: float = 1) -> QPixmap:
        svg = (self._folder / f"{name}.svg").read_text(encoding="utf-8").replace("#000000", colour)
        pixmap = QPixmap(size * scale, size * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setOpacity(opacity)
        QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size * scale, size * scale))
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        return pixmap
