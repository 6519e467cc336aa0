"""Two entries of a unit side by side: every cell in which they differ is settled for one value."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from desktop.entry_dialogs import AskDialog
from desktop.pages import Desk, Nothing, ShortLabel, hint, result_line
from desktop.plain import quoted
from desktop.rows_model import RowsModel, table_view
from survey import cells, doubleentry
from survey.doubleentry import Settled
from survey.errors import SurveyError, sentence
from survey.record import read_value, show_value
from survey.scalar import Value
from survey.texts import Texts


class OtherDialog(AskDialog):
    """A third value, where both entries are wrong, with the reason."""

    def __init__(self, label: str, keep: Callable[[str, str], None], texts: Texts, parent: QWidget) -> None:
        super().__init__("otherDialog", texts("second.other"), texts("second.other_facts", label=label), texts, parent)
        self._keep = keep
        self.value, self.reason = QLineEdit(), QPlainTextEdit()
        self.value.setObjectName("otherValue")
        self.value.setAccessibleName(label)
        self.reason.setObjectName("reason")
        self.reason.setAccessibleName(texts("second.reason"))
        self.reason.setTabChangesFocus(True)
        self.reason.setMaximumHeight(80)
        self.body.addWidget(hint(label))
        self.body.addWidget(self.value)
        self.body.addWidget(hint(texts("second.reason")))
        self.body.addWidget(self.reason)
        self.value.setFocus()

    def save(self) -> None:
        self._keep(self.value.text(), self.reason.toPlainText())


class ComparePage(QWidget):
    """1 takes the first value, 2 the second, 3 another; Enter goes to the next open cell.

    `closed` asks to leave for the list, `settled` names the unit whose answers may have changed.
    """

    closed = Signal()
    settled = Signal(int)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._texts = texts = desk.texts
        self._unit = 0
        self._period = ""
        self._rows: list[Settled] = []
        self._heading, self._line = ShortLabel("heading"), ShortLabel("subheading")
        self._line.setObjectName("compareLine")
        self._result = result_line("compareResult")
        heads = texts("second.heads.compare").split("|")
        self.model = RowsModel(heads, right=(1, 3))
        self.table = table_view(self.model, "compare", texts("second.compare"), (300, 124, 100, 124, 100, 176), 0)
        self.table.selectionModel().currentChanged.connect(self._tell)
        self.table.doubleClicked.connect(self._next)
        self._agreed = Nothing(desk.icons, "done", texts("second.agree"), texts("second.agree_line"), "agreed")
        self._agreed.offer(texts("second.back"), "agreedBack", self.closed.emit, primary=True)
        self._either = QStackedWidget()
        self._either.addWidget(self.table)
        self._either.addWidget(self._agreed)
        self._choices = [self._choice(name, action) for name, action in self._actions()]
        self._lay_out()
        self._keys()

    def open(self, unit: int, period: str) -> None:
        """The differences of a unit whose second entry is finished."""
        self._unit, self._period = unit, period
        register = self._desk.store.register(unit)
        self._heading.setText(str(register["name@reg"] or self._texts("entry.unnamed")))
        self._result.hide()
        self._fill(0)
        self._seek(0)
        self.table.setFocus()

    def take_first(self) -> None:
        """1: the first entry was right."""
        self._take("first")

    def take_second(self) -> None:
        """2: the second entry is right."""
        self._take("second")

    def take_other(self) -> None:
        """3: neither is; the right value is asked for with the reason."""
        chosen = self._open_row()
        item = self._desk.store.scheme.items.get(chosen.difference.item) if chosen else None
        if chosen is None or item is None:
            return

        def keep(text: str, reason: str) -> None:
            self._settle(chosen, read_value(item, text, self._desk.store.scheme.lists), reason)

        dialog = OtherDialog(self._label(chosen), keep, self._texts, self)
        accepted = dialog.exec()
        dialog.deleteLater()
        if accepted:
            self._settled()

    def _actions(self) -> tuple[tuple[str, Callable[[], None]], ...]:
        return ("first", self.take_first), ("second", self.take_second), ("other", self.take_other)

    def _take(self, which: str) -> None:
        chosen = self._open_row()
        if chosen is None:
            return
        found = chosen.difference
        try:
            self._settle(chosen, found.first if which == "first" else found.second, self._texts(f"second.took_{which}"))
        except SurveyError as error:
            self._say(sentence(error, self._texts))
            return
        self._settled()

    def _settle(self, chosen: Settled, value: Value, reason: str) -> None:
        found = chosen.difference
        doubleentry.settle(
            self._desk.store, self._unit, self._period, found.item, found.line, value, reason, self._desk.settings.who
        )

    def _settled(self) -> None:
        row = self.table.currentIndex().row()
        self._fill(row)
        self.settled.emit(self._unit)
        self._seek(row)

    def _open_row(self) -> Settled | None:
        """The open difference under the cursor."""
        found: Settled | None = self.model.object(self.table.currentIndex())
        if found is not None and found.outcome != "open":
            self._say(self._texts("second.was_settled"))
            return None
        return found

    # What is shown

    def _fill(self, row: int) -> None:
        self._rows = doubleentry.outcomes(self._desk.store, self._unit, self._period)
        colours = self._desk.colours
        self.model.set_rows(
            [self._row(one) for one in self._rows],
            self._rows,
            tones=[colours.warn if one.outcome == "open" else colours.good for one in self._rows],
        )
        left = sum(one.outcome == "open" for one in self._rows)
        key = "second.all_settled" if self._rows and not left else "second.open_of"
        self._line.setText(self._texts(key, open=left, count=len(self._rows)))
        self._either.setCurrentWidget(self.table if self._rows else self._agreed)
        for button in self._choices:
            button.setEnabled(left > 0)
        self.table.setCurrentIndex(self.model.index(row, 0))

    def _row(self, one: Settled) -> tuple[str, ...]:
        found = one.difference
        outcome = self._texts(f"second.outcome.{one.outcome}")
        if one.outcome != "open":
            outcome = self._texts("second.outcome_value", outcome=outcome, value=self._shown(one, one.value))
        first, second = self._shown(one, found.first), self._shown(one, found.second)
        return self._label(one), first, self._keyer(found.first_who), second, self._keyer(found.second_who), outcome

    def _keyer(self, name: str) -> str:
        return name or self._texts("second.unknown")

    def _label(self, one: Settled) -> str:
        scheme, line = self._desk.store.scheme, one.difference.line
        item = scheme.items.get(one.difference.item)
        if item is None:
            return one.difference.item
        where = f"  {self._texts('entry.line_number', line=line)}" if line else ""
        return f"{item.key}  {self._texts.pick(item.label, item.label_en)}{where}"

    def _shown(self, one: Settled, value: Value) -> str:
        scheme = self._desk.store.scheme
        item = scheme.items.get(one.difference.item)
        if value is None:
            return self._texts("second.blank")
        return show_value(item, value, scheme.lists, self._texts.lang) if item else str(value)

    def _tell(self, index: QModelIndex) -> None:
        """The cell in full, where a row cuts it; what was decided and why, or that it has been changed since."""
        one: Settled | None = self.model.object(index)
        if one is None:
            return
        lines = [self._label(one)]
        if one.outcome != "open":
            lines.append(self._texts("second.decided", who=one.who or "—", reason=one.reason or "—"))
        elif (now := self._now(one)) != one.difference.first:
            lines.append(self._texts("second.changed_since", value=self._shown(one, now)))
        self._say("\n".join(lines))

    def _now(self, one: Settled) -> Value:
        """What the answers hold at present."""
        found, scheme = one.difference, self._desk.store.scheme
        form = scheme.items[found.item].form if found.item in scheme.items else ""
        return cells.read(self._desk.store, self._unit, self._period).get(found.item, found.line, form)

    def _say(self, text: str) -> None:
        self._result.setText(text)
        self._result.show()

    def _next(self) -> None:
        """Enter: the next open cell."""
        self._seek(self.table.currentIndex().row() + 1)

    def _seek(self, start: int) -> None:
        """To the first open cell from a row on, from the top again after the last."""
        order = [*range(start, len(self._rows)), *range(min(start, len(self._rows)))]
        row = next((row for row in order if self._rows[row].outcome == "open"), None)
        if row is not None:
            self.table.setCurrentIndex(self.model.index(row, 0))

    # Layout

    def _choice(self, name: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(self._texts(f"second.take.{name}"))
        button.setObjectName(f"take_{name}")
        button.clicked.connect(lambda _checked=False: action())
        return button

    def _lay_out(self) -> None:
        back = QPushButton(self._desk.icons.icon("back"), "")
        back.setObjectName("compareBack")
        back.setProperty("kind", "icon")
        back.setAccessibleName(self._texts("second.back"))
        back.setToolTip(quoted(f"{self._texts('second.back')}  Alt+←"))
        back.clicked.connect(lambda _checked=False: self.closed.emit())
        titles = QVBoxLayout()
        titles.setSpacing(2)
        titles.addWidget(self._heading)
        titles.addWidget(self._line)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(back, 0, Qt.AlignmentFlag.AlignTop)
        top.addSpacing(6)
        top.addLayout(titles, 1)
        for button in self._choices:
            top.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 16, 24, 12)
        outer.setSpacing(10)
        outer.addLayout(top)
        outer.addWidget(hint(self._texts("second.compare_hint")))
        outer.addWidget(self._either, 1)
        outer.addWidget(self._result)

    def _keys(self) -> None:
        for keys, action in (
            ("1", self.take_first), ("2", self.take_second), ("3", self.take_other), ("Return", self._next),
            ("Enter", self._next), ("Alt+Left", self.closed.emit),
        ):  # fmt: skip
            QShortcut(
                QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut
            ).activated.connect(action)
