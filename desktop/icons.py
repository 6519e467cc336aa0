"""Line icons in the colour of their surroundings."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_SIZE = 20
_SCALES = (1, 2)


class Icons:
    """The icons of a folder, drawn in one colour."""

    def __init__(self, folder: Path, colour: str, active: str) -> None:
        self._folder = folder
        self._colour = colour
        self._active = active

    def icon(self, name: str) -> QIcon:
        """An icon; where it is switched on it has the active colour."""
        found = QIcon()
        for scale in _SCALES:
            found.addPixmap(self._drawn(name, self._colour, scale), QIcon.Mode.Normal, QIcon.State.Off)
            found.addPixmap(self._drawn(name, self._active, scale), QIcon.Mode.Normal, QIcon.State.On)
        return found

    def coloured(self, name: str, colour: str) -> QIcon:
        """An icon in a colour of its own."""
        found = QIcon()
        for scale in _SCALES:
            found.addPixmap(self._drawn(name, colour, scale))
        return found

    def _drawn(self, name: str, colour: str, scale: int) -> QPixmap:
        svg = (self._folder / f"{name}.svg").read_text(encoding="utf-8").replace("#000000", colour)
        pixmap = QPixmap(_SIZE * scale, _SIZE * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, _SIZE * scale, _SIZE * scale))
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        return pixmap
