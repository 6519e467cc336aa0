"""This year against last year, the largest changes first: 与上年核对."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from desktop.form_model import change_text
from desktop.plain import Label
from desktop.session import Session
from survey.form import Item
from survey.record import show_value
from survey.scalar import Value
from survey.texts import Texts

_HEADS = ("item", "unit", "now", "before", "difference", "change")


@dataclass(frozen=True)
class Compared:
    """An item of both years; `weight` orders by how far they are apart."""

    item: Item
    now: Value
    before: Value

    @property
    def weight(self) -> float:
        now, before = self.now, self.before
        if now is None or before is None or isinstance(now, str) or isinstance(before, str):
            return float("inf")
        return abs(now - before) / abs(before) if before else float("inf")


def compared(session: Session) -> list[Compared]:
    """The numbers that differ between the years, the largest change first; what one year lacks comes first of all."""
    found = []
    for form in session.forms:
        for item in form.items if not form.is_list else ():
            now, before = session.value(item.name), session.last_year(item.name)
            if item.numeric and item.type != "flag" and now != before:
                found.append(Compared(item, now, before))
    return sorted(found, key=lambda one: -one.weight)


class CompareDialog(QDialog):
    """A row leads to its cell."""

    chosen = Signal(str)

    def __init__(self, session: Session, texts: Texts, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("compareDialog")
        self.setWindowTitle(texts("entry.compare"))
        self.resize(820, 560)
        self._texts = texts
        self._scheme = session.store.scheme
        rows = compared(session)
        hint = Label(texts("entry.compare_line" if rows else "entry.compare_none", count=len(rows)))
        hint.setProperty("kind", "hint")
        hint.setWordWrap(True)
        self.table = QTableWidget(len(rows), len(_HEADS))
        self.table.setObjectName("compared")
        self.table.setAccessibleName(texts("entry.compare"))
        self.table.setHorizontalHeaderLabels([texts(f"entry.compare_head.{head}") for head in _HEADS])
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.cellActivated.connect(self._choose)
        for row, one in enumerate(rows):
            self._fill(row, one)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(hint)
        column.addWidget(self.table, 1)
        self.table.setFocus()

    def _fill(self, row: int, one: Compared) -> None:
        item, texts = one.item, self._texts
        shown = [show_value(item, value, self._scheme.lists, texts.lang) for value in (one.now, one.before)]
        both = isinstance(one.now, int | float) and isinstance(one.before, int | float)
        difference = f"{one.now - one.before:+,.15g}" if both else ""  # type: ignore[operator]
        label = f"{item.key}  {texts.pick(item.label, item.label_en)}"
        unit = self._scheme.unit(item.unit, texts)
        for at, text in enumerate((label, unit, *shown, difference, change_text(one.now, one.before))):
            entry = QTableWidgetItem(text)
            if at > 1:
                entry.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            entry.setData(Qt.ItemDataRole.UserRole, item.name)
            self.table.setItem(row, at, entry)

    def _choose(self, row: int, _column: int) -> None:
        entry = self.table.item(row, 0)
        if entry:
            self.chosen.emit(str(entry.data(Qt.ItemDataRole.UserRole)))
            self.accept()
