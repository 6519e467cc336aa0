"""Answers to queries in the window: what would come of them, then, on the officer's word, the file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from PySide6.QtWidgets import QWidget

from desktop.answer_rows import AnswerRow, answer_rows, facts
from desktop.entry_dialogs import AskDialog
from desktop.pages import Desk, hint
from desktop.rows_model import RowsModel, table_view
from survey.errors import Cancelled
from survey.progress import Progress
from survey.queryanswers import take
from survey.querytaking import AnswerReport
from survey.store import open as open_file


class AnswersDialog(AskDialog):
    """A dry run first: one row an answer, what needs a look on top; then all of it, or none.

    What was taken stands in `report`, and `desk.changed` is called.
    """

    def __init__(self, desk: Desk, paths: Sequence[Path], parent: QWidget) -> None:
        texts = desk.texts
        names = "　".join(path.name for path in paths)
        super().__init__("answersDialog", texts("query.answers.title"), names, texts, parent)
        self.setMinimumSize(760, 420)
        self.resize(1160, 560)
        self._desk = desk
        self._paths = list(paths)
        self._running = False
        self.report: AnswerReport | None = None
        self.line = hint(texts("query.answers.reading"))
        self.line.setObjectName("answersLine")
        self.model = RowsModel(texts("query.answers.heads").split("|"), right=(2,))
        table = table_view(self.model, "answers", texts("query.answers.title"), (150, 215, 84, 150, 124, 340), 5)
        self.accept_button.setText(texts("query.answers.apply"))
        self.accept_button.setEnabled(False)
        self.body.addWidget(self.line)
        self.body.addWidget(table, 1)
        self._run(dry_run=True)

    def reject(self) -> None:
        """What is running is stopped first."""
        if self._running:
            self._desk.worker.cancel()
            return
        super().reject()

    def _accept(self) -> None:
        self._run(dry_run=False)

    def _run(self, *, dry_run: bool) -> None:
        file, paths, who = self._desk.path, self._paths, self._desk.settings.who

        def work(progress: Progress) -> AnswerReport:
            with closing(open_file(file)) as store:
                return take(store, paths, dry_run=dry_run, who=who, progress=progress)

        self._running = True
        self.accept_button.setEnabled(False)
        self._desk.worker.start(work, self._tried if dry_run else self._taken, self._failed)

    def _tried(self, report: AnswerReport) -> None:
        """What would come of the answers."""
        self._running = False
        texts, colours = self._texts, self._desk.colours
        tones = {"conflict": colours.bad, "rejected": colours.bad}
        rows = list(answer_rows(report, self._desk.store.scheme, texts))
        self.model.set_rows(
            [(one.unit, one.subject, one.before, one.after, self._place(one), self._outcome(one)) for one in rows],
            tones=[tones.get(one.outcome, "") for one in rows],
        )
        counts = facts(report, len(self._paths))
        lines = [texts("query.answers.facts", **counts), texts("query.answers.facts_more", **counts)]
        self.line.setText("\n".join(lines if rows else [texts("query.answers.none"), lines[1]]))
        self.accept_button.setEnabled(report.changes)

    def _outcome(self, row: AnswerRow) -> str:
        texts = self._texts
        return texts("query.answers.outcome", outcome=texts(f"query.outcome.{row.outcome}"), note=row.note)

    def _place(self, row: AnswerRow) -> str:
        """The cell, with its file where there are several."""
        return row.cell if len(self._paths) == 1 else f"{row.cell}  {row.file}"

    def _taken(self, report: AnswerReport) -> None:
        self._running = False
        self.report = report
        self._desk.changed()
        self.accept()

    def _failed(self, error: BaseException) -> None:
        """A wrong file is said and the dialog closes: there is nothing to look at."""
        self._running = False
        if not isinstance(error, Cancelled):
            self._desk.fail(error)
        super().reject()
