"""What was imported before, to read and to undo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from desktop.import_facts import files_of, undo_counts, undo_lines
from desktop.moments import moment
from desktop.pages import Desk
from desktop.record_dialog import RecordDialog
from desktop.rows_model import RowsModel, table_view
from survey.store import Store

if TYPE_CHECKING:
    from survey.batches import BatchLine
    from survey.undoing import UndoReport

_HEADS = ("number", "at", "who", "new", "changed", "state", "files")
_SHOWN = 12


class ImportsDialog(RecordDialog):
    """One row an import, the latest first."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        texts = desk.texts
        super().__init__(desk, parent, texts("import.past"), texts("import.close"))
        self.setObjectName("importsDialog")
        self.setMinimumSize(760, 420)
        self.resize(1000, 480)
        self.model = RowsModel([texts(f"import.past_head.{head}") for head in _HEADS], right=(0, 3, 4))
        self.view = table_view(self.model, "pastImports", texts("import.past"), (56, 140, 90, 60, 60, 150), 6)
        self.undo_button = self._button(texts("import.undo"), "undoImport", self._rehearse)
        self._lay_out(texts("import.past_line"), self.view)
        self.load()

    def load(self) -> None:
        """Reads the imports anew."""
        from survey import batches

        listed = batches.listed(self._desk.store)
        self.model.set_rows([self._row(one) for one in listed], listed)
        if listed:
            self.view.setCurrentIndex(self.model.index(0, 0))
        self._tell()

    def _row(self, one: BatchLine) -> Sequence[str]:
        texts = self._desk.texts
        state = texts("import.undone_at", at=moment(one.undone)) if one.undone else ""
        return (
            str(one.id), moment(one.at), one.who or "—", f"{one.new:,}", f"{one.changed:,}", state,
            files_of(one.files, texts),
        )  # fmt: skip

    def _tell(self) -> None:
        chosen = self.model.object(self.view.currentIndex())
        self.undo_button.setEnabled(chosen is not None and not chosen.undone and not self._desk.worker.busy)

    def _rehearse(self) -> None:
        """What undoing would do, asked before it is done."""
        number, who = self.model.object(self.view.currentIndex()).id, self._desk.settings.who
        self._start(lambda store: _undo(store, number, who, dry_run=True), lambda report: self._ask(number, report))

    def _ask(self, number: int, report: UndoReport) -> None:
        texts, who = self._desk.texts, self._desk.settings.who
        lines = undo_lines(report, self._desk.store.scheme, texts, number, _SHOWN, dry_run=True)
        lines[0] = texts("import.undo_ask", **undo_counts(report, number))
        if self._agreed("undoDialog", texts("import.undo"), lines):
            self._start(lambda store: _undo(store, number, who), lambda _report: self._changed())


def _undo(store: Store, number: int, who: str, *, dry_run: bool = False) -> UndoReport:
    from survey import undoing

    return undoing.undo(store, number, who=who, dry_run=dry_run)
