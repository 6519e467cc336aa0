"""The journal of an open file: who did what, filtered, verified, exported."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.fitting import resize_within
from desktop.journal_words import break_line, cells, write_csv
from desktop.pages import Desk, hint, result_line
from desktop.rows_model import RowsModel, table_view
from survey import journal
from survey.errors import SurveyError
from survey.journal import KINDS, Break
from survey.progress import Progress


class JournalDialog(QDialog):
    """The latest entries first; Esc closes."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        texts = desk.texts
        self._desk = desk
        self.setObjectName("journalDialog")
        self.setWindowTitle(texts("journal.title"))
        resize_within(self, 1040, 560)
        self.kind = self._choice("journalKind", [("", texts("journal.all_kinds"))])
        for kind in KINDS:
            self.kind.addItem(texts(f"journal.kind.{kind}"), kind)
        self.who = self._choice("journalWho", [("", texts("journal.all_people"))])
        for name in journal.people(desk.store):
            self.who.addItem(name, name)
        self.model = RowsModel(texts("journal.head").split("|"))
        self.view = table_view(self.model, "journal", texts("journal.title"), (140, 120, 90, 250, 360), 4)
        self.said = result_line("journalSaid")
        self._lay_out()
        self.load()
        for choice in (self.kind, self.who):
            choice.currentIndexChanged.connect(lambda _at: self.load())

    def _choice(self, name: str, items: list[tuple[str, str]]) -> QComboBox:
        choice = QComboBox()
        choice.setObjectName(name)
        choice.setAccessibleName(items[0][1])
        for data, text in items:
            choice.addItem(text, data)
        return choice

    def _lay_out(self) -> None:
        texts = self._desk.texts
        bar = QHBoxLayout()
        bar.addWidget(self.kind)
        bar.addWidget(self.who)
        bar.addStretch(1)
        buttons = QDialogButtonBox()
        for name, action in (("verify", self.verify), ("export", self._export)):
            button = QPushButton(texts(f"journal.{name}"))
            button.setObjectName(f"journal_{name}")
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, action=action: action())
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(texts("journal.close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(hint(texts("journal.hint")))
        column.addLayout(bar)
        column.addWidget(self.view, 1)
        column.addWidget(self.said)
        column.addWidget(buttons)

    def load(self) -> None:
        """Reads the entries that are asked for."""
        texts = self._desk.texts
        found = journal.entries(self._desk.store, self.kind.currentData(), self.who.currentData())
        self.model.set_rows([cells(one, texts) for one in found] or [(texts("journal.none"), "", "", "", "")], found)

    def verify(self) -> None:
        """Holds every entry against its hash, in the worker."""
        file = self._desk.path

        def work(_progress: Progress) -> tuple[list[Break], str]:
            from survey import store

            with closing(store.open(file, readonly=True)) as opened:
                return journal.verify(opened), journal.head(opened)

        self._desk.worker.start(work, self._verified, self._desk.fail)

    def _verified(self, result: tuple[list[Break], str]) -> None:
        found, head = result
        texts = self._desk.texts
        lines = [break_line(one, texts) for one in found] or [texts("journal.sound", head=head[:40])]
        self.said.setText("\n".join(lines))
        self.said.show()

    def _export(self) -> None:
        texts = self._desk.texts
        proposal = self._desk.settings.folder / f"{texts('journal.name')}.csv"
        name, _ = QFileDialog.getSaveFileName(self, texts("journal.export"), str(proposal), texts("journal.csv"))
        if not name:
            return
        try:
            write_csv(Path(name), journal.entries(self._desk.store, most=-1), texts)
        except SurveyError as error:
            self._desk.fail(error)
            return
        self.said.setText(texts("journal.written", path=name))
        self.said.show()
