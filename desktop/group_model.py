"""The groups of look-alikes as a list, and what was decided about each since the search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor

from desktop import lookalike_words
from desktop.pages import Desk
from desktop.plain import SAID, as_said
from desktop.rows_model import HeadedModel, Index

if TYPE_CHECKING:
    from survey.lookalikes import Group


class GroupModel(HeadedModel):
    """The groups with what was decided about each since the search; names are read as they are looked at."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.texts("lookalike.heads.groups").split("|"), right=(2,))
        self._desk = desk
        self._groups: list[Group] = []
        self._verdicts: dict[int, str] = {}

    def set_groups(self, groups: Sequence[Group]) -> None:
        """Other groups, none of them decided."""
        self.beginResetModel()
        self._groups, self._verdicts = list(groups), {}
        self.endResetModel()

    @property
    def groups(self) -> Sequence[Group]:
        return self._groups

    def group(self, row: int) -> Group | None:
        return self._groups[row] if 0 <= row < len(self._groups) else None

    def verdict(self, row: int) -> str:
        """What was decided about a group; '' while it is open."""
        return self._verdicts.get(row, "")

    def decide(self, row: int, verdict: str) -> None:
        """Notes what was decided; '' opens the group again."""
        self._verdicts[row] = verdict
        self.dataChanged.emit(self.index(row, 0), self.index(row, self.columnCount() - 1))

    def open_from(self, row: int) -> int:
        """The first open group from a row on, from the top again after the last; -1 where none is open."""
        count = len(self._groups)
        return next((at % count for at in range(row, row + count) if not self.verdict(at % count)), -1)

    def left(self) -> int:
        """How many groups are open."""
        return sum(not self.verdict(row) for row in range(len(self._groups)))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._groups)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        group, verdict = self._groups[index.row()], self.verdict(index.row())
        if role in SAID:
            return as_said(self._said(group, verdict, index.column()), role)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in self._right:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole:
            colours = self._desk.colours
            tone = colours.muted if verdict else {"sure": colours.bad, "likely": colours.warn}.get(group.band, "")
            return QBrush(QColor(tone)) if tone and (verdict or index.column() == 0) else None
        return None

    def _said(self, group: Group, verdict: str, column: int) -> str:
        texts = self._desk.texts
        decided = texts(f"lookalike.verdict.{verdict}") if verdict else texts("lookalike.open")
        cells = lookalike_words.band(group, texts), self._name(group), str(len(group.units)), decided
        return cells[column]

    def _name(self, group: Group) -> str:
        row = self._desk.store.execute("SELECT name FROM unit WHERE uscc = ?", (group.units[0],)).fetchone()
        return str(row[0]) if row else group.units[0]
