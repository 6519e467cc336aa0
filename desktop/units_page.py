"""The units of the desk and how far each is; opening one leads to its forms."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedLayout,
    QStackedWidget,
    QTableView,
    QWidget,
)

from desktop.add_dialog import AddDialog
from desktop.case_actions import CaseActions
from desktop.entry_page import EntryPage
from desktop.pages import Desk, Nothing, Page, card, hint
from desktop.plain import Label
from desktop.progress_dialog import ProgressDialog
from desktop.rows_model import calm_table
from desktop.units_model import HEADS, UnitsModel
from survey import roster
from survey.codes import Code
from survey.form import Item
from survey.record import DISPOSALS
from survey.roster import STATUS_GROUPS, Wanted
from survey.statuses import STEPS

_CARDS = ("units", "due", "in_progress", "errors", "to_explain", "checked", "submitted")
_WIDTHS = (190, 300, 110, 90, 170)


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
        self._telling = False
        self.entry.changed.connect(self._tell)
        self.entry.closed.connect(self.close_unit)
        self.entry.stepped.connect(self._step)

    def refresh(self) -> None:
        """Reads the list anew; while a unit is open it stands behind it as it was."""
        if self._stack.currentWidget() is self.list:
            self.list.refresh()

    def reread(self) -> None:
        """Answers were written elsewhere: the open unit is read anew; where it was taken out, the list comes back."""
        if self._telling:
            return
        session = self.entry.session
        gone = self._desk.store.execute("SELECT 1 FROM unit WHERE id = ?", (session.unit,)).fetchone() is None
        if session.unit and gone:
            session.unit = 0
            self._stack.setCurrentWidget(self.list)
        session.reread_open()

    def _tell(self) -> None:
        """What is written here need not be read anew."""
        self._telling = True
        self._desk.changed()
        self._telling = False

    def open_unit(self, unit: int, item: str = "", form: int = -1, period: str = "", line: int = 0) -> None:
        """Shows a unit's forms, the cursor on an item and its line or a form in front where one is named.

        The period is the one of the list where none is named.
        """
        if self._stack.currentWidget() is self.entry and not self.entry.may_leave():
            return
        self.entry.open(unit, period or self.list.period(), self.list.where(unit))
        self._stack.setCurrentWidget(self.entry)
        if item:
            self.entry.go_to(item, line)
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
        return self.entry.unsaved_labels()

    def _step(self, by: int) -> None:
        unit, form = self.entry.place()
        other = self.list.neighbour(unit, by)
        if other:
            self.open_unit(other, form=form, period=self.entry.session.period)
        else:
            self.entry.say(self._desk.texts("entry.last" if by > 0 else "entry.first"))

    def _begin(self, unit: int) -> None:
        """A new unit begins with the first form."""
        self.open_unit(unit, form=0)

    def _want_import(self) -> None:
        self.wanted.emit("import")


class UnitList(Page):
    """The case board: find a unit, see how far the desk is, act on many at once."""

    chosen = Signal(int)
    added = Signal(int)
    import_wanted = Signal()

    def __init__(self, desk: Desk) -> None:
        texts, colours = desk.texts, desk.colours
        super().__init__(texts("units.title"), texts("units.hint"))
        self._desk = desk
        tones = {
            "errors": colours.bad, "returned": colours.bad, "to_explain": colours.warn, "checked": colours.good,
            "accepted": colours.good, **dict.fromkeys(("due", *DISPOSALS), colours.muted),
        }  # fmt: skip
        self.model = UnitsModel(desk.store, texts, tones)
        self.table = QTableView()
        self.table.setModel(self.model)
        calm_table(self.table, "units", texts("units.title"), _WIDTHS, 1)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.search = QLineEdit()
        self.search.setObjectName("search")
        self.search.setPlaceholderText(texts("units.search"))
        self.search.setAccessibleName(texts("units.search"))
        self.search.setClearButtonEnabled(True)
        self._status, self._period = QComboBox(), QComboBox()
        self._groups: dict[str, QComboBox] = {}
        self._sort, self._descending = "", False
        self._count = hint("")
        self._nothing = Nothing(desk.icons, "units", texts("units.empty"), texts("units.empty_line"), "noUnits")
        self._not_found = Nothing(desk.icons, "search", texts("units.none_found"), texts("units.none_found_line"))
        self._cards: dict[str, QLabel] = {}
        self.actions_ = CaseActions(desk, self, self.selected, self.listed, self.period)
        self._buttons()
        self._lay_out()
        self._connect()

    def period(self) -> str:
        return str(self._period.currentData() or self._desk.store.period)

    def selected(self) -> list[int]:
        """The chosen units; where only the cursor is on one, all that are listed would be too many: that one."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        if len(rows) == self.model.rowCount():
            return list(self.model.ids)
        return [self.model.ids[row] for row in rows]

    def listed(self) -> list[int]:
        """All units that the list shows as it is filtered."""
        return list(self.model.ids)

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

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
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

    # Layout

    def _buttons(self) -> None:
        texts = self._desk.texts
        self.button(texts("cases.progress"), "showProgress", self._show_progress)
        self._batch = self.button(texts("cases.batch"), "batch", self._open_menu)
        self._batch.setMenu(self.actions_.menu())
        self.button(texts("units.add"), "add", self._add, primary=True)
        self._nothing.offer(texts("units.import"), "importFirst", self.import_wanted.emit)
        self._nothing.offer(texts("units.add"), "addFirst", self._add, primary=True)

    def _lay_out(self) -> None:
        cards = QHBoxLayout()
        cards.setSpacing(10)
        for name in _CARDS:
            frame, label = card(self._desk.texts(f"status.{name}"), "0")
            label.setObjectName(f"count_{name}")
            cards.addWidget(frame, 1)
            self._cards[name] = label
        self._either = QStackedWidget()
        for shown in (self.table, self._nothing, self._not_found):
            self._either.addWidget(shown)
        self.body.addLayout(cards)
        self.body.addLayout(self._filters())
        self.body.addWidget(self._strip())
        self.body.addWidget(self._either, 1)
        self.body.addWidget(self._count)

    def _filters(self) -> QHBoxLayout:
        texts = self._desk.texts
        self._status.setObjectName("statusFilter")
        self._status.setAccessibleName(texts("units.head.status"))
        self._status.addItem(texts("units.any_status"), "")
        for name in STATUS_GROUPS:
            self._status.addItem(texts(f"cases.group.{name}"), name)
        for name in (*STEPS, *DISPOSALS):
            self._status.addItem(texts(f"status.{name}"), name)
        self._period.setObjectName("period")
        self._period.setAccessibleName(texts("units.period"))
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self.search, 1)
        bar.addWidget(self._status)
        for item in roster.groups(self._desk.store.scheme, city=self._desk.store.is_city):
            bar.addWidget(self._group_box(item))
        bar.addWidget(self._period)
        return bar

    def _group_box(self, item: Item) -> QComboBox:
        box, texts = QComboBox(), self._desk.texts
        # What stands in brackets, such as “as reported”, has no room in a box.
        label = texts.pick(item.label, item.label_en).partition("（")[0].partition(" (")[0]
        box.setObjectName(f"filter_{item.name}")
        box.setAccessibleName(label)
        box.setMaximumWidth(190)
        box.addItem(texts("cases.any", label=label), "")
        for code in self._desk.store.scheme.lists[item.list].codes.values():
            if not item.within or self._own_part(item, code):
                box.addItem(texts.pick(code.label, code.label_en), code.code)
        box.currentIndexChanged.connect(self._fill)
        self._groups[item.name] = box
        return box

    def _own_part(self, item: Item, code: Code) -> bool:
        """A list within the districts is narrowed to the desk's own."""
        store = self._desk.store
        outer = store.scheme.item(item.within).list
        return store.is_city or outer != store.scheme.districts.id or store.district in code.within(outer)

    def _strip(self) -> QFrame:
        """Says what was done to many units, and offers to take it back."""
        self._done = QFrame()
        self._done.setObjectName("doneStrip")
        self._done.setProperty("kind", "banner")
        self._said = Label()
        undo = QPushButton(self._desk.texts("cases.undo"))
        undo.setObjectName("undoBatch")
        undo.setProperty("kind", "small")
        undo.clicked.connect(lambda _checked=False: self._undo())
        row = QHBoxLayout(self._done)
        row.setContentsMargins(12, 4, 8, 4)
        row.addWidget(self._said, 1)
        row.addWidget(undo)
        self._done.hide()
        return self._done

    def _connect(self) -> None:
        self.search.textChanged.connect(self._fill)
        self.search.returnPressed.connect(self._into_table)
        self._status.currentIndexChanged.connect(self._fill)
        self._period.currentIndexChanged.connect(self._fill)
        self.table.activated.connect(self._open)
        self.table.doubleClicked.connect(self._open)
        self.table.horizontalHeader().setSectionsClickable(True)
        self.table.horizontalHeader().setSortIndicatorShown(True)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.horizontalHeader().sortIndicatorChanged.connect(self._sorted)
        self.actions_.changed.connect(self._statuses_changed)
        self.actions_.done.connect(self._say_done)
        find = QShortcut(QKeySequence.StandardKey.Find, self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.search.setFocus)

    # What happens

    def _fill(self) -> None:
        counts = self._desk.store.counts(self.period())
        for name, label in self._cards.items():
            label.setText(f"{counts.get(name, 0):,}")
        codes = {name: str(box.currentData()) for name, box in self._groups.items() if box.currentData()}
        status = str(self._status.currentData() or "")
        wanted = Wanted(self.search.text().strip(), status, codes, self._sort, self._descending)
        self.model.show_units(self.period(), wanted)
        shown = self.table if self.model.rowCount() else self._not_found if counts["units"] else self._nothing
        self._either.setCurrentWidget(shown)
        self._batch.setEnabled(bool(self.model.rowCount()))
        self._count.setText(self._desk.texts("units.shown", count=self._total()) if self.model.rowCount() else "")
        if self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(0, 0))

    def _total(self) -> str:
        return f"{self.model.rowCount():,}"

    def _sorted(self, column: int, order: Qt.SortOrder) -> None:
        self._sort, self._descending = HEADS[column], order == Qt.SortOrder.DescendingOrder
        self._fill()

    def _statuses_changed(self) -> None:
        chosen = self.table.currentIndex().row()
        self._done.hide()
        self._fill()
        if 0 <= chosen < self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(chosen, 0))
        self._desk.changed()

    def _say_done(self, text: str) -> None:
        self._said.setText(text)
        self._done.show()

    def _undo(self) -> None:
        self.actions_.undo()

    def _open_menu(self) -> None:
        """The button shows its menu by itself."""

    def _show_progress(self) -> None:
        dialog = ProgressDialog(self._desk, self.period(), self)
        dialog.exec()
        dialog.deleteLater()

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
