"""What was imported before, to read and to undo: one row an import, the latest first."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from desktop.entry_dialogs import AskDialog
from desktop.import_facts import files_of, undo_counts, undo_lines
from desktop.moments import moment
from desktop.pages import Desk, hint
from desktop.rows_model import RowsModel, table_view
from survey.errors import Cancelled
from survey.progress import Progress

if TYPE_CHECKING:
    from survey.batches import BatchLine, UndoReport

_HEADS = ("number", "at", "who", "new", "changed", "state", "files")
_SHOWN = 12


class ImportsDialog(QDialog):
    """Undoing is rehearsed first, and done on the officer's word; Esc closes."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        texts = desk.texts
        self._desk = desk
        self.undone = False
        self.setObjectName("importsDialog")
        self.setWindowTitle(texts("import.past"))
        self.setMinimumSize(760, 420)
        self.resize(1000, 480)
        self.model = RowsModel([texts(f"import.past_head.{head}") for head in _HEADS], right=(0, 3, 4))
        self.view = table_view(self.model, "pastImports", texts("import.past"), (56, 140, 90, 60, 60, 150), 6)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._enable())
        self.undo_button = QPushButton(texts("import.undo"))
        self.undo_button.setObjectName("undoImport")
        self.undo_button.clicked.connect(self._rehearse)
        buttons = QDialogButtonBox()
        buttons.addButton(self.undo_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(texts("import.close"), QDialogButtonBox.ButtonRole.RejectRole).setObjectName("close")
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(hint(texts("import.past_line")))
        column.addWidget(self.view, 1)
        column.addWidget(buttons)
        self.load()

    def load(self) -> None:
        """Reads the imports anew."""
        from survey import batches

        listed = batches.listed(self._desk.store)
        self.model.set_rows([self._row(one) for one in listed], listed)
        if listed:
            self.view.setCurrentIndex(self.model.index(0, 0))
        self._enable()

    def _row(self, one: BatchLine) -> Sequence[str]:
        texts = self._desk.texts
        state = texts("import.undone_at", at=moment(one.undone)) if one.undone else ""
        return (
            str(one.id), moment(one.at), one.who or "—", f"{one.new:,}", f"{one.changed:,}", state,
            files_of(one.files, texts),
        )  # fmt: skip

    def _enable(self) -> None:
        chosen = self.model.object(self.view.currentIndex())
        self.undo_button.setEnabled(chosen is not None and not chosen.undone and not self._desk.worker.busy)

    def _rehearse(self) -> None:
        """What undoing would do, asked before it is done."""
        number = self.model.object(self.view.currentIndex()).id
        self._start(number, dry_run=True)

    def _start(self, number: int, *, dry_run: bool) -> None:
        file, who = self._desk.path, self._desk.settings.who

        def work(_progress: Progress) -> UndoReport:
            from survey import batches, store

            with closing(store.open(file)) as opened:
                return batches.undo(opened, number, who=who, dry_run=dry_run)

        self.undo_button.setEnabled(False)
        done = self._ask if dry_run else self._undone
        self._desk.worker.start(work, lambda report: done(number, report), self._failed)

    def _ask(self, number: int, report: UndoReport) -> None:
        texts = self._desk.texts
        lines = undo_lines(report, self._desk.store.scheme, texts, number, _SHOWN, dry_run=True)
        lines[0] = texts("import.undo_ask", **undo_counts(report, number))
        ask = AskDialog("undoDialog", texts("import.undo"), "\n".join(lines), texts, self)
        ask.accept_button.setText(texts("import.undo"))
        accepted = ask.exec()
        ask.deleteLater()
        if accepted:
            self._start(number, dry_run=False)
        else:
            self._enable()

    def _undone(self, _number: int, _report: UndoReport) -> None:
        self.undone = True
        self._desk.changed()
        self.load()

    def _failed(self, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            self._desk.fail(error)
        self.load()
