"""The units of the desk as rows, read from the file as one scrolls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor

from survey.store import Store, UnitRow
from survey.texts import Texts

Index = QModelIndex | QPersistentModelIndex
HEADS = ("uscc", "name", "district", "status")
_STATUS = len(HEADS) - 1
_PAGE = 500


class UnitsModel(QAbstractTableModel):
    """Code, name, district and status; a page of units at a time, so that a hundred thousand open at once."""

    def __init__(self, store: Store, texts: Texts, tones: Mapping[str, str]) -> None:
        super().__init__()
        self._store = store
        self._texts = texts
        self._tones = tones
        self._units: list[UnitRow] = []
        self._period = store.period
        self._search = ""
        self._more = False

    def show_units(self, period: str, search: str = "", status: str = "") -> None:
        """The units whose name or code holds `search`, of one status or of all ('')."""
        self.beginResetModel()
        self._period, self._search = period, search
        if status:
            # A status is not searched for in the file: all units are read, once.
            found = self._store.unit_list(period, search)
            self._units, self._more = [unit for unit in found if unit.status == status], False
        else:
            self._units = self._store.unit_list(period, search, _PAGE)
            self._more = len(self._units) == _PAGE
        self.endResetModel()

    def unit(self, row: int) -> UnitRow | None:
        """The unit of a row, read if it is not there yet; None beyond the last."""
        while row >= len(self._units) and self._more:
            self.fetchMore()
        return self._units[row] if 0 <= row < len(self._units) else None

    def object(self, index: Index) -> UnitRow | None:
        """The unit behind a row."""
        return self.unit(index.row())

    def row_of(self, unit: int) -> int:
        """The row of a unit among those read so far; -1 where it is not."""
        return next((at for at, one in enumerate(self._units) if one.id == unit), -1)

    @property
    def complete(self) -> bool:
        """Whether all units asked for have been read."""
        return not self._more

    def canFetchMore(self, parent: Index | None = None) -> bool:
        return self._more and not (parent is not None and parent.isValid())

    def fetchMore(self, _parent: Index | None = None) -> None:
        found = self._store.unit_list(self._period, self._search, _PAGE, len(self._units))
        self._more = len(found) == _PAGE
        if found:
            self.beginInsertRows(QModelIndex(), len(self._units), len(self._units) + len(found) - 1)
            self._units += found
            self.endInsertRows()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._units)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts(f"units.head.{HEADS[section]}")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        unit = self._units[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._shown(unit)[index.column()]
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == _STATUS:
            tone = self._tones.get(unit.status)
            return QBrush(QColor(tone)) if tone else None
        return None

    def _shown(self, unit: UnitRow) -> tuple[str, ...]:
        district = self._store.scheme.districts.label(unit.district, self._texts.lang)
        return unit.uscc, unit.name, district, self._texts(f"status.{unit.status}")
