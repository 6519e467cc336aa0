"""The units of the desk as rows: their ids in order, the rows read a page at a time as one scrolls."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor

from desktop.page_cache import PageCache
from desktop.plain import SAID, as_said
from desktop.rows_model import HeadedModel, Index
from survey import roster
from survey.roster import CaseRow, Wanted
from survey.store import Store
from survey.texts import Texts

HEADS = ("uscc", "name", "district", "status", "reason")
_STATUS = HEADS.index("status")


class UnitsModel(HeadedModel):
    """Eight bytes a unit and some pages of rows, so that a million units open as a hundred do."""

    def __init__(self, store: Store, texts: Texts, tones: Mapping[str, str]) -> None:
        super().__init__([texts(f"units.head.{head}") for head in HEADS])
        self._store = store
        self._texts = texts
        self._tones = tones
        self._ids: array[int] = array("q")
        self._rows: PageCache[CaseRow] = PageCache(self._read)
        self.period = store.period
        self.wanted = Wanted()

    def show_units(self, period: str, wanted: Wanted) -> None:
        """Other units, or the same in another order."""
        self.beginResetModel()
        self.period, self.wanted = period, wanted
        self._ids = roster.ids(self._store, period, wanted)
        self._rows.clear()
        self.endResetModel()

    def refresh(self) -> None:
        """The same units after their statuses changed."""
        self._rows.clear()
        if self._ids:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._ids) - 1, len(HEADS) - 1))

    @property
    def ids(self) -> Sequence[int]:
        """All units that are listed, in order."""
        return self._ids

    def unit(self, row: int) -> CaseRow | None:
        """The unit of a row; None beyond the last."""
        if not 0 <= row < len(self._ids):
            return None
        return self._rows.row(row)

    def object(self, index: Index) -> CaseRow | None:
        """The unit behind a row."""
        return self.unit(index.row())

    def row_of(self, unit: int) -> int:
        """The row of a unit; -1 where it is not listed."""
        try:
            return self._ids.index(unit)
        except ValueError:
            return -1

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        unit = self.unit(index.row())
        if unit is None:
            return None
        if role in SAID:
            return as_said(self._shown(unit)[index.column()], role)
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == _STATUS:
            tone = self._tones.get(unit.status)
            return QBrush(QColor(tone)) if tone else None
        return None

    def _read(self, start: int, count: int) -> list[CaseRow]:
        wanted = self._ids[start : start + count]
        found = roster.rows(self._store, self.period, wanted)
        return [found[unit] for unit in wanted]

    def _shown(self, unit: CaseRow) -> tuple[str, ...]:
        district = self._store.scheme.districts.label(unit.district, self._texts.lang)
        return unit.uscc, unit.name, district, self._texts(f"status.{unit.status}"), unit.reason
