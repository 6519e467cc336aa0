"""The register of returns: every one that came in, in order, to read, to undo, to reject."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton, QWidget

from desktop.file_actions import copy_path, open_folder
from desktop.fitting import resize_within
from desktop.merge_facts import undo_lines
from desktop.merge_page import ask_reason
from desktop.moments import moment
from desktop.pages import Desk, result_line
from desktop.record_dialog import RecordDialog
from desktop.register_view import register_view, show_returns
from survey.received import ACCEPTED, REJECTED, UNDONE, Received, listed
from survey.store import Store

if TYPE_CHECKING:
    from survey.undoing import UndoReport

_SHOWN = 12


class RegisterDialog(RecordDialog):
    """Besides undoing, a return can be rejected, and its file found."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        texts = desk.texts
        super().__init__(desk, parent, texts("received.title"), texts("received.close"))
        self.setObjectName("registerDialog")
        resize_within(self, 1180, 560)
        self.model, self.view = register_view(desk, "register", texts("received.title"))
        self.facts, self.said = result_line("receivedFacts"), result_line("receivedSaid")
        self.undo_button = self._named("undo", self._rehearse)
        self.reject_button = self._named("reject", self._ask_reason)
        self.folder_button = self._named("folder", lambda: open_folder(self._chosen().path))
        self.copy_button = self._named("copy", lambda: copy_path(self._chosen().path))
        self._lay_out(texts("received.hint"), self.view, self.facts, self.said)
        self.load()

    def _named(self, name: str, action: Callable[[], None]) -> QPushButton:
        return self._button(self._desk.texts(f"received.{name}"), f"received_{name}", action)

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
        if self._agreed("undoReturn", texts("received.undo").rstrip("…."), lines):
            self._start(
                lambda store: _undo(store, one, self._desk.settings.who), lambda report: self._undone(one, report)
            )

    def _undone(self, one: Received, report: UndoReport) -> None:
        self._say("\n".join(undo_lines("did", report, one, self._desk.store, self._desk.texts, _SHOWN)))

    # Rejecting

    def _ask_reason(self) -> None:
        one, texts = self._chosen(), self._desk.texts
        key = "reject_standing" if one.state == ACCEPTED else "reject_facts"
        reason = ask_reason(texts("received.reject"), texts(f"merge.{key}", file=one.name), texts, self)
        if reason:
            who = self._desk.settings.who
            self._start(lambda store: _reject(store, one, reason, who), lambda _nothing: self._rejected(one))

    def _rejected(self, one: Received) -> None:
        self._say(self._desk.texts("merge.rejected", file=one.name))

    def _say(self, told: str) -> None:
        """What came of what was done."""
        self.said.setText(told)
        self.said.show()
        self._changed()


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
