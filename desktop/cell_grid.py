"""A grid to type in: the keys, the cursor, what is copied and pasted; shared by item tables and list forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QGuiApplication,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPen,
    QPolygon,
)
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop.cell_model import Cell, CellModel, Index
from desktop.code_edit import CodeEdit, choices
from desktop.session import CellChange
from desktop.theme import Colours
from survey.csvguard import pasted
from survey.errors import SurveyError, sentence
from survey.texts import Texts

_CORNER = 9
_Key = Qt.Key
# Where a key leads: rows down, cells to the right.
_WAYS = {
    _Key.Key_Down: (1, 0), _Key.Key_Up: (-1, 0), _Key.Key_Tab: (0, 1), _Key.Key_Backtab: (0, -1),
}  # fmt: skip
_ENTER = (_Key.Key_Return, _Key.Key_Enter)
Model = TypeVar("Model", bound=CellModel)


class CellDelegate(QStyledItemDelegate):
    """A plain line to type in; cells that fail a check have a coloured ground and a marked corner."""

    said = Signal(str)

    def __init__(self, view: CellGrid, model: CellModel, texts: Texts, colours: Colours) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._texts = texts
        self._grounds = {
            "bad": colours.bad_ground, "refused": colours.bad_ground, "note": colours.warn_ground,
            "explained": colours.stripe, "computed": colours.stripe,
        }  # fmt: skip
        self._corners = {
            "bad": colours.bad, "refused": colours.bad, "note": colours.warn, "explained": colours.good,
        }  # fmt: skip
        self._frame = colours.accent
        self.editor: QLineEdit | None = None

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        cell = self._model.place(index)
        if cell and cell.item.type in ("code", "flag"):
            editor: QLineEdit = CodeEdit(parent)
            assert isinstance(editor, CodeEdit)
            editor.set_choices(choices(cell.item, self._model.session, self._texts))
            editor.chosen.connect(self._view.take_choice)
        else:
            editor = QLineEdit(parent)
            right = bool(cell and cell.item.numeric)
            side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            editor.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        editor.setFrame(False)
        if cell:
            editor.setAccessibleName(f"{cell.item.code} {self._texts.pick(cell.item.label, cell.item.label_en)}")
        self.editor = editor
        return editor

    def destroyEditor(self, editor: QWidget, index: Index) -> None:
        self.editor = None
        super().destroyEditor(editor, index)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        editor.setGeometry(option.rect)  # type: ignore[attr-defined]

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QLineEdit) and not editor.isModified():
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole) or ""))

    def setModelData(self, editor: QWidget, _model: object, index: Index) -> None:
        self._model.setData(index, answer_of(editor))

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """The cursor is drawn as a frame, so that what a cell is marked with stays in sight."""
        super().initStyleOption(option, index)
        selected = len(self._view.selectedIndexes()) > 1
        if not selected:
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
        if mark in self._corners:
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
        painter.setBrush(Qt.BrushStyle.NoBrush if mark == "note" else colour)
        painter.drawPolygon(corner)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Enter, Tab and the arrows save and go on; a text that cannot be read keeps the cursor."""
        if not isinstance(event, QKeyEvent) or not isinstance(editor, QLineEdit):
            return super().eventFilter(editor, event)
        if event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(editor, event)
        if isinstance(editor, CodeEdit) and editor.take_key(event):
            return True
        if event.key() == _Key.Key_Escape:
            self._model.give_up(self._view.currentIndex())
        way = self._view.way(event)
        if way:
            self.leave(editor, way)
            return True
        return super().eventFilter(editor, event)

    def leave(self, editor: QLineEdit, way: tuple[int, int]) -> None:
        """Saves what was typed and goes on; numbers in words are first shown as digits."""
        index = self._view.currentIndex()
        digits = self._model.expanded(index, editor.text())
        if digits is not None:
            cell = self._model.place(index)
            assert cell
            unit = self._model.session.store.scheme.unit(cell.item.unit, self._texts)
            self.said.emit(
                self._texts("entry.expanded", typed=editor.text(), value=f"{float(digits):,.15g}", unit=unit)
            )
            editor.setText(digits)
            editor.selectAll()
            return
        problem = self._model.readable(index, answer_of(editor))
        if problem:
            self.said.emit(problem)
            editor.selectAll()
            return
        self.commitData.emit(editor)
        self.closeEditor.emit(editor, QAbstractItemDelegate.EndEditHint.NoHint)
        self._view.advance(way)


def answer_of(editor: QWidget) -> str:
    """What an editor's text means."""
    if isinstance(editor, CodeEdit):
        return editor.answer()
    return editor.text() if isinstance(editor, QLineEdit) else ""


class CellGrid(QTableView):
    """Arrow keys, Enter and Tab walk the cells; what is typed opens the cell."""

    pasted = Signal(str)
    refused = Signal(str)
    moved = Signal(str, int)

    def __init__(self, model: CellModel, texts: Texts, colours: Colours, enter: Callable[[], str]) -> None:
        super().__init__()
        self.setModel(model)
        self._cells = model
        self._texts = texts
        self._enter = enter
        self.delegate = CellDelegate(self, model, texts, colours)
        self.setItemDelegate(self.delegate)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(28)
        self.horizontalHeader().setHighlightSections(False)
        self.selectionModel().currentChanged.connect(self.tell_place)

    def way(self, event: QKeyEvent) -> tuple[int, int] | None:
        """Where a key leads, in rows and cells; None for other keys."""
        if event.key() in _ENTER:
            back = -1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            return (back, 0) if self._enter() == "down" else (0, back)
        return _WAYS.get(_Key(event.key()))

    def advance(self, way: tuple[int, int]) -> None:
        """The cursor to the next cell that way."""
        raise NotImplementedError

    def current(self) -> Cell | None:
        """The answer under the cursor."""
        return self._cells.place(self.currentIndex())

    def go_to(self, name: str, line: int = 0) -> None:
        """Puts the cursor on an answer."""
        index = self._cells.index_of(name, line)
        self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
        self.setFocus()

    def begin(self) -> None:
        """Gives the keyboard to the cell under the cursor."""
        self.setFocus()
        self.tell_place()

    def settle(self) -> None:
        """Saves the cell that is being typed in; what cannot be saved stays in it, marked."""
        editor = self.delegate.editor
        if editor is not None:
            self.commitData(editor)
            self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def unsaved(self) -> list[tuple[str, int]]:
        """The cells whose text could not be saved."""
        return self._cells.unsaved()

    def take_choice(self) -> None:
        """A code was clicked in the list: it is taken."""
        if self.delegate.editor is not None:
            self.delegate.leave(self.delegate.editor, (0, 0))

    def repeat(self) -> None:
        """Puts into the cell what the one before has, and goes on."""
        cell = self.current()
        if cell is None or not self._cells.editable(self.currentIndex()):
            return
        value = self._cells.session.repeated(cell.item.name, cell.line)
        if value is not None:
            self.settle()
            self._cells.setData(self.currentIndex(), str(value))
            self.advance((1, 0))

    def copy(self) -> None:
        """The selected block onto the clipboard, as a spreadsheet takes it."""
        chosen = self.selectedIndexes() or [self.currentIndex()]
        rows = sorted({index.row() for index in chosen})
        columns = sorted({index.column() for index in chosen})
        block = "\n".join("\t".join(self._copied(self._cells.index(row, at)) for at in columns) for row in rows)
        count = len(rows) * len(columns)
        try:
            with self._cells.session.copying(count):
                QGuiApplication.clipboard().setText(block)
        except SurveyError as error:
            self.refused.emit(sentence(error, self._texts))

    def _copied(self, index: QModelIndex) -> str:
        cell = self._cells.place(index)
        if cell and cell.item.numeric and cell.item.type != "flag":
            return self._cells.edited(cell)
        return pasted(str(index.data() or ""))

    def clear_cells(self) -> None:
        """Empties the selected cells as one step."""
        session = self._cells.session
        places = [self._cells.place(index) for index in self.selectedIndexes() or [self.currentIndex()]]
        wanted = [
            CellChange(cell.item.name, cell.line, session.value(cell.item.name, cell.line), None)
            for cell in places
            if cell and not cell.item.computed
        ]
        for index in self.selectedIndexes():
            self._cells.give_up(index)
        try:
            session.commit_all(wanted)
        except SurveyError as error:
            self.refused.emit(sentence(error, self._texts))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = self.way(event) if event.key() in (*_ENTER, _Key.Key_Tab, _Key.Key_Backtab) else None
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.pasted.emit(QGuiApplication.clipboard().text())
        elif way:
            self.advance(way)
        elif event.key() == _Key.Key_Escape:
            self._cells.give_up(self.currentIndex())
        elif event.key() in (_Key.Key_Delete, _Key.Key_Backspace):
            self.clear_cells()
        else:
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """What an input method commits opens the cell like a key; Qt opens it but may drop the text."""
        fresh = self.delegate.editor is None
        super().inputMethodEvent(event)
        editor = self.delegate.editor
        if fresh and editor is not None and event.commitString() and event.commitString() not in editor.text():
            editor.selectAll()
            QGuiApplication.sendEvent(editor, event)

    def tell_place(self) -> None:
        """Says which answer the cursor is on."""
        cell = self.current()
        if cell:
            self.moved.emit(*cell.key)
