"""Cells that files would change: what the survey file holds beside what the file says, some of them to be decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal

from desktop.rows_model import HeadedModel, Index
from survey.record import show_value
from survey.scheme import Scheme
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.importreport import Field

_HEADS = ("file", "place", "unit", "item", "before", "after")


class FieldsModel(HeadedModel):
    """One row a cell; where there is something to decide, a tick says that the file is right."""

    decided = Signal()

    def __init__(self, scheme: Scheme, texts: Texts, *, decides: bool = False) -> None:
        heads = [texts(f"import.field_head.{head}") for head in (*(("take",) if decides else ()), *_HEADS)]
        super().__init__(heads, right=(len(heads) - 2, len(heads) - 1))
        self._scheme = scheme
        self._texts = texts
        self._first = int(decides)
        self._fields: Sequence[Field] = ()
        self._names: Mapping[str, str] = {}
        self.taken: set[tuple[str, str, str, int]] = set()

    def show(self, fields: Sequence[Field], names: Mapping[str, str]) -> None:
        """Other cells, with the names of units by their codes; what was decided of cells stays."""
        self.beginResetModel()
        self._fields, self._names = fields, names
        self.endResetModel()

    def take_all(self, *, take: bool) -> None:
        """The files are right about all the cells shown, or about none."""
        self.beginResetModel()
        keys = {one.key for one in self._fields}
        self.taken = self.taken | keys if take else self.taken - keys
        self.endResetModel()
        self.decided.emit()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._fields)

    def flags(self, index: Index) -> Qt.ItemFlag:
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return plain | Qt.ItemFlag.ItemIsUserCheckable if index.column() < self._first else plain

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        one = self._fields[index.row()]
        if index.column() < self._first:
            if role == Qt.ItemDataRole.CheckStateRole:
                return Qt.CheckState.Checked if one.key in self.taken else Qt.CheckState.Unchecked
            return self._tick(one) if role == Qt.ItemDataRole.AccessibleTextRole else None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._shown(one)[index.column() - self._first]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if index.column() in self._right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if index.column() >= self._first or role != Qt.ItemDataRole.CheckStateRole:
            return False
        key = self._fields[index.row()].key
        if Qt.CheckState(value) is Qt.CheckState.Checked:
            self.taken.add(key)
        else:
            self.taken.discard(key)
        self.dataChanged.emit(index, index)
        self.decided.emit()
        return True

    def _tick(self, one: Field) -> str:
        return self._texts("import.take_cell", label=self._scheme.label(one.item, self._texts.lang))

    def _shown(self, one: Field) -> tuple[str, ...]:
        texts, item = self._texts, self._scheme.item(one.item)
        values = [show_value(item, value, self._scheme.lists, texts.lang) for value in (one.before, one.after)]
        label = self._scheme.label(one.item, texts.lang)
        line = texts("import.on_line", line=one.line) if one.line else ""
        place = f"{one.sheet}!{one.cell}" if one.cell else one.sheet
        unit = self._names.get(one.uscc, one.uscc)
        return (one.file, place, unit, label + line, *(value or texts("import.blank") for value in values))
