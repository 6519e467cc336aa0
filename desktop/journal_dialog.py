"""The journal of an open file: who did what, filtered, verified, exported."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QWidget

from desktop.journal_words import break_line, cells, write_csv
from desktop.list_dialog import ListDialog
from desktop.pages import Desk, hint
from survey import heads, journal
from survey.journal import KINDS, Break
from survey.progress import Progress


class JournalDialog(ListDialog):
    """The latest entries first."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(desk.texts, parent, "journal", (1040, 560))
        texts = desk.texts
        self._desk = desk
        self.kind = self._choice("journalKind", texts("journal.all_kinds"))
        for kind in KINDS:
            self.kind.addItem(texts(f"journal.kind.{kind}"), kind)
        self.who = self._choice("journalWho", texts("journal.all_people"))
        for name in journal.people(desk.store):
            self.who.addItem(name, name)
        self.table((134, 110, 90, 250, 390), 4)
        # Here sentences stand, and what begins them tells more than what ends them.
        self.view.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.action("verify", self.verify)
        self.action("export", self._export)
        bar = QHBoxLayout()
        bar.addWidget(self.kind)
        bar.addWidget(self.who)
        bar.addStretch(1)
        self.lay_out(hint(texts("journal.hint")), bar, self.view)
        self.load()
        for choice in (self.kind, self.who):
            choice.currentIndexChanged.connect(lambda _at: self.load())

    def _choice(self, name: str, every: str) -> QComboBox:
        choice = QComboBox()
        choice.setObjectName(name)
        choice.setAccessibleName(every)
        choice.addItem(every, "")
        return choice

    def load(self) -> None:
        """Reads the entries that are asked for."""
        texts = self._texts
        found = journal.entries(self._desk.store, self.kind.currentData(), self.who.currentData())
        self.fill([cells(one, texts) for one in found], found, texts("journal.none"))

    def verify(self) -> None:
        """Holds every entry against its hash, in the worker."""
        file = self._desk.path

        def work(_progress: Progress) -> tuple[list[Break], str]:
            from survey import store

            with closing(store.open(file, readonly=True)) as opened:
                return [*journal.verify(opened), *heads.breaks(opened)], journal.head(opened)

        self._desk.worker.start(work, self._verified, self._desk.fail)

    def _verified(self, result: tuple[list[Break], str]) -> None:
        found, head = result
        texts = self._texts
        lines = [break_line(one, texts) for one in found] or [texts("journal.sound", head=head[:40] or "—")]
        self.say("\n".join(lines))

    def _export(self) -> None:
        texts, store = self._texts, self._desk.store
        proposal = self._desk.settings.folder / f"{texts('journal.name')}.csv"
        name, _ = QFileDialog.getSaveFileName(self, texts("journal.export"), str(proposal), texts("journal.csv"))
        path = Path(name)

        def write() -> None:
            told = journal.Telling(store, "exported", path.name, what="journal")
            write_csv(path, journal.entries(store, most=-1), texts, told)

        if name and self.did(write):
            self.say(texts("journal.written", path=name))
