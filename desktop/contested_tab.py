"""重复上报: units that several desks return under one code; side by side, and who is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QItemSelection, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QSplitter, QVBoxLayout, QWidget

from desktop.decision_keys import DIGITS, DecisionBar, keyed, on_key
from desktop.fitting import Fitting, lower
from desktop.merge_facts import sender_name
from desktop.pages import Desk, Nothing, either_of, result_line
from desktop.rows_model import RowsModel, table_view
from desktop.side_table import Side, SideModel, fit_sides, side_rows, side_view, telling
from survey import claims
from survey.claims import Claim, Claims, Contested
from survey.errors import SurveyError, sentence


class ContestedTab(QWidget):
    """1, 2 … count a unit, or all that are selected, where that desk returns it; U takes decisions back.

    `settled` says that other answers count now.
    """

    settled = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._texts = desk.texts
        self._shown: Contested | None = None
        self.model = RowsModel(desk.texts("lookalike.heads.contested").split("|"))
        self.list = table_view(self.model, "contested", desk.texts("lookalike.tab.contested"), (168, 190, 88, 84), 1)
        # The code is among the fields beside the list.
        Fitting(self.list, (0, 3), 130)
        self.list.setSelectionMode(self.list.SelectionMode.ExtendedSelection)
        self.list.selectionModel().selectionChanged.connect(self._chosen)
        self.sides = SideModel(desk.texts, desk.colours)
        self.table = side_view(self.sides, "claims", desk.texts("lookalike.side.title"))
        self._line, self._said = result_line("contestedLine"), result_line("contestedSaid")
        self.everything = QCheckBox(desk.texts("lookalike.side.all"))
        self.everything.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.everything.toggled.connect(lambda on: self.sides.show_all(everything=on))
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._bar = DecisionBar(self._split)
        self._count = [
            self._bar.add("", f"count_{digit}", digit, _counting(self.count, at)) for at, digit in enumerate(DIGITS)
        ]
        self._bar.add(desk.texts("lookalike.key.reopen"), "reopen", "U", self.reopen)
        on_key(self._split, "A", self.everything.toggle)
        self._lay_out()

    def begin(self) -> None:
        """Gives the keyboard to the units."""
        self.list.setFocus()

    def fit(self, *, tight: bool) -> None:
        """Whether there is little room."""
        lower((self.list,), tight=tight)
        fit_sides(self.table, tight=tight)
        self._bar.fit(tight=tight)
        self._split.setSizes([280, 540] if tight else [500, 620])

    def refresh(self) -> int:
        """The units as they are in the file; gives how many."""
        store, texts = self._desk.store, self._desk.texts
        found = Claims(store, store.period)
        current = max(self.list.currentIndex().row(), 0)
        chosen = [index.row() for index in self.list.selectionModel().selectedRows()]
        rows, tones = [], []
        for uscc in found.contested:
            unit = store.execute("SELECT name, sender FROM unit WHERE uscc = ?", (uscc,)).fetchone()
            name, sender = unit or ("", "")
            decided = found.decision(uscc) in found.senders(uscc)
            state = texts("lookalike.counted_decided" if decided else "lookalike.counted_order")
            rows.append((uscc, str(name), self._label(str(sender)), state))
            tones.append(self._desk.colours.good if decided else self._desk.colours.warn)
        self.model.set_rows(rows, found.contested, tones=tones)
        self._either.setCurrentWidget(self._split if rows else self._none)
        if rows:
            self._select([row for row in chosen if row < len(rows)], min(current, len(rows) - 1))
        return len(rows)

    def _select(self, rows: Sequence[int], current: int) -> None:
        """Chooses the rows that were chosen before, all at once."""
        wanted = QItemSelection()
        for row in rows or [current]:
            wanted.select(self.model.index(row, 0), self.model.index(row, self.model.columnCount() - 1))
        selection = self.list.selectionModel()
        # The code may be hidden, and the keyboard must have a place that is shown.
        selection.setCurrentIndex(self.model.index(current, 1), selection.SelectionFlag.NoUpdate)
        selection.select(wanted, selection.SelectionFlag.ClearAndSelect)

    # Deciding

    def count(self, at: int) -> None:
        """A digit: the chosen units are counted where that desk returns them."""
        if self._shown is None or at >= len(self._shown.claims):
            return
        sender, chosen = self._shown.claims[at].sender, self._codes()
        store = self._desk.store
        known = Claims(store, store.period)
        own = [uscc for uscc in chosen if sender in known.senders(uscc)]

        def act() -> None:
            claims.settle(store, own, sender, store.period, who=self._desk.settings.who)

        self._act(act, "lookalike.counted", count=len(own), district=self._label(sender), left=len(chosen) - len(own))

    def reopen(self) -> None:
        """U: the chosen units are counted where they would be without a decision."""
        store, chosen = self._desk.store, self._codes()

        def act() -> None:
            claims.reopen(store, chosen, store.period, who=self._desk.settings.who)

        self._act(act, "lookalike.reopened", count=len(chosen))

    def _act(self, act: Callable[[], None], key: str, **facts: object) -> None:
        try:
            act()
        except SurveyError as error:
            self._say(sentence(error, self._texts))
            return
        self.refresh()
        self.settled.emit()
        self._say(self._texts(key, **facts))

    def _codes(self) -> list[str]:
        return [self.model.object(index) for index in self.list.selectionModel().selectedRows()]

    # What is shown

    def _chosen(self, _selected: QItemSelection, _deselected: QItemSelection) -> None:
        store, texts = self._desk.store, self._texts
        codes = self._codes()
        current = self.model.object(self.list.currentIndex())
        shown = current if current in codes else codes[0] if codes else None
        found = claims.listed(store, store.period, [shown]) if shown else []
        self._shown = found[0] if found else None
        if self._shown is None:
            return
        sides = [self._side(claim, self._shown.counted) for claim in self._shown.claims]
        heads = [f"{at}  {self._label(claim.sender)}" for at, claim in enumerate(self._shown.claims, 1)]
        self.sides.set_sides(heads, side_rows(store.scheme, sides, texts, telling(store.scheme)))
        facts = {"name": self._shown.name, "differing": self.sides.differing, "fields": self.sides.fields}
        self._line.setText(texts("lookalike.contested_line", **facts, chosen=len(codes)))
        self._line.show()
        self._said.hide()
        self._buttons(self._shown)

    def _side(self, claim: Claim, counted: str) -> Side:
        texts, period = self._texts, self._desk.store.period
        counts = "counted" if claim.sender == counted else "not_counted"
        facts = {
            texts("lookalike.side.return"): texts("lookalike.side.return_of", number=claim.received.sequence),
            texts("lookalike.side.file"): claim.received.name,
            texts("lookalike.side.counts"): texts(f"lookalike.side.{counts}"),
        }
        return Side(
            claim.sender, facts, {place: value for (when, place), value in claim.answers.items() if when == period}
        )

    def _buttons(self, shown: Contested) -> None:
        for at, button in enumerate(self._count):
            button.setVisible(at < len(shown.claims))
            if at < len(shown.claims):
                district = self._label(shown.claims[at].sender)
                button.setText(keyed(self._texts("lookalike.key.count", district=district), DIGITS[at]))

    def _label(self, sender: str) -> str:
        return sender_name(self._desk.store, sender, self._texts) if sender else "—"

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._said.show()

    def _lay_out(self) -> None:
        texts = self._texts
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(6, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self._line, self._bar, self._said):
            column.addWidget(widget)
        column.addWidget(self.table, 1)
        column.addWidget(self.everything)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.list)
        self._split.addWidget(right)
        self._split.setSizes([500, 620])
        self._split.setStretchFactor(1, 1)
        self._none = Nothing(
            self._desk.icons, "done", texts("lookalike.none_contested"), texts("lookalike.none_contested_line"),
            "noContested",
        )  # fmt: skip
        self._either = either_of(self, self._none, self._split)


def _counting(action: Callable[[int], None], at: int) -> Callable[[], None]:
    return lambda: action(at)
