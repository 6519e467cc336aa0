"""疑似重复: groups on the left, the group's units side by side on the right, decided by single keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from desktop import lookalike_words
from desktop.decision_keys import DIGITS, DecisionBar, keyed, on_key
from desktop.fitting import Fitting, lower
from desktop.group_model import GroupModel
from desktop.pages import Desk, Nothing, either_of, hint, result_line
from desktop.rows_model import table_view
from desktop.side_table import SideModel, fit_sides, side_rows, side_view, telling
from desktop.unit_side import unit_side
from survey import duplicates
from survey.errors import SurveyError, sentence
from survey.store import UnitRow

if TYPE_CHECKING:
    from survey.lookalikes import Found, Group

_EXPLAINED = 3
_LIST, _TIGHT_LIST = 300, 230
_PAIR = 2
_TIES = (
    ("branch", "B", "branch_of"), ("child", "P", "parent_of"), ("moved", "M", "moved_from"),
    ("renamed", "R", "successor_of"),
)  # fmt: skip


class AlikeTab(QWidget):
    """1, 2 … keep a unit, N no duplicate, B P M R tie two, X turn a tie round, U undo, Space the next open group.

    `searched` asks for a search, `settled` says that something was decided or taken back.
    """

    searched = Signal()
    settled = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._texts = desk.texts
        self._units: list[UnitRow] = []
        self._out: set[int] = set()
        self._turned = False
        self._done: list[tuple[int, tuple[str, ...]]] = []
        self.model = GroupModel(desk)
        self.list = table_view(self.model, "groups", self._texts("lookalike.tab.alike"), (70, 240, 40, 84), 1)
        self.list.setMinimumWidth(_LIST)
        Fitting(self.list, (2, 3), 150)
        self.list.selectionModel().currentChanged.connect(self._chosen)
        self.sides = SideModel(self._texts, desk.colours)
        self.table = side_view(self.sides, "sides", self._texts("lookalike.side.title"))
        self._why = result_line("why")
        self._said = result_line("decisionSaid")
        self.everything = QCheckBox(self._texts("lookalike.side.all"))
        self.everything.setObjectName("everything")
        self.everything.toggled.connect(lambda on: self.sides.show_all(everything=on))
        self.everything.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._keep: list[QPushButton] = []
        self._ties: list[QPushButton] = []
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._bars = [DecisionBar(self._split) for _ in range(3)]
        self._leaving_out = hint(self._texts("lookalike.leave_out"))
        self._make_buttons()
        self._lay_out()

    def begin(self) -> None:
        """Gives the keyboard to the groups."""
        self.list.setFocus()

    def fit(self, *, tight: bool) -> None:
        """Whether there is little room."""
        lower((self.list,), tight=tight)
        fit_sides(self.table, tight=tight)
        for bar in self._bars:
            bar.fit(tight=tight)
        self.list.setMinimumWidth(_TIGHT_LIST if tight else _LIST)
        self._split.setSizes([_TIGHT_LIST, 560] if tight else [350, 770])

    def show_found(self, found: Found) -> None:
        """What a search brought."""
        self._done = []
        self.model.set_groups(found.groups)
        self._either.setCurrentWidget(self._split if found.groups else self._none)
        if found.groups:
            self._go(0)
        else:
            self._none.title.setText(self._texts("lookalike.nothing_title"))
            self._none.line.setText(self._texts("lookalike.nothing", units=f"{found.units:,}"))

    # Deciding

    def keep(self, at: int) -> None:
        """A digit: the units are one, and this one is kept."""
        units = self._taking_part()
        if at >= len(self._units) or self._units[at] not in units:
            return
        kept = self._units[at].uscc
        self._decide("same", lambda who: duplicates.settle(self._desk.store, _codes(units), kept, who=who), units)

    def part(self) -> None:
        """N: the units are different ones."""
        units = self._taking_part()
        self._decide("different", lambda who: duplicates.part(self._desk.store, _codes(units), who=who), units)

    def tie(self, verdict: str) -> None:
        """B, P, M, R: two units belong together, and both count."""
        pair = self._pair()
        if pair:
            # A child is told by its parent's tie to it.
            first, second = reversed(pair) if verdict == "parent_of" else pair
            self._decide(
                verdict, lambda who: duplicates.tie(self._desk.store, first.uscc, verdict, second.uscc, who=who), pair
            )

    def turn(self) -> None:
        """X: which of two is the branch, the moved one, the later one."""
        self._turned = not self._turned
        self._label_ties()

    def undo(self) -> None:
        """U: takes back what was decided about this group, or else the last decision made here."""
        row = self.list.currentIndex().row()
        mine = [one for one in self._done if one[0] == row] or self._done[-1:]
        if not mine:
            self._say(self._texts("lookalike.nothing_done"))
            return
        self._done.remove(mine[-1])
        row, codes = mine[-1]
        try:
            duplicates.undo(self._desk.store, codes, who=self._desk.settings.who)
        except SurveyError as error:
            self._say(sentence(error, self._texts))
            return
        self.model.decide(row, "")
        self._go(row)
        self._say(self._texts("lookalike.undone", count=1))
        self.settled.emit()

    def leave_out(self, at: int) -> None:
        """Alt and a digit: this unit takes no part in the decision, or does again."""
        if at < len(self._units) and len(self._units) > _PAIR:
            self._out ^= {at}
            self.sides.leave_out(self._out)
            self._enable()

    def next(self) -> None:
        """Space: the next open group."""
        row = self.model.open_from(self.list.currentIndex().row() + 1)
        if row >= 0:
            self._go(row)

    def _decide(self, verdict: str, act: Callable[[str], None], units: Sequence[UnitRow]) -> None:
        row = self.list.currentIndex().row()
        if self.model.verdict(row):
            self._say(self._texts("lookalike.decided_here"))
            return
        try:
            act(self._desk.settings.who)
        except SurveyError as error:
            self._say(sentence(error, self._texts))
            return
        self.model.decide(row, verdict)
        self._done.append((row, tuple(_codes(units))))
        said = self._texts(
            "lookalike.said", name=self._units[0].name, verdict=self._texts(f"lookalike.verdict.{verdict}")
        )
        if self._out:
            said += self._texts("lookalike.said_out", count=len(self._out))
        self.next()
        self._say(said)
        self.settled.emit()

    def _taking_part(self) -> list[UnitRow]:
        return [unit for at, unit in enumerate(self._units) if at not in self._out]

    def _pair(self) -> tuple[UnitRow, UnitRow] | None:
        """The two units of a tie, the first being it of the second."""
        units = self._taking_part()
        if len(units) != _PAIR:
            return None
        return (units[1], units[0]) if self._turned else (units[0], units[1])

    # What is shown

    def _chosen(self, index: QModelIndex | QPersistentModelIndex) -> None:
        group = self.model.group(index.row())
        if group is None:
            return
        store, texts = self._desk.store, self._texts
        known = lookalike_words.units_by_code(store, list(group.units))
        self._units = [known[uscc] for uscc in group.units if uscc in known]
        self._out = set()
        self._turned = bool(group.relation) and self._units[0].uscc != group.pairs[0].first
        sides = [unit_side(store, unit, texts) for unit in self._units]
        self.sides.set_sides(
            [f"{at}  {unit.name}" for at, unit in enumerate(self._units, 1)],
            side_rows(store.scheme, sides, texts, telling(store.scheme)),
        )
        self._why.setText("\n".join(self._explained(group)))
        self._why.show()
        self._said.hide()
        self._enable()

    def _explained(self, group: Group) -> list[str]:
        """Why the units may be one, pair by pair, with the weight of each part."""
        texts = self._texts
        places = {unit.uscc: at for at, unit in enumerate(self._units, 1)}
        names = {unit.uscc: unit.name for unit in self._units}
        if group.relation:
            pair = group.pairs[0]
            return [lookalike_words.relation(pair, names, texts), lookalike_words.reasons(pair, texts)]
        lines = []
        for pair in group.pairs[:_EXPLAINED]:
            first, second = sorted((places.get(pair.first, 0), places.get(pair.second, 0)))
            reasons, score = lookalike_words.weighed(pair, texts), f"{pair.score:.1f}"
            lines.append(texts("lookalike.why", first=first, second=second, score=score, reasons=reasons))
        return lines

    def _enable(self) -> None:
        """What can be decided about this group, said on the buttons."""
        verdict = self.model.verdict(self.list.currentIndex().row())
        for at, button in enumerate(self._keep):
            button.setVisible(at < len(self._units))
            button.setEnabled(not verdict and at not in self._out and len(self._taking_part()) > 1)
        self._leaving_out.setText(self._texts("lookalike.leave_out") if len(self._units) > _PAIR else "")
        self._label_ties()
        for button in self._ties:
            button.setEnabled(not verdict and self._pair() is not None)

    def _label_ties(self) -> None:
        pair = self._pair()
        if pair:
            first, second = (self._units.index(unit) + 1 for unit in pair)
            for button, (name, key, _) in zip(self._ties, _TIES, strict=False):
                button.setText(keyed(self._texts(f"lookalike.key.{name}", first=first, second=second), key))

    def _go(self, row: int) -> None:
        self.list.setCurrentIndex(self.model.index(row, 0))
        self._chosen(self.model.index(row, 0))

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._said.show()

    # Layout

    def _make_buttons(self) -> None:
        texts, (above, below, foot) = self._texts, self._bars
        for at, digit in enumerate(DIGITS):
            button = above.add(texts("lookalike.key.keep", number=digit), f"keep_{digit}", digit, _call(self.keep, at))
            button.hide()
            self._keep.append(button)
            on_key(self._split, f"Alt+{digit}", _call(self.leave_out, at))
        above.add(texts("lookalike.key.different"), "different", "N", self.part)
        for name, key, verdict in _TIES:
            self._ties.append(below.add("", f"tie_{name}", key, _call(self.tie, verdict)))
        self._ties.append(below.add(texts("lookalike.key.turn"), "turn", "X", self.turn))
        foot.add(texts("lookalike.key.undo"), "undo", "U", self.undo)
        foot.add(texts("lookalike.key.next"), "nextGroup", "Space", self.next, texts("lookalike.key.space"))
        on_key(self._split, "A", self.everything.toggle)

    def _lay_out(self) -> None:
        texts = self._texts
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(6, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._why)
        foot = QHBoxLayout()
        foot.addWidget(self.everything)
        foot.addWidget(self._leaving_out, 1)
        foot.addWidget(self._bars[2])
        for widget in (*self._bars[:2], self._said):
            column.addWidget(widget)
        column.addWidget(self.table, 1)
        column.addLayout(foot)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.list)
        self._split.addWidget(right)
        self._split.setSizes([350, 770])
        self._split.setStretchFactor(1, 1)
        self._none = Nothing(
            self._desk.icons, "duplicates", texts("lookalike.not_yet"), texts("lookalike.not_yet_line"), "noSearch"
        )
        self._none.offer(texts("lookalike.search"), "searchHere", self.searched.emit, primary=True)
        self._either = either_of(self, self._none, self._split)


def _codes(units: Sequence[UnitRow]) -> list[str]:
    return [unit.uscc for unit in units]


def _call(action: Callable[[Any], None], value: object) -> Callable[[], None]:
    return lambda: action(value)
