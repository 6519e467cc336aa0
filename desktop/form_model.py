"""The rows of an item table: 甲 乙 丙, this year, last year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont

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
    """The rows of a form with a unit's values; a committed cell is written at once.

    A text that cannot be an answer is not lost: it stays in its cell, marked, until it is
    corrected or given up.
    """

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
        self._refused: dict[str, tuple[str, str]] = {}
        self._periods = ("", "")

    def load(self, now: dict[str, Value], before: Mapping[str, Value], periods: tuple[str, str]) -> None:
        """Another unit's values."""
        self.beginResetModel()
        self._now, self._before, self._periods = now, before, periods
        self._refused = {}
        self.endResetModel()

    def mark(self, marks: Mapping[str, str]) -> None:
        """Paints cells by item name: `bad` or `note`."""
        self._marks = marks
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, BEFORE))

    def unsaved(self) -> list[str]:
        """The items whose text could not be saved."""
        return list(self._refused)

    def give_up(self, row: int) -> None:
        """What was typed and could not be saved is dropped; the stored value shows again."""
        item = self.item(row)
        if item and self._refused.pop(item.name, None):
            self.dataChanged.emit(self.index(row, NOW), self.index(row, NOW))

    def mark_of(self, index: Index) -> str:
        """How a cell is painted: `refused`, `bad`, `note` or ''."""
        item = self.item(index.row())
        if item is None or index.column() != NOW:
            return ""
        return "refused" if item.name in self._refused else self._marks.get(item.name, "")

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
                return self._edited(row)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(row, index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(row, index.column())
            case Qt.ItemDataRole.BackgroundRole if index.column() == BEFORE:
                return QBrush(QColor(self._colours.stripe))
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
            reason = sentence(error, self._texts)
            self._refused[item.name] = (str(value), reason)
            self.dataChanged.emit(index, index)
            self.refused.emit(reason)
            return False
        self._refused.pop(item.name, None)
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
                return self._scheme.unit(item.unit, self._texts)
            case 2:
                return item.code
        if column == NOW and item.name in self._refused:
            return self._refused[item.name][0]
        values = self._now if column == NOW else self._before
        return show_value(item, values.get(item.name), self._scheme.lists, self._texts.lang)

    def _edited(self, item: Item) -> str:
        if item.name in self._refused:
            return self._refused[item.name][0]
        value = self._now.get(item.name)
        if value is None:
            return ""
        return str(value) if item.numeric else show_value(item, value, self._scheme.lists, self._texts.lang)

    def _tip(self, item: Item, column: int) -> str | None:
        if column == NOW and item.name in self._refused:
            return self._refused[item.name][1]
        if column == BEFORE:
            return self._texts("entry.locked")
        return self._texts.pick(item.note, item.note_en) or None


def _alignment(item: Item, column: int) -> Qt.AlignmentFlag:
    if column in (NOW, BEFORE) and item.numeric:
        return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    if column in (UNIT, CODE):
        return Qt.AlignmentFlag.AlignCenter
    return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
