"""Questionnaires in the window: the workbooks that chosen units, all of them or a new enterprise fill in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from desktop.pages import Desk, hint
from desktop.plain import Label
from survey import questionnairebook
from survey.errors import Cancelled, sentence
from survey.progress import Progress
from survey.store import open as open_file

_WIDTH = 620
_SCOPES = ("chosen", "all", "blank")


class QuestionnaireDialog(QDialog):
    """For whom, then where to; the work runs beside and may be stopped, which leaves nothing behind."""

    def __init__(self, desk: Desk, chosen: Sequence[int], every: Sequence[int], period: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk, self._texts, self._period = desk, desk.texts, period
        self._units: dict[str, list[int | None]] = {"chosen": [*chosen], "all": [*every], "blank": [None]}
        self._folder: Path | None = None
        self._running = False
        self.setObjectName("questionnaireDialog")
        self.setWindowTitle(self._texts("questionnaire.name"))
        self.setMinimumWidth(_WIDTH)
        self._scopes = self._choices()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        # The dialog keeps its size when work begins and ends.
        policy = self._bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(policy)
        self._line = Label()
        self._line.setObjectName("questionnaireLine")
        self._line.setWordWrap(True)
        self._line.setMinimumHeight(2 * self._line.fontMetrics().lineSpacing())
        self._make = self._button("make", self._ask_folder)
        self._make.setProperty("kind", "primary")
        self._make.setDefault(True)
        self._stop = self._button("stop", self._cancel)
        self._show = self._button("show_folder", self._show_folder)
        self._close = self._button("close", self.reject)
        self._lay_out()
        self._settle(running=False)
        desk.worker.progressed.connect(self._progress)

    def _choices(self) -> QButtonGroup:
        group = QButtonGroup(self)
        for at, scope in enumerate(_SCOPES):
            count = f"{len(self._units[scope]):,}"
            button = QRadioButton(self._texts(f"questionnaire.scope_{scope}", count=count))
            button.setObjectName(f"scope_{scope}")
            button.setEnabled(bool(self._units[scope]))
            group.addButton(button, at)
        next(button for button in group.buttons() if button.isEnabled()).setChecked(True)
        return group

    def _button(self, name: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(self._texts(f"questionnaire.{name}"))
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: action())
        return button

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        period = self._texts("paper.year", year=self._period)
        about = hint(self._texts("questionnaire.about", period=period))
        about.setWordWrap(True)
        column.addWidget(about)
        for button in self._scopes.buttons():
            column.addWidget(button)
        column.addWidget(self._bar)
        column.addWidget(self._line)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._show)
        row.addStretch(1)
        for button in (self._stop, self._close, self._make):
            row.addWidget(button)
        column.addLayout(row)

    def reject(self) -> None:
        """What is running is stopped first."""
        if self._running:
            self._cancel()
            return
        super().reject()

    def make(self, folder: Path) -> None:
        """Writes the workbooks into a folder, beside the window's thread."""
        units = self._units[_SCOPES[self._scopes.checkedId()]]
        file, period, texts = self._desk.path, self._period, self._texts

        def work(progress: Progress) -> int:
            with closing(open_file(file)) as store:
                return len(questionnairebook.write_each(store, units, period, folder, texts, progress))

        self._folder = folder
        self._line.setText("")
        self._bar.setRange(0, 0)
        self._settle(running=True)
        self._desk.worker.start(work, self._done, self._failed)

    def _ask_folder(self) -> None:
        settings = self._desk.settings
        if name := QFileDialog.getExistingDirectory(self, self.windowTitle(), str(settings.folder)):
            settings.folder = Path(name)
            self.make(Path(name))

    def _settle(self, *, running: bool, made: bool = False) -> None:
        self._running = running
        self._bar.setVisible(running)
        self._stop.setVisible(running)
        self._stop.setEnabled(True)
        self._show.setVisible(made)
        self._make.setEnabled(not running)
        for button in self._scopes.buttons():
            button.setEnabled(not running and bool(self._units[_SCOPES[self._scopes.id(button)]]))
        self._close.setEnabled(not running)

    def _progress(self, done: int, total: int, _label: str) -> None:
        if self._running and self._stop.isEnabled():
            self._bar.setRange(0, total)
            self._bar.setValue(done)
            self._line.setText(self._texts("questionnaire.making", done=f"{done:,}", total=f"{total:,}"))

    def _done(self, count: int) -> None:
        self._settle(running=False, made=True)
        self._line.setText(self._texts("questionnaire.written", path=self._folder, count=f"{count:,}"))

    def _failed(self, error: BaseException) -> None:
        self._settle(running=False)
        if isinstance(error, Cancelled):
            self._line.setText(sentence(error, self._texts))
        else:
            self._line.setText("")
            self._desk.fail(error)

    def _cancel(self) -> None:
        self._stop.setEnabled(False)
        self._desk.worker.cancel()

    def _show_folder(self) -> None:
        if self._folder:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))
