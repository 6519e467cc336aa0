"""Conflicts: cells of which this desk and a sender say different things, decided one by one or many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QStackedWidget,
)

from desktop.conflict_value import ConflictValueDialog
from desktop.conflict_words import cell, choice, detail
from desktop.fitting import Fitting, lower
from desktop.merge_facts import below_name, item_name, own_name, sender_name, shown
from desktop.moments import moment
from desktop.pages import Desk, Nothing, Page, hint, result_line
from desktop.plain import Label
from desktop.rows_model import RowsModel, table_view
from survey.conflicts import CHOICES, Choice, OpenConflict, listed
from survey.errors import SurveyError
from survey.progress import Progress

if TYPE_CHECKING:
    from survey.scalar import Value

_OPEN_HEADS = ("name", "item", "sender", "kept", "offered", "cell", "at")
_SETTLED_HEADS = ("name", "item", "sender", "kept", "offered", "cell", "decision", "value", "who", "decided", "reason")
_WIDTHS = (150, 190, 92, 96, 96, 110, 124, 110, 96, 124, 130)
# What can be spared where there is little room, the first first: the lines below the list tell all of it.
_SPARE = {"open": ("at", "cell", "sender"), "settled": ("cell", "who", "decided", "sender", "reason", "value")}
_KEYS = dict(zip(CHOICES, "123", strict=True))


class ConflictsPage(Page):
    """Choose rows, give a reason, press 1, 2 or 3; U takes decisions back.

    `changed` tells that answers were written.
    """

    def __init__(self, desk: Desk) -> None:
        texts = desk.texts
        self._names = {"below": below_name(desk.store, texts), "own": own_name(desk.store, texts)}
        super().__init__(texts("conflicts.title"), texts("conflicts.hint", **self._names))
        self._desk = desk
        self._found: Sequence[OpenConflict] = ()
        # What was decided last, to take it back with one key.
        self._last: list[int] = []
        self._buttons: dict[str, QPushButton] = {}
        self.settled, self.senders, self.items = self._box("decision"), self._box("sender"), self._box("item")
        for key in ("open", "settled"):
            self.settled.addItem(texts(f"conflicts.state_{key}"), key)
        self.body.addLayout(self._filters())
        self._line = result_line("conflictsResult")
        self.body.addWidget(self._line)
        self.model = RowsModel([])
        self.view = table_view(self.model, "conflictList", texts("conflicts.title"))
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.selectionModel().selectionChanged.connect(lambda *_: self._tell())
        self._columns = Fitting(self.view, (), 200)
        self._nothing = Nothing(desk.icons, "done", "", "", "noConflicts")
        self._either = QStackedWidget()
        self._either.addWidget(self._nothing)
        self._either.addWidget(self.view)
        self.body.addWidget(self._either, 1)
        self.detail = result_line("conflictDetail")
        self.body.addWidget(self.detail)
        self.body.addLayout(self._decisions())
        self._keys = hint("")
        self.body.addWidget(self._keys)
        for key, action in self._actions().items():
            # The keys work on the list, so that a reason can be typed.
            shortcut = QShortcut(QKeySequence(key), self.view, context=Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(action)

    # Layout

    def _box(self, name: str) -> QComboBox:
        box = QComboBox()
        box.setObjectName(f"conflict_{name}")
        box.setAccessibleName(self._desk.texts(f"conflicts.head.{name}", **self._names))
        box.setMinimumWidth(130)
        box.activated.connect(lambda _at: self.load())
        return box

    def _filters(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for box in (self.settled, self.senders, self.items):
            row.addWidget(box)
        self._count = Label()
        self._count.setObjectName("conflictCount")
        self._count.setProperty("kind", "hint")
        row.addWidget(self._count, 1)
        for name, action in (("same_sender", self._same_sender), ("same_item", self._same_item)):
            row.addWidget(self._small(name, action))
        return row

    def _decisions(self) -> QHBoxLayout:
        texts = self._desk.texts
        self.reason = QLineEdit()
        self.reason.setObjectName("conflictReason")
        self.reason.setPlaceholderText(texts("conflicts.reason"))
        self.reason.setAccessibleName(texts("conflicts.head.reason"))
        # The buttons stay where they are when decisions are listed, which need no reason.
        policy = self.reason.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reason.setSizePolicy(policy)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.reason, 1)
        for name in CHOICES:
            row.addWidget(self._small(f"take_{name}", partial(self.settle, name)))
        row.addWidget(self._small("reopen", self.take_back))
        return row

    def _small(self, name: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(self._desk.texts(f"conflicts.{name}", **self._names))
        button.setObjectName(name)
        button.clicked.connect(lambda _checked=False: action())
        self._buttons[name] = button
        return button

    def _actions(self) -> dict[str, Callable[[], None]]:
        keys: dict[str, Callable[[], None]] = {
            "U": self.take_back, "Ctrl+Z": self.take_back, "D": self._same_sender, "I": self._same_item,
        }  # fmt: skip
        return keys | {key: partial(self.settle, name) for name, key in _KEYS.items()}

    # What is listed

    @property
    def shows_settled(self) -> bool:
        """Whether the decisions are listed, and not what waits for one."""
        return bool(self.settled.currentData() == "settled")

    def refresh(self) -> None:
        """The conflicts as they are, and the keys at once."""
        self.load()
        self.view.setFocus()

    def load(self) -> None:
        """Reads the conflicts anew; the filters stay as far as there is something behind them."""
        store = self._desk.store
        everything = listed(store, settled=self.shows_settled)
        self._fill(self.senders, "all_senders", {one.sender: self._sender(one) for one in everything})
        self._fill(self.items, "all_items", {one.item: self._item(one, line=False) for one in everything})
        sender, item = self.senders.currentData(), self.items.currentData()
        self._found = [one for one in everything if sender in ("", one.sender) and item in ("", one.item)]
        heads = _SETTLED_HEADS if self.shows_settled else _OPEN_HEADS
        row = max(self.view.currentIndex().row(), 0)
        self.model.set_rows(
            [self._row(one) for one in self._found], self._found,
            heads=[self._desk.texts(f"conflicts.head.{name}", **self._names) for name in heads], right=(3, 4),
        )  # fmt: skip
        self._lay_columns(heads)
        self._show_nothing()
        if self._found:
            self.view.selectRow(min(row, len(self._found) - 1))
        self._tell()

    def _lay_columns(self, heads: Sequence[str]) -> None:
        """The unit takes the width that the other columns leave."""
        header = self.view.horizontalHeader()
        for at in range(len(heads)):
            header.setSectionHidden(at, False)
            header.resizeSection(at, _WIDTHS[at])
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._columns.spare([heads.index(name) for name in _SPARE["settled" if self.shows_settled else "open"]])

    def fit(self) -> None:
        super().fit()
        lower((self.view,), tight=self.tight)
        self._keys.setVisible(not self.tight)

    def _fill(self, box: QComboBox, every: str, entries: dict[str, str]) -> None:
        chosen = box.currentData() or ""
        box.clear()
        box.addItem(self._desk.texts(f"conflicts.{every}", **self._names), "")
        for key, label in sorted(entries.items()):
            box.addItem(label, key)
        box.setCurrentIndex(max(box.findData(chosen), 0))

    def _show_nothing(self) -> None:
        texts, end = self._desk.texts, "_settled" if self.shows_settled else ""
        self._nothing.title.setText(texts(f"conflicts.none{end}"))
        self._nothing.line.setText(texts(f"conflicts.none{end}_line", **self._names))
        self._either.setCurrentWidget(self.view if self._found else self._nothing)
        keys = "keys_settled" if self.shows_settled else "keys"
        self._keys.setText(texts(f"conflicts.{keys}", **self._names))

    def _row(self, one: OpenConflict) -> Sequence[str]:
        texts, store = self._desk.texts, self._desk.store
        kept, offered, value = (self._said(one, side) for side in (one.kept, one.offered, one.value))
        first = (one.name, self._item(one), self._sender(one), kept, offered, cell(one, store))
        if not self.shows_settled:
            return (*first, moment(one.at))
        return (*first, choice(one, store, texts), value, one.who or "—", moment(one.decided), one.reason)

    def _said(self, one: OpenConflict, value: Value) -> str:
        return shown(self._desk.store.scheme, one.item, value, self._desk.texts)

    def _sender(self, one: OpenConflict) -> str:
        return sender_name(self._desk.store, one.sender, self._desk.texts)

    def _item(self, one: OpenConflict, *, line: bool = True) -> str:
        return item_name(self._desk.store.scheme, one.item, one.line if line else 0, self._desk.texts)

    # What is chosen

    @property
    def chosen(self) -> list[OpenConflict]:
        """The conflicts whose rows are chosen."""
        return [self._found[index.row()] for index in self.view.selectionModel().selectedRows()]

    def _same_sender(self) -> None:
        senders = {one.sender for one in self.chosen}
        self._select(lambda one: one.sender in senders)

    def _same_item(self) -> None:
        items = {one.item for one in self.chosen}
        self._select(lambda one: one.item in items)

    def _select(self, wanted: Callable[[OpenConflict], bool]) -> None:
        """Chooses all listed rows that are wanted, runs of them at once."""
        selection, first = QItemSelection(), -1
        fits = [*(wanted(one) for one in self._found), False]
        for at, fit in enumerate(fits):
            if fit and first < 0:
                first = at
            elif not fit and first >= 0:
                selection.select(self.model.index(first, 0), self.model.index(at - 1, self.model.columnCount() - 1))
                first = -1
        self.view.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _tell(self) -> None:
        """How many are chosen, and of the one under the cursor who said what when."""
        texts, chosen = self._desk.texts, self.chosen
        self._count.setText(texts("conflicts.listed", listed=len(self._found), chosen=len(chosen)))
        for how in CHOICES:
            self._buttons[f"take_{how}"].setEnabled(bool(chosen))
            self._buttons[f"take_{how}"].setVisible(not self.shows_settled)
        self._buttons["reopen"].setEnabled(bool(chosen) if self.shows_settled else bool(self._last))
        self.reason.setVisible(not self.shows_settled)
        for name in ("same_sender", "same_item"):
            self._buttons[name].setEnabled(bool(chosen))
        self.detail.setVisible(len(chosen) == 1)
        if len(chosen) == 1:
            self.detail.setText(detail(chosen[0], self._desk.store, texts))

    # Deciding

    def settle(self, how: Choice) -> None:
        """Decides what is chosen; another value is asked for first."""
        chosen, value = self.chosen, None
        if self.shows_settled or not chosen:
            return
        if how == "value":
            if len({one.item for one in chosen}) > 1:
                self._desk.fail(SurveyError("conflict_items"))
                return
            dialog = ConflictValueDialog(chosen, self._desk, self)
            accepted, value = dialog.exec(), dialog.value
            dialog.deleteLater()
            if not accepted:
                return
        self._decide([one.id for one in chosen], how, value)

    def _decide(self, ids: list[int], how: Choice, value: Value) -> None:
        file, who, reason = self._desk.path, self._desk.settings.who, self.reason.text().strip()

        def work(progress: Progress) -> int:
            from survey import store
            from survey.conflicts import settle

            with closing(store.open(file)) as opened:
                return settle(opened, ids, how, value=value, who=who, reason=reason, progress=progress)

        self._desk.worker.start(work, lambda count: self._done("did", count, ids), self._desk.fail)

    def take_back(self) -> None:
        """The decisions that are chosen wait again; among what waits, those that were made last."""
        ids = [one.id for one in self.chosen] if self.shows_settled else self._last
        if not ids:
            return
        file, who = self._desk.path, self._desk.settings.who

        def work(_progress: Progress) -> int:
            from survey import store
            from survey.conflicts import reopen

            with closing(store.open(file)) as opened:
                return reopen(opened, ids, who=who)

        self._desk.worker.start(work, lambda count: self._done("reopened", count, []), self._desk.fail)

    def _done(self, key: str, count: int, last: list[int]) -> None:
        self._last = last
        self._line.setText(self._desk.texts(f"conflicts.{key}", count=count))
        self._line.show()
        self.reason.clear()
        self._desk.changed()
        self.refresh()
