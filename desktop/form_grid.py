"""The item table of a form as a grid to type in."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QPainter, QPen, QPolygon, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop.form_model import BEFORE, CODE, LABEL, NOW, UNIT, FormModel, Index
from desktop.theme import Colours

_CORNER = 9
_NARROW = 640
_WIDTHS = {UNIT: 92, CODE: 72, NOW: 150, BEFORE: 130}
_NARROW_WIDTHS = {UNIT: 70, CODE: 56, NOW: 116, BEFORE: 104}
_LEAVING = (
    Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Tab, Qt.Key.Key_Backtab,
)  # fmt: skip
_UP = (Qt.Key.Key_Up, Qt.Key.Key_Backtab)


class CellDelegate(QStyledItemDelegate):
    """A plain line to type in; cells that fail a check have a coloured ground and a marked corner."""

    refused = Signal(str)

    def __init__(self, view: FormGrid, model: FormModel, colours: Colours) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._grounds = {"bad": colours.bad_ground, "refused": colours.bad_ground, "note": colours.warn_ground}
        self._corners = {"bad": colours.bad, "refused": colours.bad, "note": colours.warn}
        self._frame = colours.accent
        self.editor: QLineEdit | None = None

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setFrame(False)
        editor.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.editor = editor
        return editor

    def destroyEditor(self, editor: QWidget, index: Index) -> None:
        self.editor = None
        super().destroyEditor(editor, index)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        editor.setGeometry(option.rect)  # type: ignore[attr-defined]

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """The cursor is drawn as a frame, so that what a cell is marked with stays in sight."""
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_Selected  # type: ignore[attr-defined]
        option.state &= ~QStyle.StateFlag.State_HasFocus  # type: ignore[attr-defined]
        ground = self._grounds.get(self._model.mark_of(index))
        if ground:
            option.backgroundBrush = QBrush(QColor(ground))  # type: ignore[attr-defined]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        cell: QRect = option.rect  # type: ignore[attr-defined]
        mark = self._model.mark_of(index)
        painter.save()
        if mark:
            self._paint_corner(painter, cell, mark)
        if index == self._view.currentIndex():
            painter.setPen(QPen(QColor(self._frame), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(cell.adjusted(1, 1, -1, -1))
        painter.restore()

    def _paint_corner(self, painter: QPainter, cell: QRect, mark: str) -> None:
        """A full corner where the cell must be corrected, an open one where it is to be looked at."""
        colour = QColor(self._corners[mark])
        at = cell.topLeft()
        corner = QPolygon([at, at + QPoint(_CORNER, 0), at + QPoint(0, _CORNER)])
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(colour if mark != "note" else Qt.BrushStyle.NoBrush)
        painter.drawPolygon(corner)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Enter, Tab and the arrows save and go on; a text that cannot be read keeps the cursor."""
        if not isinstance(event, QKeyEvent) or not isinstance(editor, QLineEdit):
            return super().eventFilter(editor, event)
        if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self._model.give_up(self._view.currentIndex().row())
        if event.type() == QEvent.Type.KeyPress and event.key() in _LEAVING:
            self._leave(editor, -1 if event.key() in _UP else 1)
            return True
        return super().eventFilter(editor, event)

    def _leave(self, editor: QLineEdit, by: int) -> None:
        problem = self._model.readable(self._view.currentIndex().row(), editor.text())
        if problem:
            self.refused.emit(problem)
            editor.selectAll()
            return
        self.commitData.emit(editor)
        self.closeEditor.emit(editor, QAbstractItemDelegate.EndEditHint.NoHint)
        self._view.step(by)


class FormGrid(QTableView):
    """The grid: only this year's column is entered; Enter goes down."""

    left = Signal()

    def __init__(self, model: FormModel, colours: Colours) -> None:
        super().__init__()
        self.setModel(model)
        self._model = model
        self.delegate = CellDelegate(self, model, colours)
        self.setItemDelegate(self.delegate)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(28)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(LABEL, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().currentChanged.connect(self._keep_to_column)
        for row in range(model.rowCount()):
            if model.is_section(row):
                self.setSpan(row, NOW, 1, 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        """The titles take what is left; in a narrow window the other columns give way."""
        narrow = self.viewport().width() < _NARROW
        units = [self._model.index(row, UNIT).data() for row in range(self._model.rowCount())]
        widest = max(self.fontMetrics().horizontalAdvance(unit) for unit in units) + 36
        widths = (
            {UNIT: max(70, widest), CODE: 56, NOW: 116, BEFORE: 104} if narrow else _WIDTHS | {UNIT: max(92, widest)}
        )
        for column, width in widths.items():
            self.horizontalHeader().resizeSection(column, width)

    def go_to(self, name: str) -> None:
        """Puts the cursor on an item's cell."""
        index = self._model.index(self._model.row_of(name), NOW)
        self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
        self.setFocus()

    def go_to_first(self) -> None:
        """The cursor on the first cell to fill in, without taking the keyboard."""
        self.scrollToTop()
        self.setCurrentIndex(self._model.index(0, NOW))
        if self._model.is_section(0):
            self.step(1)

    def settle(self) -> None:
        """Saves the cell that is being typed in; what cannot be saved stays in it, marked."""
        editor = self.delegate.editor
        if editor is not None:
            self.commitData(editor)
            self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def unsaved(self) -> list[str]:
        """The items whose text could not be saved."""
        return self._model.unsaved()

    def step(self, by: int) -> None:
        """To the next or previous row that can be filled in."""
        row = self.currentIndex().row() + by
        while 0 <= row < self._model.rowCount() and self._model.is_section(row):
            row += by
        if 0 <= row < self._model.rowCount():
            self.setCurrentIndex(self._model.index(row, NOW))
        elif by > 0:
            self.left.emit()

    def _keep_to_column(self, current: Index) -> None:
        """Wherever a row is clicked, its answer is what is meant."""
        if current.isValid() and current.column() != NOW and not self._model.is_section(current.row()):
            self.setCurrentIndex(self._model.index(current.row(), NOW))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.step(1)
        elif event.key() == Qt.Key.Key_Escape:
            self._model.give_up(self.currentIndex().row())
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._model.setData(self.currentIndex(), "")
        else:
            super().keyPressEvent(event)
