"""已判断: what was decided about look-alikes, with the answers of the units that count no more, and taking it back."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from desktop import lookalike_words
from desktop.decision_keys import DecisionBar
from desktop.fitting import Fitting, lower
from desktop.pages import Desk, Nothing, either_of, result_line
from desktop.rows_model import RowsModel, table_view
from desktop.side_table import SideModel, fit_sides, side_rows, side_view, telling
from desktop.unit_side import unit_side
from survey import duplicates
from survey.duplicates import Decision
from survey.errors import SurveyError, sentence


class DecidedTab(QWidget):
    """U takes a decision back; `reopened` says that one was."""

    reopened = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        texts = desk.texts
        self.model = RowsModel(texts("lookalike.heads.decided").split("|"))
        self.list = table_view(self.model, "decided", texts("lookalike.tab.decided"), (130, 90, 330, 110, 90, 160), 2)
        Fitting(self.list, (4, 5, 0), 160)
        self.list.selectionModel().currentChanged.connect(self._chosen)
        self.sides = SideModel(texts, desk.colours)
        self.table = side_view(self.sides, "decidedSides", texts("lookalike.side.title"))
        self._said = result_line("decidedSaid")
        self._split = QSplitter()
        self._bar = DecisionBar(self._split)
        self._bar.add(texts("lookalike.key.undo"), "undoDecided", "U", self.undo)
        self._lay_out()

    def begin(self) -> None:
        """Gives the keyboard to the decisions."""
        self.list.setFocus()

    def fit(self, *, tight: bool) -> None:
        """Whether there is little room."""
        lower((self.list,), tight=tight)
        fit_sides(self.table, tight=tight)
        self._bar.fit(tight=tight)

    def refresh(self) -> int:
        """The decisions as they are in the file; gives how many."""
        found = duplicates.decided(self._desk.store)
        row = max(self.list.currentIndex().row(), 0)
        self.model.set_rows([self._row(one) for one in found], found)
        self._either.setCurrentWidget(self._split if found else self._none)
        if found:
            self.list.setCurrentIndex(self.model.index(min(row, len(found) - 1), 2))
        return len(found)

    def undo(self) -> None:
        """U: the decision under the cursor."""
        decision: Decision | None = self.model.object(self.list.currentIndex())
        if decision is None:
            return
        try:
            duplicates.undo(self._desk.store, decision.units, who=self._desk.settings.who)
        except SurveyError as error:
            self._said.setText(sentence(error, self._desk.texts))
        else:
            self._said.setText(self._desk.texts("lookalike.undone", count=1))
            self.reopened.emit()
        self._said.show()

    def _row(self, one: Decision) -> tuple[str, ...]:
        texts, districts = self._desk.texts, self._desk.store.scheme.districts
        place = districts.label(one.district, texts.lang) if one.district else ""
        names = " / ".join(name or uscc for uscc, name in zip(one.units, one.names, strict=True))
        reason = texts("lookalike.all_sure") if one.reason == duplicates.SURELY else one.reason
        verdict = texts(f"lookalike.verdict.{one.verdict}")
        return one.at[:16].replace("T", " "), verdict, names, place, one.who, reason

    def _chosen(self, index: QModelIndex | QPersistentModelIndex) -> None:
        decision: Decision | None = self.model.object(index)
        if decision is None:
            return
        store, texts = self._desk.store, self._desk.texts
        known = lookalike_words.units_by_code(store, list(decision.units))
        units = [known[uscc] for uscc in decision.units if uscc in known]
        if not units:
            return
        mark = texts("lookalike.kept_mark")
        heads = [f"{unit.name}{mark if unit.uscc == decision.kept else ''}" for unit in units]
        sides = [unit_side(store, unit, texts, counts=True) for unit in units]
        self.sides.set_sides(heads, side_rows(store.scheme, sides, texts, telling(store.scheme)))

    def _lay_out(self) -> None:
        texts = self._desk.texts
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        for widget in (self._bar, self._said):
            column.addWidget(widget)
        column.addWidget(self.table, 1)
        self._split.setOrientation(self._split.orientation().Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.list)
        self._split.addWidget(below)
        self._split.setSizes([220, 360])
        self._none = Nothing(
            self._desk.icons, "done", texts("lookalike.none_decided"), texts("lookalike.none_decided_line"), "noDecided"
        )
        self._either = either_of(self, self._none, self._split)
