"""The units of the desk and how far each is; opening one leads to its forms."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from desktop.entry_page import EntryPage
from desktop.pages import Desk, Page, card, hint
from desktop.rows_model import RowsModel, table_view
from survey.errors import SurveyError, sentence
from survey.record import read_value
from survey.texts import Texts

_SHOWN = 5000
_CARDS = ("units", "due", "in_progress", "errors", "to_explain", "checked", "submitted")


class UnitsPage(QWidget):
    """The list, and the entry page in its place while a unit is open."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._stack = QStackedLayout(self)
        self.list = _UnitList(desk)
        self.entry = EntryPage(desk.store, desk.texts, desk.icons, desk.colours)
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.entry)
        self.list.table.activated.connect(lambda index: self._open_row(index.row()))
        self.list.table.doubleClicked.connect(lambda index: self._open_row(index.row()))
        self.list.added = self.open_unit
        self.entry.closed.connect(self.close_unit)

    def refresh(self) -> None:
        """Reads the list anew; an open unit too."""
        self.list.refresh()

    def open_unit(self, unit: int, item: str = "") -> None:
        """Shows a unit's forms, the cursor on an item where one is named."""
        self.entry.open(unit, self.list.period())
        self._stack.setCurrentWidget(self.entry)
        if item:
            self.entry.go_to(item)

    def close_unit(self) -> None:
        """Back to the list."""
        self._stack.setCurrentWidget(self.list)
        self.list.refresh()
        self.list.table.setFocus()

    def _open_row(self, row: int) -> None:
        unit = self.list.model.object(self.list.model.index(row, 0))
        if unit is not None and self._stack.currentWidget() is self.list:
            self.open_unit(unit.id)


class _UnitList(Page):
    def __init__(self, desk: Desk) -> None:
        texts = desk.texts
        super().__init__(texts("units.title"), texts("units.hint"))
        self._desk = desk
        self.added: Callable[[int], None] = lambda _unit: None
        self.search = QLineEdit()
        self.search.setObjectName("search")
        self.search.setPlaceholderText(texts("units.search"))
        self.search.setAccessibleName(texts("units.search"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(240)
        self.search.textChanged.connect(self._fill)
        self._period = QComboBox()
        self._period.setObjectName("period")
        self._period.setAccessibleName(texts("units.period"))
        self._period.currentIndexChanged.connect(self._fill)
        self.button(texts("units.add"), "add", self._add, primary=True)
        self._cards: dict[str, QLabel] = {}
        cards = QHBoxLayout()
        cards.setSpacing(10)
        for name in _CARDS:
            frame, label = card(texts(f"status.{name}"), "0")
            cards.addWidget(frame, 1)
            self._cards[name] = label
        self.body.addLayout(cards)
        bar = QHBoxLayout()
        bar.addWidget(self.search, 1)
        bar.addWidget(self._period)
        self.body.addLayout(bar)
        heads = [texts(f"units.head.{name}") for name in ("uscc", "name", "district", "status")]
        self.model = RowsModel(heads)
        self.table = table_view(self.model, "units", texts("units.title"), (190, 300, 120, 110), 1)
        self._empty = hint(texts("units.empty"))
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self._empty)

    def period(self) -> str:
        return str(self._period.currentData() or self._desk.store.period)

    def refresh(self) -> None:
        """Periods, counts and rows."""
        store, chosen = self._desk.store, self.period()
        periods = list(dict.fromkeys([store.period, *store.periods()]))
        self._period.blockSignals(True)
        self._period.clear()
        for period in periods:
            self._period.addItem(self._desk.texts("units.of_period", period=period), period)
        self._period.setCurrentIndex(max(0, periods.index(chosen) if chosen in periods else 0))
        self._period.blockSignals(False)
        self._fill()

    def _fill(self) -> None:
        store, texts, period = self._desk.store, self._desk.texts, self.period()
        units = store.unit_list(period, self.search.text().strip(), _SHOWN)
        districts = store.scheme.districts
        self.model.set_rows(
            [
                (unit.uscc, unit.name, districts.label(unit.district, texts.lang), texts(f"status.{unit.status}"))
                for unit in units
            ],
            units,
            tones=[_tone(unit.status, self._desk) for unit in units],
        )
        counts = store.counts(period)
        for name, label in self._cards.items():
            label.setText(f"{counts.get(name, 0):,}")
        self._empty.setVisible(not units)
        self._empty.setText(texts("units.none_found" if counts["units"] else "units.empty"))
        if units and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))

    def _add(self) -> None:
        dialog = _AddDialog(self._desk)
        if dialog.exec():
            self.refresh()
            self.added(dialog.unit)


def _tone(status: str, desk: Desk) -> str:
    colours = desk.colours
    return {"errors": colours.bad, "to_explain": colours.warn, "checked": colours.good, "due": colours.muted}.get(
        status, ""
    )


class _AddDialog(QDialog):
    """A new unit: its code and its name."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.unit = 0
        texts: Texts = desk.texts
        self.setWindowTitle(texts("units.add"))
        self.setMinimumWidth(460)
        self._uscc, self._name, self._problem = QLineEdit(), QLineEdit(), QLabel()
        self._problem.setObjectName("hint")
        self._problem.setWordWrap(True)
        form = QFormLayout()
        form.setSpacing(10)
        for name, editor in (("uscc", self._uscc), ("name", self._name)):
            editor.setObjectName(f"add_{name}")
            form.addRow(texts(f"units.head.{name}"), editor)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText(texts("units.add"))
        buttons.button(QDialogButtonBox.StandardButton.Ok).setObjectName("primary")
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(texts("window.cancel"))
        buttons.accepted.connect(self._try)
        buttons.rejected.connect(self.reject)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(22, 20, 22, 16)
        outer.addLayout(form)
        outer.addWidget(self._problem)
        outer.addWidget(buttons)

    def _try(self) -> None:
        store = self._desk.store
        try:
            found = [
                read_value(store.scheme.item(name), editor.text(), store.scheme.lists)
                for name, editor in (("uscc", self._uscc), ("name", self._name))
            ]
            for value, name in zip(found, ("uscc", "name"), strict=True):
                if value is None:
                    raise SurveyError("value.required", label=self._desk.texts(f"units.head.{name}"))
            self.unit = store.add_unit(str(found[0]), str(found[1]), store.period)
        except SurveyError as error:
            self._problem.setText(sentence(error, self._desk.texts))
            return
        self.accept()
