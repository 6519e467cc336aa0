"""Rows of which some are taken: where there is something to decide, each has a tick in front."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import Qt, Signal

from desktop.plain import SAID, as_said
from desktop.rows_model import HeadedModel, Index

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class TickedModel(HeadedModel, Generic[T, K]):
    """One row an object, its texts made as it is looked at.

    `shown` gives a row's texts, `key` what is in `taken` while it is ticked (None: there is nothing to tick), `tick`
    what the tick means, for who cannot see it.
    """

    decided = Signal()

    def __init__(
        self,
        heads: Sequence[str],
        shown: Callable[[T], Sequence[str]],
        key: Callable[[T], K] | None = None,
        tick: Callable[[T], str] = str,
        right: Sequence[int] = (),
    ) -> None:
        super().__init__(heads, right)
        self._shown = shown
        self._key = key
        self._tick = tick
        self._first = 0 if key is None else 1
        self._rows: Sequence[T] = ()
        self.taken: set[K] = set()

    def set_objects(self, rows: Sequence[T]) -> None:
        """Other rows; what was ticked stays so."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def take_all(self, *, take: bool) -> None:
        """Ticks all rows that are shown, or none."""
        assert self._key
        self.beginResetModel()
        keys = {self._key(one) for one in self._rows}
        self.taken = self.taken | keys if take else self.taken - keys
        self.endResetModel()
        self.decided.emit()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return plain | Qt.ItemFlag.ItemIsUserCheckable if index.column() < self._first else plain

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        one = self._rows[index.row()]
        if index.column() < self._first and self._key:
            if role == Qt.ItemDataRole.CheckStateRole:
                return Qt.CheckState.Checked if self._key(one) in self.taken else Qt.CheckState.Unchecked
            return self._tick(one) if role == Qt.ItemDataRole.AccessibleTextRole else None
        if role in SAID:
            return as_said(self._shown(one)[index.column() - self._first], role)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if index.column() in self._right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if index.column() >= self._first or role != Qt.ItemDataRole.CheckStateRole or self._key is None:
            return False
        key = self._key(self._rows[index.row()])
        if Qt.CheckState(value) is Qt.CheckState.Checked:
            self.taken.add(key)
        else:
            self.taken.discard(key)
        self.dataChanged.emit(index, index)
        self.decided.emit()
        return True
