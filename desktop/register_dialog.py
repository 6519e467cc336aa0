"""The register of returns: every one that came in, in order, to read, to undo, to reject."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from desktop.entry_dialogs import AskDialog
from desktop.file_actions import copy_path, open_folder
from desktop.fitting import resize_within
from desktop.merge_facts import undo_lines
from desktop.merge_page import ask_reason
from desktop.moments import moment
from desktop.pages import Desk, hint, result_line
from desktop.register_view import register_view, show_returns
from survey.errors import Cancelled
from survey.progress import Progress
from survey.received import ACCEPTED, REJECTED, UNDONE, Received, listed
from survey.store import Store

if TYPE_CHECKING:
    from survey.batches import UndoReport

_SHOWN = 12
T = TypeVar("T")


class RegisterDialog(QDialog):
    """Undoing is rehearsed first, and done on the person's word; `done_any` tells that something was. Esc closes."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        texts = desk.texts
        self._desk = desk
        self.done_any = False
        self.setObjectName("registerDialog")
        self.setWindowTitle(texts("received.title"))
        resize_within(self, 1180, 560)
        self.model, self.view = register_view(desk, "register", texts("received.title"))
        self.view.selectionModel().currentChanged.connect(lambda *_: self._tell())
        self.facts, self.said = result_line("receivedFacts"), result_line("receivedSaid")
        buttons = QDialogButtonBox()
        self.undo_button = self._button(buttons, "undo", self._rehearse)
        self.reject_button = self._button(buttons, "reject", self._ask_reason)
        self.folder_button = self._button(buttons, "folder", lambda: open_folder(self._chosen().path))
        self.copy_button = self._button(buttons, "copy", lambda: copy_path(self._chosen().path))
        close = buttons.addButton(texts("received.close"), QDialogButtonBox.ButtonRole.RejectRole)
        close.setObjectName("close")
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(hint(texts("received.hint")))
        column.addWidget(self.said)
        column.addWidget(self.view, 1)
        column.addWidget(self.facts)
        column.addWidget(buttons)
        self.load()

    def _button(self, box: QDialogButtonBox, name: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(self._desk.texts(f"received.{name}"))
        button.setObjectName(f"received_{name}")
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: action())
        box.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        return button

    def reject(self) -> None:
        """Closes, once what runs has ended."""
        if not self._desk.worker.busy:
            super().reject()

    def load(self) -> None:
        """Reads the register anew."""
        store, row = self._desk.store, max(self.view.currentIndex().row(), 0)
        found = listed(store, store.period)
        show_returns(self.model, found, self._desk)
        if found:
            self.view.setCurrentIndex(self.model.index(min(row, len(found) - 1), 0))
        self._tell()

    def _chosen(self) -> Received:
        found: Received = self.model.object(self.view.currentIndex())
        return found

    def _tell(self) -> None:
        """The whole path and the digests of the return that is chosen, and what can be done with it."""
        one: Received | None = self.model.object(self.view.currentIndex())
        free = not self._desk.worker.busy
        here = bool(one and one.path and Path(one.path).is_file())
        self.undo_button.setEnabled(one is not None and one.state != UNDONE and free)
        self.reject_button.setEnabled(one is not None and one.state != REJECTED and here and free)
        self.folder_button.setEnabled(bool(one and one.path))
        self.copy_button.setEnabled(bool(one and one.path))
        self.facts.show()
        self.facts.setText(self._desk.texts("received.none"))
        if one:
            gone = "" if here else self._desk.texts("received.gone")
            facts = {"digest": one.digest, "parent": one.parent or "—", "sha256": one.sha256, "who": one.who or "—"}
            facts |= {"created": moment(one.created), "at": moment(one.at)}
            reason = f"\n{self._desk.texts('received.reason', reason=one.reason)}" if one.reason else ""
            self.facts.setText(
                self._desk.texts("received.facts", name=one.name, path=one.path + gone, **facts) + reason
            )

    # Undoing

    def _rehearse(self) -> None:
        """What undoing would do, asked before it is done."""
        one = self._chosen()
        self._start(
            lambda store: _undo(store, one, self._desk.settings.who, dry_run=True),
            lambda report: self._ask(one, report),
        )

    def _ask(self, one: Received, report: UndoReport) -> None:
        texts = self._desk.texts
        lines = undo_lines("ask", report, one, self._desk.store, texts, _SHOWN)
        title = texts("received.undo").rstrip("….")
        ask = AskDialog("undoReturn", title, "\n".join(lines), texts, self)
        ask.accept_button.setText(title)
        accepted = ask.exec()
        ask.deleteLater()
        self._tell()
        if accepted:
            self._start(
                lambda store: _undo(store, one, self._desk.settings.who), lambda report: self._undone(one, report)
            )

    # Rejecting

    def _ask_reason(self) -> None:
        one, texts = self._chosen(), self._desk.texts
        key = "reject_standing" if one.state == ACCEPTED else "reject_facts"
        reason = ask_reason(texts("received.reject"), texts(f"merge.{key}", file=one.name), texts, self)
        if reason:
            who = self._desk.settings.who
            self._start(lambda store: _reject(store, one, reason, who), lambda _nothing: self._rejected(one))

    def _start(self, action: Callable[[Store], T], done: Callable[[T], None]) -> None:
        file = self._desk.path

        def work(_progress: Progress) -> T:
            from survey import store

            with closing(store.open(file)) as opened:
                return action(opened)

        self._desk.worker.start(work, done, self._failed)
        for button in (self.undo_button, self.reject_button):
            button.setEnabled(False)

    def _undone(self, one: Received, report: UndoReport) -> None:
        self._changed("\n".join(undo_lines("did", report, one, self._desk.store, self._desk.texts, _SHOWN)))

    def _rejected(self, one: Received) -> None:
        self._changed(self._desk.texts("merge.rejected", file=one.name))

    def _changed(self, told: str) -> None:
        self.done_any = True
        self.said.setText(told)
        self.said.show()
        self._desk.changed()
        self.load()

    def _failed(self, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            self._desk.fail(error)
        self.load()


def _undo(store: Store, one: Received, who: str, *, dry_run: bool = False) -> UndoReport:
    from survey import merge

    return merge.undo(store, one.id, who=who, dry_run=dry_run)


def _reject(store: Store, one: Received, reason: str, who: str) -> None:
    """A return that stands is undone and rejected, both or neither."""
    from survey import merge

    with store.atomic():
        if one.state == ACCEPTED:
            merge.undo(store, one.id, who=who)
        merge.reject(store, Path(one.path), reason, who=who)
