"""重复单位: look-alikes, units that several desks return, and what was decided about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QTabWidget

from desktop import lookalike_words
from desktop.alike_tab import AlikeTab
from desktop.contested_tab import ContestedTab
from desktop.decided_tab import DecidedTab
from desktop.pages import Desk, Page, hint
from survey.progress import Progress

if TYPE_CHECKING:
    from survey.lookalikes import Found


class DuplicatesPage(Page):
    """The search starts on request; what stands in the file is shown at once."""

    def __init__(self, desk: Desk) -> None:
        texts = desk.texts
        super().__init__(texts("lookalike.title"), texts("lookalike.hint"))
        self._desk = desk
        self._found: Found | None = None
        self.sure = self.button(texts("lookalike.settle_sure"), "settleSure", self.settle_sure)
        self.sure.setEnabled(False)
        self.run = self.button(texts("lookalike.search"), "search", self.search, primary=True)
        self._line = hint("")
        self._line.setObjectName("duplicatesLine")
        self._line.hide()
        self.body.addWidget(self._line)
        self.alike, self.contested, self.decided = AlikeTab(desk), ContestedTab(desk), DecidedTab(desk)
        self.alike.searched.connect(self.search)
        self.alike.settled.connect(self._settled)
        self.contested.settled.connect(self._settled)
        self.decided.reopened.connect(self._reopened)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("duplicateTabs")
        self.tabs.setAccessibleName(desk.texts("lookalike.title"))
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        for name in ("alike", "contested", "decided"):
            self.tabs.addTab(getattr(self, name), texts(f"lookalike.tab.{name}"))
        self.tabs.currentChanged.connect(self._turned)
        self.body.addWidget(self.tabs, 1)

    def fit(self) -> None:
        """Where there is little room, so in every tab."""
        super().fit()
        for tab in (self.alike, self.contested, self.decided):
            tab.fit(tight=self.tight)

    def refresh(self) -> None:
        """What stands in the file: contested units and decisions."""
        contested, decided = self.contested.refresh(), self.decided.refresh()
        self._count("contested", contested)
        self._count("decided", decided)
        self._begin()

    def search(self) -> None:
        """Compares the units of the file beside the window."""
        file = self._desk.path

        def work(progress: Progress) -> Found:
            from desktop.alike_work import search

            return search(file, progress)

        self._desk.worker.start(work, self.show_found, self._desk.fail)

    def show_found(self, found: Found) -> None:
        """What a search brought."""
        texts = self._desk.texts
        self._found = found
        self.alike.show_found(found)
        facts = lookalike_words.facts(found.groups)
        line = texts("lookalike.found", **facts, units=f"{found.units:,}")
        if found.left_out:
            line += texts("lookalike.left_out", count=f"{found.left_out:,}")
        self._line.setText(line)
        self._line.setVisible(bool(found.groups))
        self.tabs.setCurrentWidget(self.alike)
        self._tell_left()
        self.alike.begin()

    def settle_sure(self) -> None:
        """Makes one of every group that is sure and still open; then the search again, for what is left."""
        file, who = self._desk.path, self._desk.settings.who
        model = self.alike.model
        groups = [group for row, group in enumerate(model.groups) if not model.verdict(row)]

        def work(progress: Progress) -> tuple[int, Found]:
            from desktop.alike_work import search, settle_sure

            count = settle_sure(file, groups, who, progress)
            return count, search(file, progress)

        def done(outcome: tuple[int, Found]) -> None:
            count, found = outcome
            self.show_found(found)
            self._line.setText(self._desk.texts("lookalike.settled_sure", count=count))
            self._line.show()
            self._settled()

        self._desk.worker.start(work, done, self._desk.fail)

    def _settled(self) -> None:
        self._tell_left()
        self.refresh()
        self._desk.changed()

    def _reopened(self) -> None:
        """A decision was taken back: what looks alike is no longer what was found."""
        if self._found:
            self._line.setText(self._desk.texts("lookalike.search_again"))
            self._line.show()
        self._settled()

    def _tell_left(self) -> None:
        model = self.alike.model
        self._count("alike", model.left())
        open_ = (group for row, group in enumerate(model.groups) if not model.verdict(row))
        self.sure.setEnabled(any(group.sure for group in open_))

    def _count(self, tab: str, count: int) -> None:
        label = self._desk.texts(f"lookalike.tab.{tab}")
        self.tabs.setTabText(self.tabs.indexOf(getattr(self, tab)), f"{label} {count:,}" if count else label)

    def _turned(self, _at: int) -> None:
        self._begin()

    def _begin(self) -> None:
        """The keyboard goes to what is listed; where nothing is yet, to the search."""
        shown = self.tabs.currentWidget()
        if shown is self.alike and not self.alike.model.groups:
            self.run.setFocus()
        else:
            shown.begin()  # type: ignore[attr-defined]
