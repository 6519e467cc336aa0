"""Pages below each other on screen as they will be on paper; only those in sight are drawn."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from desktop.paper_sheet import Pages, size_of

_GAP = 16
_STEP, _LEAST, _MOST = 1.2, 0.3, 4.0
_NOTCH = 120


class PaperView(QAbstractScrollArea):
    """Scrolls through pages; zoom 1 fills the width with the widest of them."""

    turned = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pages")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._pages: list[tuple[Pages, int]] = []
        self._places: list[QRect] = []
        self._zoom = 1.0
        self.verticalScrollBar().valueChanged.connect(self._tell)

    @property
    def count(self) -> int:
        return len(self._pages)

    @property
    def zoom(self) -> float:
        return self._zoom

    @property
    def current(self) -> int:
        """The page in the middle of the view, counted from 0."""
        middle = self.verticalScrollBar().value() + self.viewport().height() // 2
        passed = [at for at, place in enumerate(self._places) if place.top() <= middle]
        return passed[-1] if passed else 0

    def show_pages(self, papers: Sequence[Pages]) -> None:
        """Other pages, from the first."""
        self._pages = [(pages, number) for pages in papers for number in range(pages.count)]
        self.verticalScrollBar().setValue(0)
        self._place()

    def set_zoom(self, zoom: float) -> None:
        """Larger or smaller, the same page staying in sight."""
        share = self.verticalScrollBar().value() / max(1, self.verticalScrollBar().maximum())
        self._zoom = min(_MOST, max(_LEAST, zoom))
        self._place()
        self.verticalScrollBar().setValue(round(share * self.verticalScrollBar().maximum()))

    def enlarge(self) -> None:
        self.set_zoom(self._zoom * _STEP)

    def reduce(self) -> None:
        self.set_zoom(self._zoom / _STEP)

    def fit_width(self) -> None:
        self.set_zoom(1.0)

    def sizeHint(self) -> QSize:
        return QSize(720, 640)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """+ and - zoom, 0 fits the width, Home and End go to the ends; the rest scrolls."""
        bar = self.verticalScrollBar()
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.enlarge()
            case Qt.Key.Key_Minus:
                self.reduce()
            case Qt.Key.Key_0:
                self.fit_width()
            case Qt.Key.Key_Home:
                bar.setValue(0)
            case Qt.Key.Key_End:
                bar.setValue(bar.maximum())
            case _:
                super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self._zoom * _STEP ** (event.angleDelta().y() / _NOTCH))
            return
        super().wheelEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        x, y = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        for place, (pages, number) in zip(self._places, self._pages, strict=True):
            seen = place.translated(-x, -y)
            if seen.intersects(event.rect()):
                # Paper is white, whatever the program looks like.
                painter.fillRect(seen, Qt.GlobalColor.white)
                pages.paint(painter, number, QRectF(seen))
        painter.end()

    def _place(self) -> None:
        """Where each page lies, and how far one can scroll."""
        sizes = [size_of(pages, number) for pages, number in self._pages]
        view = self.viewport().size()
        widest = max((size.width() for size in sizes), default=1.0)
        scale = (view.width() - 2 * _GAP) / widest * self._zoom
        across = max(view.width(), round(widest * scale) + 2 * _GAP)
        self._places, y = [], _GAP
        for size in sizes:
            width, height = round(size.width() * scale), round(size.height() * scale)
            self._places.append(QRect((across - width) // 2, y, width, height))
            y += height + _GAP
        for bar, most, page in (
            (self.horizontalScrollBar(), across - view.width(), view.width()),
            (self.verticalScrollBar(), y - view.height(), view.height()),
        ):
            bar.setRange(0, max(0, most))
            bar.setPageStep(page)
            bar.setSingleStep(48)
        self.viewport().update()
        self._tell()

    def _tell(self) -> None:
        self.turned.emit(self.current)
