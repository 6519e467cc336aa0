"""The rows of an item table: 甲 乙 丙, this year, last year, and how far they differ."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QFont

from desktop.cell_model import Cell, CellModel, Index
from desktop.plain import quoted
from survey.form import Item, Section
from survey.record import show_value
from survey.scalar import Value

LABEL, UNIT, CODE, NOW, BEFORE, CHANGE = range(6)
_HEADS = ("label", "unit", "code", "now", "before", "change")


class FormModel(CellModel):
    """The rows of a form; only this year's column is typed in."""

    def item(self, row: int) -> Item | None:
        """The item of a row; None for a heading."""
        found = self.form.rows[row]
        return found if isinstance(found, Item) else None

    def place(self, index: Index) -> Cell | None:
        item = self.item(index.row()) if index.isValid() else None
        return Cell(item) if item and index.column() == NOW else None

    def index_of(self, name: str, line: int = 0) -> QModelIndex:  # noqa: ARG002 - an item table has no lines
        return self.index(self.row_of(name), NOW)

    def row_of(self, name: str) -> int:
        return next(at for at, row in enumerate(self.form.rows) if isinstance(row, Item) and row.name == name)

    def is_section(self, row: int) -> bool:
        return isinstance(self.form.rows[row], Section)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.form.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        period = {NOW: self.session.period, BEFORE: self.session.before}.get(section, "")
        return self._texts(f"entry.head.{_HEADS[section]}", period=period)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.form.rows[index.row()]
        if isinstance(row, Section):
            return self._section_data(row, index.column(), role)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, index.column())
            case Qt.ItemDataRole.EditRole:
                return self.edited(Cell(row))
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(row, index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return quoted(self._tip(row, index.column())) or None
            case Qt.ItemDataRole.BackgroundRole if index.column() in (BEFORE, CHANGE):
                return QBrush(QColor(self._colours.stripe))
            case Qt.ItemDataRole.ForegroundRole if index.column() not in (NOW, LABEL):
                return QBrush(QColor(self._colours.muted))
            case Qt.ItemDataRole.AccessibleTextRole if index.column() == NOW:
                return f"{self._texts.pick(row.label, row.label_en)} {row.code} {self.shown(Cell(row))}"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.NoItemFlags if self.is_section(index.row()) else super().flags(index)

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

    def _text(self, item: Item, column: int) -> str:
        match column:
            case 0:
                of_which = self._texts("entry.of_which") if item.of_which else ""
                star = " *" if item.required else ""
                return "　" * item.indent + of_which + self._texts.pick(item.label, item.label_en) + star
            case 1:
                return self._scheme.unit(item.unit, self._texts)
            case 2:
                return item.code
            case 3:
                return self.shown(Cell(item))
            case 4:
                return show_value(item, self._before(item), self._scheme.lists, self._texts.lang)
        return change_text(self._value(Cell(item)), self._before(item)) if item.numeric else ""

    def _before(self, item: Item) -> Value:
        return self.session.last_year(item.name)

    def _tip(self, item: Item, column: int) -> str:
        if column == NOW and (trouble := self.trouble(Cell(item))):
            return trouble
        if column in (BEFORE, CHANGE):
            return self._texts("entry.locked")
        note = self._texts.pick(item.note, item.note_en)
        computed = self._texts("entry.computed") if item.computed else ""
        return "\n".join(part for part in (note, item.source, computed) if part)


def change_text(now: Value, before: Value) -> str:
    """The change against the year before in per cent with its sign, or how many times; '' where it means nothing."""
    if isinstance(now, str) or isinstance(before, str) or now is None or before is None or before <= 0:
        return ""
    share = round((now / before - 1) * 100, 1)
    if not share:
        return "0.0"
    return f"{share:+,.1f}" if share < 10_000 else f"×{now / before:,.0f}"


def _alignment(item: Item, column: int) -> Qt.AlignmentFlag:
    if column == CHANGE or (column in (NOW, BEFORE) and item.numeric):
        return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    if column in (UNIT, CODE):
        return Qt.AlignmentFlag.AlignCenter
    return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
