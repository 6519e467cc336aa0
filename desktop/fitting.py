"""Tables that fit their window: columns that can be spared go first, and rows are lower where there is little room."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

_ROW, _LOW_ROW = 30, 26
_LOW_HEAD = 30
_ANY_HEIGHT = 16_777_215
# What a window's frame takes beside it, and its title bar above.
_FRAME, _TITLE = 16, 48


class Fitting(QObject):
    """Keeps a table from scrolling sideways: `spare` are the columns to go without, the first first.

    Columns that stretch keep `least` pixels; what is hidden must be told elsewhere.
    """

    def __init__(self, view: QTableView, spare: Sequence[int], least: int = 120, never: Collection[int] = ()) -> None:
        super().__init__(view)
        self._view = view
        self._spare = tuple(spare)
        self._least = least
        self._never = frozenset(never)
        self._widths: dict[int, int] = {}
        view.viewport().installEventFilter(self)
        view.model().modelReset.connect(self.fit)
        self.fit()

    def without(self, columns: Collection[int]) -> None:
        """Other columns that have nothing to say now, however much room there is."""
        if frozenset(columns) != self._never:
            self._never = frozenset(columns)
            self.fit()

    def spare(self, columns: Sequence[int]) -> None:
        """The table has other columns now."""
        self._spare = tuple(columns)
        self.fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self.fit()
        return super().eventFilter(watched, event)

    def fit(self) -> None:
        """Shows as many columns as there is room for."""
        header, room = self._view.horizontalHeader(), self._view.viewport().width()
        widths = [self._width(header, at) for at in range(header.count())]
        hidden = {at for at in self._never if at < len(widths)}
        for at in self._spare:
            if sum(width for each, width in enumerate(widths) if each not in hidden) <= room:
                break
            hidden.add(at)
        for at in range(len(widths)):
            if header.isSectionHidden(at) != (at in hidden):
                header.setSectionHidden(at, at in hidden)

    def _width(self, header: QHeaderView, at: int) -> int:
        if header.sectionResizeMode(at) is QHeaderView.ResizeMode.Stretch:
            return max(self._least, header.sectionSizeHint(at))
        # A hidden column has no size; Qt gives its old one back when it is shown.
        if not header.isSectionHidden(at):
            self._widths[at] = header.sectionSize(at)
        return self._widths.get(at, header.defaultSectionSize())


def lower(views: Sequence[QTableView], *, tight: bool) -> None:
    """Rows and heads of tables as low as they can be read, or as high as usual."""
    for view in views:
        view.verticalHeader().setDefaultSectionSize(_LOW_ROW if tight else _ROW)
        view.horizontalHeader().setMaximumHeight(_LOW_HEAD if tight else _ANY_HEIGHT)


def resize_within(window: QWidget, width: int, height: int) -> None:
    """A size for a dialog, or what of it the screen has room for: at 150 % a screen is two thirds of itself."""
    room = window.screen().availableSize()
    window.resize(min(width, room.width() - _FRAME), min(height, room.height() - _TITLE))
