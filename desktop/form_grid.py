"""The item table of a form as a grid: 甲 乙 丙, this year, last year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop.theme import Colours
from survey.errors import SurveyError, sentence
from survey.form import Form, Item, Section
from survey.record import read_value, show_value
from survey.scalar import Value
from survey.scheme import Scheme
from survey.texts import Texts

Index = QModelIndex | QPersistentModelIndex
LABEL, UNIT, CODE, NOW, BEFORE = range(5)
Commit = Callable[[str, Value], None]


class FormModel(QAbstractTableModel):
    """The rows of a form with a unit's values; a committed cell is written at once."""

    refused = Signal(str)
    committed = Signal(str)

    def __init__(self, form: Form, scheme: Scheme, texts: Texts, colours: Colours, commit: Commit) -> None:
        super().__init__()
        self._form = form
        self._scheme = scheme
        self._texts = texts
        self._colours = colours
        self._commit = commit
        self._now: Mapping[str, Value] = {}
        self._before: Mapping[str, Value] = {}
        self._marks: Mapping[str, str] = {}
        self._periods = ("", "")

    def load(self, now: dict[str, Value], before: Mapping[str, Value], periods: tuple[str, str]) -> None:
        """Another unit's values."""
        self.beginResetModel()
        self._now, self._before, self._periods = now, before, periods
        self.endResetModel()

    def mark(self, marks: Mapping[str, str]) -> None:
        """Paints cells by item name: `bad` or `note`."""
        self._marks = marks
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, BEFORE))

    def item(self, row: int) -> Item | None:
        """The item of a row; None for a heading."""
        found = self._form.rows[row]
        return found if isinstance(found, Item) else None

    def row_of(self, name: str) -> int:
        return next(at for at, row in enumerate(self._form.rows) if isinstance(row, Item) and row.name == name)

    def is_section(self, row: int) -> bool:
        return isinstance(self._form.rows[row], Section)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._form.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 5

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        name = ("label", "unit", "code", "now", "before")[section]
        period = self._periods[section - NOW] if section >= NOW else ""
        return self._texts(f"entry.head.{name}", period=period)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._form.rows[index.row()]
        if isinstance(row, Section):
            return self._section_data(row, index.column(), role)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._shown(row, index.column())
            case Qt.ItemDataRole.EditRole:
                value = self._now.get(row.name)
                return "" if value is None else self._edited(row, value)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(row, index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return self._texts.pick(row.note, row.note_en) or None
            case Qt.ItemDataRole.BackgroundRole:
                return self._ground(row, index.column())
            case Qt.ItemDataRole.ForegroundRole if index.column() != NOW and index.column() != LABEL:
                return QBrush(QColor(self._colours.muted))
            case Qt.ItemDataRole.AccessibleTextRole if index.column() == NOW:
                return f"{self._texts.pick(row.label, row.label_en)} {row.code} {self._shown(row, NOW)}"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.is_section(index.row()):
            return Qt.ItemFlag.NoItemFlags
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return plain | Qt.ItemFlag.ItemIsEditable if index.column() == NOW else plain

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        item = self.item(index.row())
        if role != Qt.ItemDataRole.EditRole or index.column() != NOW or item is None:
            return False
        try:
            read = read_value(item, value, self._scheme.lists)
            if read != self._now.get(item.name):
                self._commit(item.name, read)
        except SurveyError as error:
            self.refused.emit(sentence(error, self._texts))
            return False
        self.dataChanged.emit(index, index)
        self.committed.emit(item.name)
        return True

    def readable(self, row: int, text: str) -> str:
        """Why a text cannot be an answer to a row's item; '' where it can."""
        item = self.item(row)
        if item is None:
            return ""
        try:
            read_value(item, text, self._scheme.lists)
        except SurveyError as error:
            return sentence(error, self._texts)
        return ""

    def _section_data(self, row: Section, column: int, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts.pick(row.section, row.section_en) if column == LABEL else "—" if column < NOW else ""
        if role == Qt.ItemDataRole.FontRole:
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.BackgroundRole:
            return QBrush(QColor(self._colours.side))
        if role == Qt.ItemDataRole.TextAlignmentRole and column != LABEL:
            return Qt.AlignmentFlag.AlignCenter
        return None

    def _shown(self, item: Item, column: int) -> str:
        match column:
            case 0:
                of_which = self._texts("entry.of_which") if item.of_which else ""
                star = " *" if item.required else ""
                return "　" * item.indent + of_which + self._texts.pick(item.label, item.label_en) + star
            case 1:
                return self._texts.pick(item.unit, self._scheme.units.get(item.unit, item.unit))
            case 2:
                return item.code
        values = self._now if column == NOW else self._before
        return show_value(item, values.get(item.name), self._scheme.lists, self._texts.lang)

    def _edited(self, item: Item, value: Value) -> str:
        return str(value) if item.numeric else show_value(item, value, self._scheme.lists, self._texts.lang)

    def _ground(self, item: Item, column: int) -> QBrush | None:
        mark = self._marks.get(item.name)
        if column == NOW and mark:
            return QBrush(QColor(self._colours.bad_ground if mark == "bad" else self._colours.warn_ground))
        if column == BEFORE:
            return QBrush(QColor(self._colours.stripe))
        return None


def _alignment(item: Item, column: int) -> Qt.AlignmentFlag:
    if column in (NOW, BEFORE) and item.numeric:
        return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    if column in (UNIT, CODE):
        return Qt.AlignmentFlag.AlignCenter
    return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class CellDelegate(QStyledItemDelegate):
    """A plain line to type in; a text that cannot be an answer stays in it, with the reason."""

    refused = Signal(str)

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setFrame(False)
        editor.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return editor

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Refuses to leave the cell with a text that cannot be read; Esc still restores."""
        if isinstance(event, QKeyEvent) and _is_leaving(event) and isinstance(editor, QLineEdit):
            view = editor.parent().parent() if editor.parent() else None
            model = view.model() if isinstance(view, QTableView) else None
            if isinstance(view, FormGrid) and isinstance(model, FormModel):
                problem = model.readable(view.currentIndex().row(), editor.text())
                if problem:
                    self.refused.emit(problem)
                    editor.selectAll()
                    return True
                self.commitData.emit(editor)
                self.closeEditor.emit(editor, QAbstractItemDelegate.EndEditHint.NoHint)
                view.step(-1 if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Backtab) else 1)
                return True
        return super().eventFilter(editor, event)


_LEAVING = (
    Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Tab, Qt.Key.Key_Backtab,
)  # fmt: skip


def _is_leaving(event: QKeyEvent) -> bool:
    return event.type() == QEvent.Type.KeyPress and event.key() in _LEAVING


class FormGrid(QTableView):
    """The grid: only this year's column is entered; Enter goes down."""

    left = Signal()

    def __init__(self, model: FormModel) -> None:
        super().__init__()
        self.setObjectName("grid")
        self.setModel(model)
        self._model = model
        self.delegate = CellDelegate(self)
        self.setItemDelegate(self.delegate)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(29)
        header = self.horizontalHeader()
        header.setSectionResizeMode(LABEL, QHeaderView.ResizeMode.Stretch)
        for column, width in ((UNIT, 104), (CODE, 88), (NOW, 150), (BEFORE, 130)):
            header.resizeSection(column, width)
        for row in range(model.rowCount()):
            if model.is_section(row):
                self.setSpan(row, NOW, 1, 2)

    def go_to(self, name: str) -> None:
        """Puts the cursor on an item's cell."""
        index = self._model.index(self._model.row_of(name), NOW)
        self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
        self.setFocus()

    def step(self, by: int) -> None:
        """To the next or previous row that can be filled in."""
        row = self.currentIndex().row() + by
        while 0 <= row < self._model.rowCount() and self._model.is_section(row):
            row += by
        if 0 <= row < self._model.rowCount():
            self.setCurrentIndex(self._model.index(row, NOW))
        elif by > 0:
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.step(1)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._model.setData(self.currentIndex(), "")
        else:
            super().keyPressEvent(event)
