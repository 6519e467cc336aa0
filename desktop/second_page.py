"""Double entry: draw units, key them again without sight of the first entry, settle what differs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from desktop.pages import Desk, Nothing, Page, card, hint, restyle, result_line
from desktop.rows_model import RowsModel, table_view
from desktop.saving import ask_workbook
from desktop.second_compare import ComparePage
from desktop.second_draw import DrawDialog
from desktop.second_entry import BlindPage
from desktop.second_rates import RatesPanel
from survey import doubleentry, doublesample
from survey.doubleentry import Drawn
from survey.errors import SurveyError

_TALL = 520
_FIGURES = ("drawn", "left", "settled", "open")


class SampleList(Page):
    """The drawn units with their state, the figures above, the error rates below; `chosen` names a unit."""

    chosen = Signal(int, str)

    def __init__(self, desk: Desk) -> None:
        texts = desk.texts
        super().__init__(texts("second.title"), texts("second.hint"))
        self._desk = desk
        self.export = self.button(texts("second.export"), "exportSecond", self._ask_path)
        self.draw = self.button(texts("second.draw"), "draw", self.ask_draw, primary=True)
        self._cards: dict[str, QLabel] = {}
        self._figures = QWidget()
        cards = QHBoxLayout(self._figures)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(10)
        for name in _FIGURES:
            frame, label = card(texts(f"second.figure.{name}"), "0")
            label.setObjectName(f"second_{name}")
            cards.addWidget(frame, 1)
            self._cards[name] = label
        self._line, self._result = hint(""), result_line("secondResult")
        self._line.setObjectName("sampleLine")
        heads = texts("second.heads.list").split("|")
        self.model = RowsModel(heads, right=(2, 3))
        self.table = table_view(self.model, "sample", texts("second.title"), (190, 260, 90, 110, 130, 130), 1)
        self.table.activated.connect(self._open)
        self.rates = RatesPanel(desk)
        self._empty = Nothing(desk.icons, "second", texts("second.none"), texts("second.none_line"), "noSample")
        self._empty.offer(texts("second.draw"), "drawHere", self.ask_draw, primary=True)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.table)
        split.addWidget(self.rates)
        split.setSizes([340, 220])
        split.setChildrenCollapsible(False)
        drawn = QWidget()
        column = QVBoxLayout(drawn)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self._figures)
        column.addWidget(self._line)
        column.addWidget(split, 1)
        self._drawn = drawn
        self._either = QStackedWidget()
        self._either.addWidget(self._empty)
        self._either.addWidget(drawn)
        self.body.addWidget(self._result)
        self.body.addWidget(self._either, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a small screen the rows come first: the figures give way."""
        super().resizeEvent(event)
        self._figures.setVisible(self.height() >= _TALL)

    @property
    def period(self) -> str:
        return self._desk.store.period

    def refresh(self) -> None:
        """The sample and its figures as they are in the file."""
        store, texts, colours = self._desk.store, self._desk.texts, self._desk.colours
        sample = doublesample.drawn(store, self.period)
        units = doubleentry.drawn_units(store, self.period)
        progress = doubleentry.progress(store, self.period)
        self._either.setCurrentWidget(self._drawn if units else self._empty)
        self.export.setEnabled(bool(units))
        self.draw.setText(texts("second.draw_again" if sample else "second.draw"))
        restyle(self.draw, "plain" if sample else "primary")
        for name in _FIGURES:
            self._cards[name].setText(f"{getattr(progress, name):,}")
        if sample:
            label = store.scheme.label(sample.item, texts.lang) if sample.item in store.scheme.items else ""
            facts = {"count": sample.count, "frame": sample.frame, "seed": sample.seed, "times": sample.times}
            how = texts(f"second.drawn_{sample.by}", item=label)
            self._line.setText(
                texts("second.sample_line", how=how, who=sample.who, at=sample.at[:16].replace("T", " "), **facts)
            )
        row = max(self.table.currentIndex().row(), 0)
        tones = {"due": colours.muted, "begun": colours.accent, "differs": colours.warn, "settled": colours.good}
        self.model.set_rows([self._row(one) for one in units], units, tones=[tones[one.state] for one in units])
        self.table.setCurrentIndex(self.model.index(min(row, len(units) - 1), 0))
        self.rates.show_period(self.period)

    def begin(self) -> None:
        """Gives the keyboard to the list."""
        self.table.setFocus()

    def ask_draw(self) -> None:
        """How many, how, by which seed; then the units."""
        self._result.hide()
        if not doublesample.frame(self._desk.store, self.period):
            self._desk.fail(SurveyError("second_none"))
            return
        dialog = DrawDialog(self._desk, self.period, doublesample.drawn(self._desk.store, self.period), self)
        if dialog.exec():
            self.refresh()
            self.begin()
        dialog.deleteLater()

    def write(self, target: Path) -> None:
        """Differences, rates and sample as a workbook."""
        from survey import doublebook

        try:
            doublebook.write(self._desk.store, self.period, target, self._desk.texts)
        except SurveyError as error:
            self._desk.fail(error)
            return
        self._result.setText(self._desk.texts("second.exported", path=target))
        self._result.show()

    def _ask_path(self) -> None:
        store, texts = self._desk.store, self._desk.texts
        name = f"{store.district}-{texts('second.title')}-{self.period}"
        if target := ask_workbook(self._desk, self, texts("second.export"), name):
            self.write(target)

    def _row(self, one: Drawn) -> tuple[str, ...]:
        texts = self._desk.texts
        state = texts(f"second.state.{one.state}")
        if one.state == "differs":
            state = texts("second.state_open", open=one.open, count=one.differing)
        who = f"{one.who}（{texts('second.same')}）" if one.same_keyer else one.who
        differing = f"{one.differing:,}" if one.state in ("differs", "settled") else ""
        return one.uscc, one.name, f"{one.keyed:,}", differing, who, state

    def _open(self, index: QModelIndex) -> None:
        found: Drawn | None = self.model.object(index)
        if found is not None:
            self.chosen.emit(found.unit, found.state)


class SecondPage(QWidget):
    """The list, the blind forms and the comparison, one in front of the other."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.list = SampleList(desk)
        self.list.chosen.connect(self.open_unit)
        self._compare: ComparePage | None = None
        self._blind: BlindPage | None = None
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)

    @property
    def blind(self) -> BlindPage:
        """The forms to key blind, made when they are first needed."""
        if self._blind is None:
            self._blind = BlindPage(self._desk)
            self._blind.closed.connect(self._show_list)
            self._blind.finished.connect(self._finished)
            self._stack.addWidget(self._blind)
        return self._blind

    @property
    def compare(self) -> ComparePage:
        """The two entries side by side, made when they are first needed."""
        if self._compare is None:
            self._compare = ComparePage(self._desk)
            self._compare.closed.connect(self._show_list)
            self._compare.settled.connect(self._settled)
            self._stack.addWidget(self._compare)
        return self._compare

    def refresh(self) -> None:
        """The list anew; a unit that is open stays open."""
        if self._stack.currentWidget() is self.list:
            self.list.refresh()
            self.list.begin()

    def open_unit(self, unit: int, state: str) -> None:
        """Goes on where a unit is: keying, or comparing once it is keyed."""
        if state in ("due", "begun"):
            self.blind.open(unit, self._desk.store.period)
            self._stack.setCurrentWidget(self.blind)
        else:
            self._finished(unit)

    def unsaved(self) -> list[str]:
        """The labels of cells whose text could not be saved."""
        return self._blind.unsaved_labels() if self._blind else []

    def _finished(self, unit: int) -> None:
        self._stack.setCurrentWidget(self.compare)
        self.compare.open(unit, self._desk.store.period)

    def _settled(self, _unit: int) -> None:
        """What was checked before is out of date."""
        self._desk.changed()

    def _show_list(self) -> None:
        self._stack.setCurrentWidget(self.list)
        self.list.refresh()
        self.list.begin()
