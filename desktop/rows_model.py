"""A plain read-only table: heads and rows, with an object behind each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QIcon
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from desktop.plain import SAID, as_said

Index = QModelIndex | QPersistentModelIndex


class HeadedModel(QAbstractTableModel):
    """Columns under their heads; those named in `right` stand to the right."""

    def __init__(self, heads: Sequence[str], right: Sequence[int] = ()) -> None:
        super().__init__()
        self._heads = list(heads)
        self._right = set(right)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._heads[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in self._right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class RowsModel(HeadedModel):
    """Texts in rows; columns named in `right` stand to the right.

    Tones colour the last cell, icons stand in the first.
    """

    def __init__(self, heads: Sequence[str], right: Sequence[int] = ()) -> None:
        super().__init__(heads, right)
        self._rows: list[Sequence[str]] = []
        self._objects: Sequence[Any] = ()
        self._tones: Sequence[str] = ()
        self._icons: Sequence[QIcon] = ()

    def set_rows(
        self,
        rows: Sequence[Sequence[str]],
        objects: Sequence[Any] = (),
        *,
        heads: Sequence[str] | None = None,
        right: Sequence[int] | None = None,
        tones: Sequence[str] = (),
        icons: Sequence[QIcon] = (),
    ) -> None:
        """Replaces everything shown."""
        self.beginResetModel()
        self._rows, self._objects, self._tones, self._icons = list(rows), objects, tones, icons
        self._heads = list(heads) if heads is not None else self._heads
        self._right = set(right) if right is not None else self._right
        self.endResetModel()

    def object(self, index: Index) -> Any:
        """What stands behind a row; None where nothing does."""
        return self._objects[index.row()] if index.isValid() and index.row() < len(self._objects) else None

    def objects(self) -> Sequence[Any]:
        """What stands behind the rows, in their order."""
        return self._objects

    def rows(self) -> Sequence[Sequence[str]]:
        """What is shown."""
        return self._rows

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        match role:
            case _ if role in SAID:
                return as_said(row[index.column()], role)
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if index.column() in self._right else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.ForegroundRole if index.column() == len(row) - 1 and index.row() < len(self._tones):
                tone = self._tones[index.row()]
                return QBrush(QColor(tone)) if tone else None
            case Qt.ItemDataRole.DecorationRole if index.column() == 0 and index.row() < len(self._icons):
                return self._icons[index.row()]
        return None


def table_view(
    model: QAbstractTableModel, name: str, label: str, widths: Sequence[int] = (), stretch: int = -1
) -> QTableView:
    """A calm view of rows."""
    view = QTableView()
    view.setModel(model)
    calm_table(view, name, label, widths, stretch)
    return view


def calm_table(view: QTableView, name: str, label: str, widths: Sequence[int] = (), stretch: int = -1) -> None:
    """Whole rows are chosen, nothing is edited, one column takes what width is left."""
    view.setObjectName(name)
    view.setAccessibleName(label)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setAlternatingRowColors(True)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setTabKeyNavigation(False)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(30)
    header = view.horizontalHeader()
    header.setHighlightSections(False)
    for at, width in enumerate(widths):
        header.resizeSection(at, width)
    if stretch >= 0:
        header.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)


def fit_heads(view: QTableView) -> None:
    """No column is narrower than its head, in whichever language."""
    header = view.horizontalHeader()
    for at in range(header.count()):
        if header.sectionResizeMode(at) is not QHeaderView.ResizeMode.Stretch:
            header.resizeSection(at, max(header.sectionSize(at), header.sectionSizeHint(at)))
