"""Trying a check on the open file: how many it would hit, what that changes, and examples; nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop.pages import Desk, hint, result_line
from desktop.rows_model import RowsModel, table_view
from desktop.trial_lines import trial_lines
from survey.checks import sentence as finding_sentence
from survey.errors import SurveyError, sentence
from survey.form import Check
from survey.progress import Progress

if TYPE_CHECKING:
    from survey.trial import Trial


class TrialPanel(QWidget):
    """A button, how far it is, the figures, and a table of examples; `current` gives the check as it stands."""

    def __init__(self, desk: Desk, period: str, current: Callable[[], Check | None]) -> None:
        super().__init__()
        self._desk, self._period, self._current = desk, period, current
        texts = desk.texts
        self._tried: Check | None = None
        self._running = False
        self.run = QPushButton(texts("rules.trial.run"))
        self.run.setObjectName("tryRule")
        self.run.clicked.connect(lambda _checked=False: self.start())
        self.stop = QPushButton(texts("window.cancel"))
        self.stop.setObjectName("stopTrial")
        self.stop.clicked.connect(lambda _checked=False: desk.worker.cancel())
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._hint = hint(texts("rules.trial.hint"))
        self._line = result_line("trialLine")
        self._trouble = result_line("trialTrouble")
        self._trouble.setProperty("kind", "bad")
        heads = [texts(f"return.head.{name}") for name in ("uscc", "name", "message")]
        self.model = RowsModel(heads)
        self.table = table_view(self.model, "trialExamples", texts("rules.trial.examples"), (180, 220, 300), 2)
        self.table.setMinimumHeight(96)
        self._lay_out()
        desk.worker.progressed.connect(self._progress)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for widget in (self.run, self._bar, self.stop):
            row.addWidget(widget)
        row.addWidget(self._hint, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self._trouble)
        column.addWidget(self._line)
        column.addWidget(self.table, 1)
        column.addStretch()
        for hidden in (self._bar, self.stop, self.table):
            hidden.hide()

    def refresh(self) -> None:
        """The check has changed: what was found of it before is no longer true."""
        check = self._current()
        self.run.setEnabled(check is not None and not self._running)
        if self._tried is not None and check != self._tried:
            self._tried = None
            self.table.hide()
            self._line.hide()

    def start(self) -> None:
        """Begins the pass over the whole file."""
        check, file, period = self._current(), self._desk.path, self._period
        if check is None:
            return

        def work(progress: Progress) -> Trial:
            from survey import store
            from survey.trial import trial

            with closing(store.open(file, readonly=True)) as opened:
                return trial(opened, check, period, progress)

        self._trouble.hide()
        self._set_running(True)
        self._desk.worker.start(work, self._show, self._failed)

    def cancel(self) -> None:
        """Stops the pass that runs; what it found reaches nobody."""
        if self._running:
            self._desk.worker.cancel()

    def _set_running(self, running: bool) -> None:
        self._running = running
        self._bar.setRange(0, 0)
        for widget in (self._bar, self.stop):
            widget.setVisible(running)
        self._hint.setVisible(not running)
        self.run.setEnabled(not running)

    def _progress(self, done: int, total: int, _label: str) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    def _show(self, found: Trial) -> None:
        if not isValid(self):
            return
        self._set_running(False)
        self._tried = found.check
        texts = self._desk.texts
        self._line.setText("\n".join(trial_lines(found, texts)))
        self._line.show()
        self.model.set_rows(
            [(one.unit, one.name, finding_sentence(one, found.scheme, texts)) for one in found.examples],
            found.examples,
        )
        self.table.setVisible(bool(found.examples))
        self.refresh()

    def _failed(self, error: BaseException) -> None:
        if not isValid(self):
            return
        self._set_running(False)
        if isinstance(error, SurveyError):
            self._trouble.setText(sentence(error, self._desk.texts))
            self._trouble.show()
        else:
            self._desk.fail(error)
