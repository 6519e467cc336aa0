"""What was done before, line by line, to read and to undo: the frame of such dialogs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TypeVar

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QTableView, QVBoxLayout, QWidget

from desktop.entry_dialogs import AskDialog
from desktop.pages import Desk, hint
from survey.errors import Cancelled
from survey.progress import Progress
from survey.store import Store

T = TypeVar("T")


class RecordDialog(QDialog):
    """Undoing is rehearsed first, and done on the person's word; `done_any` tells that something was. Esc closes."""

    def __init__(self, desk: Desk, parent: QWidget, title: str, close: str) -> None:
        super().__init__(parent)
        self._desk = desk
        self.done_any = False
        self.setWindowTitle(title)
        self._buttons = QDialogButtonBox()
        self._buttons.addButton(close, QDialogButtonBox.ButtonRole.RejectRole).setObjectName("close")
        self._buttons.rejected.connect(self.reject)

    def load(self) -> None:
        """Reads the lines anew."""
        raise NotImplementedError

    def reject(self) -> None:
        """Closes, once what runs has ended."""
        if not self._desk.worker.busy:
            super().reject()

    def _lay_out(self, line: str, view: QTableView, *below: QWidget) -> None:
        view.selectionModel().currentChanged.connect(lambda *_: self._tell())
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(hint(line))
        column.addWidget(view, 1)
        for widget in (*below, self._buttons):
            column.addWidget(widget)

    def _button(self, text: str, name: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: action())
        self._buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        return button

    def _tell(self) -> None:
        """What is known of the line that is chosen, and what can be done with it."""
        raise NotImplementedError

    def _start(self, action: Callable[[Store], T], done: Callable[[T], None]) -> None:
        """Does something to the file in the worker; what can be done next is told when it ends."""
        file = self._desk.path

        def work(_progress: Progress) -> T:
            from survey import store

            with closing(store.open(file)) as opened:
                return action(opened)

        self._desk.worker.start(work, done, self._failed)
        self._tell()

    def _agreed(self, name: str, title: str, lines: Sequence[str]) -> bool:
        """Whether the person wants it done, having read what it would do."""
        ask = AskDialog(name, title, "\n".join(lines), self._desk.texts, self)
        ask.accept_button.setText(title)
        accepted = bool(ask.exec())
        ask.deleteLater()
        self._tell()
        return accepted

    def _changed(self) -> None:
        self.done_any = True
        self._desk.changed()
        self.load()

    def _failed(self, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            self._desk.fail(error)
        self.load()
