"""What item tables and list forms have in common: cells of items, typed, refused, marked, written at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from desktop.session import Session
from desktop.theme import Colours
from survey.errors import SurveyError, sentence
from survey.form import Form, Item
from survey.record import expand, read_value, show_value
from survey.scalar import Value
from survey.texts import Texts

Index = QModelIndex | QPersistentModelIndex
Marks = Mapping[tuple[str, int], str]


class Cell(NamedTuple):
    """An answer's place: its item, and its line on a list form."""

    item: Item
    line: int = 0

    @property
    def key(self) -> tuple[str, int]:
        return self.item.name, self.line


class CellModel(QAbstractTableModel):
    """Cells of a form with the open unit's answers; a committed cell is written at once.

    A text that cannot be an answer is not lost: it stays in its cell, marked, until it is
    corrected or given up.
    """

    refused = Signal(str)

    def __init__(self, form: Form, session: Session, texts: Texts, colours: Colours) -> None:
        super().__init__()
        self.form = form
        self.session = session
        self._texts = texts
        self._colours = colours
        self._scheme = session.store.scheme
        self._marks: Marks = {}
        self._refused: dict[tuple[str, int], tuple[str, str]] = {}

    def place(self, index: Index) -> Cell | None:
        """The answer a cell of the table holds; None where it holds none."""
        raise NotImplementedError

    def index_of(self, name: str, line: int = 0) -> QModelIndex:
        """Where an answer stands in the table."""
        raise NotImplementedError

    def load(self) -> None:
        """Another unit's answers, or another period's."""
        self.beginResetModel()
        self._refused = {}
        self.endResetModel()

    def refresh(self) -> None:
        """The same unit after a change."""
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def mark(self, marks: Marks) -> None:
        """Paints cells: `bad` or `note`."""
        self._marks = marks
        self.refresh()

    def unsaved(self) -> list[tuple[str, int]]:
        """The cells whose text could not be saved."""
        return list(self._refused)

    def give_up(self, index: Index) -> None:
        """What was typed and could not be saved is dropped; the stored value shows again."""
        cell = self.place(index)
        if cell and self._refused.pop(cell.key, None):
            self.dataChanged.emit(index, index)

    def mark_of(self, index: Index) -> str:
        """How a cell is painted: `refused`, `bad`, `note`, `computed` or ''."""
        cell = self.place(index)
        if cell is None:
            return ""
        if cell.key in self._refused:
            return "refused"
        return self._marks.get(cell.key, "computed" if cell.item.computed else "")

    def editable(self, index: Index) -> bool:
        """Whether a cell is there to be typed in."""
        cell = self.place(index)
        return cell is not None and not self.session.fixed(cell.item)

    def flags(self, index: Index) -> Qt.ItemFlag:
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return plain | Qt.ItemFlag.ItemIsEditable if self.editable(index) else plain

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        cell = self.place(index)
        if role != Qt.ItemDataRole.EditRole or cell is None:
            return False
        try:
            read = read_value(cell.item, value, self._scheme.lists)
            # What was refused before must not outlive what is written now.
            kept = self._refused.pop(cell.key, None)
            self.session.commit(cell.item.name, read, cell.line)
        except SurveyError as error:
            reason = sentence(error, self._texts)
            self._refused[cell.key] = (str(value), reason)
            self.dataChanged.emit(index, index)
            self.refused.emit(reason)
            return False
        if kept:
            self.session.changed.emit()
        self.dataChanged.emit(index, index)
        return True

    def readable(self, index: Index, text: str) -> str:
        """Why a text cannot be an answer to a cell's item; '' where it can."""
        cell = self.place(index)
        if cell is None:
            return ""
        try:
            read_value(cell.item, text, self._scheme.lists)
        except SurveyError as error:
            return sentence(error, self._texts)
        return ""

    def expanded(self, index: Index, text: str) -> str | None:
        """The number that a text with 万 or 亿 means in a cell, or None."""
        cell = self.place(index)
        return expand(cell.item, text) if cell else None

    def shown(self, cell: Cell) -> str:
        """An answer as it is read."""
        if cell.key in self._refused:
            return self._refused[cell.key][0]
        return show_value(cell.item, self._value(cell), self._scheme.lists, self._texts.lang)

    def edited(self, cell: Cell) -> str:
        """An answer as it is typed."""
        value = self._value(cell)
        if cell.key in self._refused or value is None:
            return self._refused.get(cell.key, ("", ""))[0]
        return str(value) if cell.item.numeric else show_value(cell.item, value, self._scheme.lists, self._texts.lang)

    def trouble(self, cell: Cell) -> str:
        """Why a cell's text was refused, or ''."""
        return self._refused.get(cell.key, ("", ""))[1]

    def _value(self, cell: Cell) -> Value:
        return self.session.value(cell.item.name, cell.line)
