"""The lines of a list form: one row a line, an empty row to go on with, the totals below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QFont

from desktop.cell_model import Cell, CellModel, Index
from desktop.plain import quoted
from survey.form import Item
from survey.record import show_value

NUMBER = 0


class ListModel(CellModel):
    """Column 0 counts the lines; the others are the form's items in their order."""

    _lines: Sequence[int] = ()

    @property
    def _totals(self) -> int:
        """The row of the totals, the last."""
        return len(self._lines) + 1

    def line(self, row: int) -> int:
        """The line of a row; below the last line the one that would be next."""
        if row < len(self._lines):
            return self._lines[row]
        return (self._lines[-1] if self._lines else 0) + 1

    def place(self, index: Index) -> Cell | None:
        if not index.isValid() or index.column() == NUMBER or index.row() >= self._totals:
            return None
        return Cell(self.form.items[index.column() - 1], self.line(index.row()))

    def index_of(self, name: str, line: int = 0) -> QModelIndex:
        column = 1 + next(at for at, item in enumerate(self.form.items) if item.name == name)
        row = self._lines.index(line) if line in self._lines else len(self._lines)
        return self.index(row, column)

    def load(self) -> None:
        self.beginResetModel()
        self._refused = {}
        self._lines = self.session.lines(self.form)
        self.endResetModel()

    def refresh(self) -> None:
        """Lines that came or went change the rows; the cursor stays where it is."""
        lines = self.session.lines(self.form)
        if lines == self._lines:
            super().refresh()
            return
        self.layoutAboutToBeChanged.emit()
        self._lines = lines
        self.layoutChanged.emit()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._totals + 1

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 1 + len(self.form.items)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if section == NUMBER:
            return self._texts("entry.head.line") if role == Qt.ItemDataRole.DisplayRole else None
        item = self.form.items[section - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            unit = self._scheme.unit(item.unit, self._texts)
            label = self._texts.pick(item.label, item.label_en) + (" *" if item.required else "")
            return f"{label}\n{unit}\n{item.code}" if unit else f"{label}\n{item.code}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return quoted(self._texts.pick(item.note, item.note_en)) or None
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.row() == self._totals:
            return self._total_data(index.column(), role)
        cell = self.place(index)
        match role:
            case Qt.ItemDataRole.DisplayRole if cell:
                return self.shown(cell)
            case Qt.ItemDataRole.DisplayRole:
                return str(index.row() + 1) if index.row() < len(self._lines) else "＋"
            case Qt.ItemDataRole.EditRole if cell:
                return self.edited(cell)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(cell.item if cell else None)
            case Qt.ItemDataRole.ToolTipRole if cell:
                return quoted(self.trouble(cell) or self.shown(cell)) or None
            case Qt.ItemDataRole.ForegroundRole if cell is None:
                return QBrush(QColor(self._colours.muted))
            case Qt.ItemDataRole.AccessibleTextRole if cell:
                label = self._texts.pick(cell.item.label, cell.item.label_en)
                return self._texts("entry.line_cell", line=index.row() + 1, label=label, value=self.shown(cell))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled if index.row() == self._totals else super().flags(index)

    def _total_data(self, column: int, role: int) -> Any:
        item = self.form.items[column - 1] if column else None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts("entry.total") if item is None else self._total(item)
        if role == Qt.ItemDataRole.FontRole:
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.BackgroundRole:
            return QBrush(QColor(self._colours.side))
        return _alignment(item) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _total(self, item: Item) -> str:
        if not item.total:
            return ""
        values = [self.session.value(item.name, line) for line in self._lines]
        known = [value for value in values if isinstance(value, int | float)]
        return show_value(item, sum(known), self._scheme.lists, self._texts.lang) if known else ""


def _alignment(item: Item | None) -> Qt.AlignmentFlag:
    if item is None:
        return Qt.AlignmentFlag.AlignCenter
    side = Qt.AlignmentFlag.AlignRight if item.numeric and item.type != "flag" else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
