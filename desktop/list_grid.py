"""The lines of a list form as a grid that grows as one types."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QHeaderView

from desktop.cell_grid import CellGrid
from desktop.list_model import NUMBER, ListModel
from desktop.theme import Colours
from survey.errors import SurveyError, sentence
from survey.texts import Texts

_WIDTHS = {"text": 170, "code": 150, "flag": 72, "date": 104, "uscc": 180}
_HEAD_ROOM = 20
_TALLEST = 1000


class ListGrid(CellGrid):
    """Tab goes right and on to the next line; Ctrl+Delete takes a line out."""

    def __init__(self, model: ListModel, texts: Texts, colours: Colours, enter: Callable[[], str]) -> None:
        super().__init__(model, texts, colours, enter)
        self._model = model
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setDefaultAlignment(
            Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap
        )
        header.resizeSection(NUMBER, 58)
        for at, item in enumerate(model.form.items, 1):
            label = texts.pick(item.label, item.label_en)
            wanted = self.fontMetrics().horizontalAdvance(label) * 0.62 + 34
            header.resizeSection(at, max(_WIDTHS.get(item.type, 110), round(min(wanted, 190))))
        header.setFixedHeight(self._head_height())

    def _head_height(self) -> int:
        """Room for the tallest heading; the codes stand in one line at the foot."""
        bold = self.font()
        bold.setBold(True)
        measure, across = QFontMetrics(bold), Qt.Orientation.Horizontal
        tallest = max(
            measure.boundingRect(
                QRect(0, 0, self.columnWidth(at) - _HEAD_ROOM, _TALLEST),
                Qt.TextFlag.TextWordWrap,
                str(self._model.headerData(at, across)),
            ).height()
            for at in range(self._model.columnCount())
        )
        return min(tallest, 4 * measure.lineSpacing()) + _HEAD_ROOM

    def go_to_first(self) -> None:
        """The cursor on the first cell, without taking the keyboard."""
        self.scrollToTop()
        self.setCurrentIndex(self._model.index(0, NUMBER + 1))

    def advance(self, way: tuple[int, int]) -> None:
        """Rows down or cells to the right; past the last cell on to the next line."""
        rows, cells = way
        row, column = self.currentIndex().row() + rows, self.currentIndex().column()
        last = self._model.columnCount() - 1
        while cells:
            column += cells
            if column > last or column <= NUMBER:
                row, column = row + cells, NUMBER + 1 if cells > 0 else last
            if not 0 <= row < self._model.rowCount() - 1 or self._model.editable(self._model.index(row, column)):
                break
        if 0 <= row < self._model.rowCount() - 1:
            self.setCurrentIndex(self._model.index(row, max(column, NUMBER + 1)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() == Qt.Key.Key_Delete:
            self.remove_line()
        else:
            super().keyPressEvent(event)

    def remove_line(self) -> None:
        """Takes out the line under the cursor; undo brings it back."""
        session, row = self._model.session, self.currentIndex().row()
        line = self._model.line(row)
        if line not in session.lines(self._model.form):
            return
        try:
            session.remove_line(self._model.form, line)
        except SurveyError as error:
            self.refused.emit(sentence(error, self._texts))
