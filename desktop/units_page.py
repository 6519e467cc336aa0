"""The units of the desk and how far each is; opening one leads to its forms."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedLayout,
    QStackedWidget,
    QTableView,
    QWidget,
)

from desktop.add_dialog import AddDialog
from desktop.entry_page import EntryPage
from desktop.pages import Desk, Nothing, Page, card, hint
from desktop.rows_model import calm_table
from desktop.units_model import UnitsModel

_CARDS = ("units", "due", "in_progress", "errors", "to_explain", "checked", "submitted")
_WIDTHS = (200, 300, 130, 110)


class UnitsPage(QWidget):
    """The list, and the entry page in its place while a unit is open; `wanted` names another page."""

    wanted = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._stack = QStackedLayout(self)
        self.list = UnitList(desk)
        self.entry = EntryPage(desk)
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.entry)
        self.list.chosen.connect(self.open_unit)
        self.list.added.connect(self._begin)
        self.list.import_wanted.connect(self._want_import)
        self.entry.changed.connect(desk.changed)
        self.entry.closed.connect(self.close_unit)
        self.entry.stepped.connect(self._step)

    def refresh(self) -> None:
        """Reads the list anew; while a unit is open it stands behind it as it was."""
        if self._stack.currentWidget() is self.list:
            self.list.refresh()

    def open_unit(self, unit: int, item: str = "", form: int = -1) -> None:
        """Shows a unit's forms, the cursor on an item or a form in front where one is named."""
        if self._stack.currentWidget() is self.entry and not self.entry.may_leave():
            return
        self.entry.open(unit, self.list.period(), self.list.where(unit))
        self._stack.setCurrentWidget(self.entry)
        if item:
            self.entry.go_to(item)
        elif form >= 0:
            self.entry.show_form(form)

    def close_unit(self) -> None:
        """Back to the list, at the unit that was open."""
        unit, _form = self.entry.place()
        self._stack.setCurrentWidget(self.list)
        self.list.refresh()
        self.list.select(unit)

    def place(self) -> tuple[int, int]:
        """The open unit and form; 0 where the list is shown."""
        return self.entry.place() if self._stack.currentWidget() is self.entry else (0, 0)

    def unsaved(self) -> list[str]:
        """The labels of cells whose text could not be saved."""
        if self._stack.currentWidget() is not self.entry:
            return []
        return [self._desk.store.scheme.label(name, self._desk.texts.lang) for name in self.entry.unsaved()]

    def _step(self, by: int) -> None:
        unit, form = self.entry.place()
        other = self.list.neighbour(unit, by)
        if other:
            self.open_unit(other, form=form)
        else:
            self.entry.say(self._desk.texts("entry.last" if by > 0 else "entry.first"))

    def _begin(self, unit: int) -> None:
        """A new unit begins with the first form."""
        self.open_unit(unit, form=0)

    def _want_import(self) -> None:
        self.wanted.emit("import")


class UnitList(Page):
    """Find a unit, see how far the desk is, add one."""

    chosen = Signal(int)
    added = Signal(int)
    import_wanted = Signal()

    def __init__(self, desk: Desk) -> None:
        texts, colours = desk.texts, desk.colours
        super().__init__(texts("units.title"), texts("units.hint"))
        self._desk = desk
        tones = {"errors": colours.bad, "to_explain": colours.warn, "checked": colours.good, "due": colours.muted}
        self.model = UnitsModel(desk.store, texts, tones)
        self.table = QTableView()
        self.table.setModel(self.model)
        calm_table(self.table, "units", texts("units.title"), _WIDTHS, 1)
        self.search = QLineEdit()
        self.search.setObjectName("search")
        self.search.setPlaceholderText(texts("units.search"))
        self.search.setAccessibleName(texts("units.search"))
        self.search.setClearButtonEnabled(True)
        self._status, self._period = QComboBox(), QComboBox()
        self._count = hint("")
        self._nothing = Nothing(desk.icons, "units", texts("units.empty"), texts("units.empty_line"), "noUnits")
        self._not_found = Nothing(desk.icons, "search", texts("units.none_found"), texts("units.none_found_line"))
        self._cards: dict[str, QLabel] = {}
        self.button(texts("units.add"), "add", self._add, primary=True)
        self._nothing.offer(texts("units.import"), "importFirst", self.import_wanted.emit)
        self._nothing.offer(texts("units.add"), "addFirst", self._add, primary=True)
        self._lay_out()
        self._connect()

    def period(self) -> str:
        return str(self._period.currentData() or self._desk.store.period)

    def where(self, unit: int) -> str:
        """Which of how many a unit is in the list as it is shown; '' where it is not."""
        row = self.model.row_of(unit)
        return self._desk.texts("units.where", at=f"{row + 1:,}", of=self._total()) if row >= 0 else ""

    def neighbour(self, unit: int, by: int) -> int:
        """The unit before or after another in the list as it is shown; 0 at its ends."""
        row = self.model.row_of(unit)
        other = self.model.unit(row + by) if row >= 0 else None
        return other.id if other else 0

    def select(self, unit: int) -> None:
        """The cursor on a unit."""
        row = self.model.row_of(unit)
        if row >= 0:
            self.table.setCurrentIndex(self.model.index(row, 0))
        self.table.setFocus()

    def refresh(self) -> None:
        """Periods, counts and rows."""
        store, chosen = self._desk.store, self.period()
        periods = list(dict.fromkeys([store.period, *store.periods()]))
        self._period.blockSignals(True)
        self._period.clear()
        for period in periods:
            self._period.addItem(self._desk.texts("units.of_period", period=period), period)
        self._period.setCurrentIndex(periods.index(chosen) if chosen in periods else 0)
        self._period.blockSignals(False)
        self._fill()

    def _lay_out(self) -> None:
        texts = self._desk.texts
        cards = QHBoxLayout()
        cards.setSpacing(10)
        for name in _CARDS:
            frame, label = card(texts(f"status.{name}"), "0")
            label.setObjectName(f"count_{name}")
            cards.addWidget(frame, 1)
            self._cards[name] = label
        self._status.setObjectName("statusFilter")
        self._status.setAccessibleName(texts("units.head.status"))
        self._status.addItem(texts("units.any_status"), "")
        for name in _CARDS[1:]:
            self._status.addItem(texts(f"status.{name}"), name)
        self._period.setObjectName("period")
        self._period.setAccessibleName(texts("units.period"))
        bar = QHBoxLayout()
        bar.setSpacing(8)
        for widget, stretch in ((self.search, 1), (self._status, 0), (self._period, 0)):
            bar.addWidget(widget, stretch)
        self._either = QStackedWidget()
        for shown in (self.table, self._nothing, self._not_found):
            self._either.addWidget(shown)
        self.body.addLayout(cards)
        self.body.addLayout(bar)
        self.body.addWidget(self._either, 1)
        self.body.addWidget(self._count)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._fill)
        self.search.returnPressed.connect(self._into_table)
        self._status.currentIndexChanged.connect(self._fill)
        self._period.currentIndexChanged.connect(self._fill)
        self.model.rowsInserted.connect(self._say_count)
        self.table.activated.connect(self._open)
        self.table.doubleClicked.connect(self._open)

    def _fill(self) -> None:
        counts = self._desk.store.counts(self.period())
        for name, label in self._cards.items():
            label.setText(f"{counts.get(name, 0):,}")
        self.model.show_units(self.period(), self.search.text().strip(), str(self._status.currentData()))
        shown = self.table if self.model.rowCount() else self._not_found if counts["units"] else self._nothing
        self._either.setCurrentWidget(shown)
        self._say_count()
        if self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(0, 0))

    def _say_count(self) -> None:
        self._count.setText(self._desk.texts("units.shown", count=self._total()) if self.model.rowCount() else "")

    def _total(self) -> str:
        """How many units are listed; `500+` while more can be read."""
        if self.model.complete:
            return f"{self.model.rowCount():,}"
        if not self.search.text().strip():
            return self._cards["units"].text()
        return f"{self.model.rowCount():,}+"

    def _into_table(self) -> None:
        self.table.setFocus()

    def _open(self, index: QModelIndex) -> None:
        unit = self.model.unit(index.row())
        if unit and self.isVisible():
            self.chosen.emit(unit.id)

    def _add(self) -> None:
        dialog = AddDialog(self._desk.store, self._desk.texts, self.period(), self)
        if dialog.exec():
            self.search.clear()
            self.refresh()
            self.added.emit(dialog.unit)
        dialog.deleteLater()
