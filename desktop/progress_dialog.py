"""报送进度: how many of those that owe a return have reported, whole and by group, with a bar."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.cell_model import Index
from desktop.pages import Desk, hint
from survey import roster
from survey.form import Item
from survey.record import DISPOSALS
from survey.roster import Progress

_HEADS = ("group", "units", "due", "reported", "rate", "open", "errors", "returned", "disposed")
_RATE = _HEADS.index("rate")


class _Bar(QStyledItemDelegate):
    """A bar behind the figure."""

    def __init__(self, parent: QWidget, colour: str) -> None:
        super().__init__(parent)
        self._colour = colour

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rate = index.data(Qt.ItemDataRole.UserRole)
        box: QRect = option.rect  # type: ignore[attr-defined]
        if rate is not None:
            inner = box.adjusted(4, 6, -4, -6)
            painter.fillRect(
                QRect(inner.left(), inner.top(), round(inner.width() * rate), inner.height()), QColor(self._colour)
            )
        super().paint(painter, option, index)


class ProgressDialog(QDialog):
    """One row a group; the first is the whole."""

    def __init__(self, desk: Desk, period: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("progressDialog")
        self.setWindowTitle(desk.texts("cases.progress"))
        self.resize(860, 520)
        self._desk = desk
        self._period = period
        self._items = roster.groups(desk.store.scheme, city=desk.store.is_city)
        self.by = QComboBox()
        self.by.setObjectName("progressBy")
        self.by.setAccessibleName(desk.texts("cases.by"))
        for item in self._items:
            self.by.addItem(desk.texts("cases.by_item", label=desk.texts.pick(item.label, item.label_en)), item.name)
        self.table = QTableWidget(0, len(_HEADS))
        self.table.setObjectName("progress")
        self.table.setAccessibleName(desk.texts("cases.progress"))
        self.table.setHorizontalHeaderLabels([desk.texts(f"cases.column.{head}") for head in _HEADS])
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setItemDelegateForColumn(_RATE, _Bar(self.table, desk.colours.select))
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for at in range(1, len(_HEADS)):
            self.table.setColumnWidth(at, 110 if at == _RATE else 76)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(self.by)
        column.addWidget(self.table, 1)
        column.addWidget(hint(desk.texts("cases.rule")))
        self.by.currentIndexChanged.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """The figures by the chosen item."""
        store = self._desk.store
        item = next((one for one in self._items if one.name == self.by.currentData()), None)
        rows = [(self._desk.texts("cases.all"), one) for one in roster.progress(store, self._period, None)]
        if item is not None:
            rows += [(self._label(item, one.code), one) for one in roster.progress(store, self._period, item)]
        self.table.setRowCount(len(rows))
        for at, (label, found) in enumerate(rows):
            self._fill(at, label, found)

    def _label(self, item: Item, code: str) -> str:
        texts = self._desk.texts
        return self._desk.store.scheme.lists[item.list].label(code, texts.lang) if code else texts("cases.unknown")

    def _fill(self, row: int, label: str, found: Progress) -> None:
        count = found.by_status
        open_ = sum(count.get(status, 0) for status in ("due", "in_progress", "to_explain"))
        disposed = sum(count.get(status, 0) for status in DISPOSALS)
        rate = found.rate
        shown = (
            label, f"{found.units:,}", f"{found.due:,}", f"{found.reported:,}", "—" if rate is None else f"{rate:.1%}",
            f"{open_:,}", f"{count.get('errors', 0):,}", f"{count.get('returned', 0):,}", f"{disposed:,}",
        )  # fmt: skip
        for at, text in enumerate(shown):
            entry = QTableWidgetItem(text)
            if at:
                entry.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if at == _RATE:
                entry.setData(Qt.ItemDataRole.UserRole, rate)
            self.table.setItem(row, at, entry)
