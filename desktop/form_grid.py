"""The item table of a form as a grid to type in."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView

from desktop.cell_grid import CellGrid
from desktop.cell_model import Index
from desktop.form_model import BEFORE, CHANGE, CODE, LABEL, NOW, UNIT, FormModel
from desktop.theme import Colours
from survey.texts import Texts

_NARROW = 640
_WIDTHS = {UNIT: 92, CODE: 72, NOW: 150, BEFORE: 130, CHANGE: 76}
_NARROW_WIDTHS = {UNIT: 66, CODE: 48, NOW: 116, BEFORE: 112, CHANGE: 64}


class FormGrid(CellGrid):
    """Only this year's column is entered; Enter and Tab go down."""

    def __init__(self, model: FormModel, texts: Texts, colours: Colours, enter: Callable[[], str]) -> None:
        super().__init__(model, texts, colours, enter)
        self._model = model
        self._blind = False
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setSectionResizeMode(LABEL, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().currentChanged.connect(self._keep_to_column)
        for row in range(model.rowCount()):
            if model.is_section(row):
                self.setSpan(row, NOW, 1, 3)

    def hide_before(self) -> None:
        """Only this year is shown, however wide the window is."""
        self._blind = True
        for column in (BEFORE, CHANGE):
            self.setColumnHidden(column, True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        """The titles take what is left; in a narrow window the other columns give way, the change goes."""
        narrow = self.viewport().width() < _NARROW
        units = [self._model.index(row, UNIT).data() for row in range(self._model.rowCount())]
        widest = max((self.fontMetrics().horizontalAdvance(unit) for unit in units), default=0) + 36
        widths = _NARROW_WIDTHS if narrow else _WIDTHS | {UNIT: max(_WIDTHS[UNIT], widest)}
        self.setColumnHidden(CHANGE, narrow or self._blind)
        for column, width in widths.items():
            self.horizontalHeader().resizeSection(column, width)

    def go_to_first(self) -> None:
        """The cursor on the first cell to fill in, without taking the keyboard."""
        self.scrollToTop()
        self.setCurrentIndex(self._model.index(0, NOW))
        if self._model.is_section(0):
            self.advance((1, 0))

    def advance(self, way: tuple[int, int]) -> None:
        """To the next or previous row that can be filled in."""
        by = way[0] or way[1]
        if not by:
            return
        row = self.currentIndex().row() + by
        while 0 <= row < self._model.rowCount() and not self._model.editable(self._model.index(row, NOW)):
            row += by
        if 0 <= row < self._model.rowCount():
            self.setCurrentIndex(self._model.index(row, NOW))

    def _keep_to_column(self, current: Index) -> None:
        """Wherever a row is clicked, its answer is what is meant."""
        if current.isValid() and current.column() != NOW and not self._model.is_section(current.row()):
            self.setCurrentIndex(self._model.index(current.row(), NOW))
