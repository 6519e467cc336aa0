"""What can be done with many units at once: disposals, sending back, printing, reminding; each can be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QWidget

from desktop.case_list import CallList
from desktop.entry_dialogs import ReasonDialog
from desktop.form_printing import print_register, print_units
from desktop.pages import Desk
from desktop.questionnaire_dialog import QuestionnaireDialog
from desktop.unit_card import UnitCardDialog
from survey import roster, statuses
from survey.progress import Progress
from survey.record import DISPOSALS
from survey.roster import Wanted
from survey.statuses import Former
from survey.store import UnitRow
from survey.store import open as open_file

_PRINTED = 500
# Takes the file, who decides and a progress; gives what the units had before.
Decision: TypeAlias = Callable[..., Former]


class CaseActions(QObject):
    """Works on the units that are chosen; `done` says in words what was done, `changed` that statuses changed."""

    done = Signal(str)
    changed = Signal()

    def __init__(
        self,
        desk: Desk,
        page: QWidget,
        chosen: Callable[[], Sequence[int]],
        listed: Callable[[], Sequence[int]],
        period: Callable[[], str],
    ) -> None:
        super().__init__(page)
        self._desk = desk
        self._page = page
        self._chosen = chosen
        self._listed = listed
        self._period = period
        self._take_back: Decision | None = None

    def menu(self) -> QMenu:
        """The actions, in groups."""
        texts, menu = self._desk.texts, QMenu(self._page)
        self._entry(menu, "card", self.card)
        menu.addSeparator()
        for status in DISPOSALS:
            self._entry(menu, status, partial(self.decide, status), texts(f"status.{status}"))
        self._entry(menu, "undispose", self.clear)
        menu.addSeparator()
        self._entry(menu, "returned", partial(self.decide, "returned"), texts("cases.send_back"))
        menu.addSeparator()
        for name, action in (
            ("questionnaires", self.make_questionnaires), ("print", self.print_forms), ("register", self.print_list),
            ("call", self.call),
        ):  # fmt: skip
            self._entry(menu, name, action)
        return menu

    def _entry(self, menu: QMenu, name: str, action: Callable[[], None], label: str = "") -> None:
        entry = menu.addAction(label or self._desk.texts(f"cases.{name}"))
        entry.setObjectName(f"case_{name}")
        entry.triggered.connect(lambda _checked=False: action())

    def card(self) -> None:
        """The card of the first of the chosen units."""
        chosen = self._chosen()
        if chosen:
            dialog = UnitCardDialog(self._desk, chosen[0], self._page)
            dialog.exec()
            dialog.deleteLater()

    def decide(self, status: str) -> None:
        """A disposal, or back to the unit, with a reason."""
        units, period, texts = list(self._chosen()), self._period(), self._desk.texts
        if not units:
            return
        title = texts("cases.decide", status=texts(f"status.{status}"), count=len(units))

        def keep(reason: str) -> None:
            # The dialog stays open over a reason that says nothing.
            kept = statuses.reasoned(status, reason)
            self._settle(
                partial(statuses.decide, units=units, period=period, status=status, reason=kept), period, title
            )

        dialog = ReasonDialog(title, texts("cases.reason"), keep, texts, self._page, templates=False)
        dialog.exec()
        dialog.deleteLater()

    def clear(self) -> None:
        """Takes disposals back: the units are to be worked on again."""
        store, period = self._desk.store, self._period()
        chosen = list(self._chosen())
        rows = [
            row
            for start in range(0, len(chosen), 500)
            for row in roster.rows(store, period, chosen[start : start + 500]).values()
        ]
        disposed = {row.id: ("due", "") for row in rows if row.status in DISPOSALS}
        if disposed:
            said = self._desk.texts("cases.cleared", count=len(disposed))
            self._settle(partial(statuses.restore, wanted=disposed, period=period), period, said)

    def undo(self) -> None:
        """Gives the units of the last action what they had before."""
        if self._take_back:
            self._settle(self._take_back)

    def make_questionnaires(self) -> None:
        """Workbooks to fill in, for the chosen units, for all that are listed, or for a new one."""
        dialog = QuestionnaireDialog(self._desk, self._chosen(), self._listed(), self._period(), self._page)
        dialog.exec()
        dialog.deleteLater()

    def print_forms(self) -> None:
        """The forms of the chosen units."""
        print_units(self._desk, self._rows(), self._period(), self._page)

    def print_list(self) -> None:
        """The chosen units as a list on paper."""
        print_register(self._desk, self._rows(), self._period(), self._page)

    def call(self) -> None:
        """Those who have not reported, to print or to send."""
        store, period = self._desk.store, self._period()
        waiting = roster.ids(store, period, Wanted(status="open", sort="district"))
        CallList(self._desk, waiting, period, self._page).open()

    def _settle(self, decision: Decision, period: str = "", said: str = "") -> None:
        """Decides away from the window's thread; where `said` tells what was done, it can be taken back."""
        file, who = self._desk.path, self._desk.settings.who

        def work(progress: Progress) -> Former:
            with closing(open_file(file)) as opened:
                return decision(opened, who=who, progress=progress)

        def settled(former: Former) -> None:
            self._take_back = partial(statuses.restore, wanted=former, period=period) if said else None
            self.changed.emit()
            if said:
                self.done.emit(said)

        self._desk.worker.start(work, settled, self._desk.fail)

    def _rows(self) -> list[UnitRow]:
        chosen = list(self._chosen())[:_PRINTED]
        found = roster.rows(self._desk.store, self._period(), chosen)
        return [UnitRow(row.id, row.uscc, row.name, row.district, row.status) for row in (found[one] for one in chosen)]
