"""Signing keys: the fingerprint of the desk's own, and those of others, compared and enrolled."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.key_rows import KeyRow, key_rows
from desktop.list_dialog import ListDialog
from desktop.pages import Desk, hint
from desktop.plain import Label
from survey.enrolment import desk_key, enrol, withdraw
from survey.signing import fingerprint


class KeysDialog(ListDialog):
    """One row a sender; the fingerprint has to be typed as it was read elsewhere."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(desk.texts, parent, "keys", (980, 460))
        texts = desk.texts
        self._desk = desk
        self.own = Label(fingerprint(desk_key(desk.store).public))
        self.own.setObjectName("ownPrint")
        self.own.setProperty("kind", "tileTitle")
        self.own.setAccessibleName(texts("keys.own"))
        self.table((110, 100, 340, 200), 3)
        self.typed = self.field("typedPrint", texts("keys.typed"))
        self.typed.returnPressed.connect(self._enrol)
        self.enrol_button = self.button("enrol", self._enrol)
        self.withdraw_button = self.button("withdraw", self._withdraw)
        row = QHBoxLayout()
        row.addWidget(self.typed, 1)
        row.addWidget(self.enrol_button)
        row.addWidget(self.withdraw_button)
        self.lay_out(hint(texts("keys.own")), self.own, hint(texts("keys.hint")), self.view, row)
        self.load()

    def load(self) -> None:
        """Reads the keys anew."""
        texts = self._texts
        rows = key_rows(self._desk.store, texts)
        self.fill([row.cells(texts) for row in rows], rows, texts("keys.empty"))
        self.view.setCurrentIndex(self.model.index(0, 0))
        self.typed.clear()
        self.enable()

    def enable(self) -> None:
        row = self._row()
        self.typed.setEnabled(bool(row and row.last))
        self.enrol_button.setEnabled(bool(row and row.last and self.typed.text().strip()))
        self.withdraw_button.setEnabled(bool(row and row.known))

    def _row(self) -> KeyRow | None:
        found = self.model.object(self.view.currentIndex())
        return found if isinstance(found, KeyRow) else None

    def _enrol(self) -> None:
        typed, who = self.typed.text(), self._desk.settings.who
        self._do("enrolled", lambda sender: enrol(self._desk.store, sender, typed, who=who))

    def _withdraw(self) -> None:
        self._do("withdrawn", lambda sender: withdraw(self._desk.store, sender))

    def _do(self, key: str, action: Callable[[str], None]) -> None:
        if row := self._row():
            sender = row.sender
            if self.did(lambda: action(sender)):
                self.say(self._texts(f"keys.{key}", sender=row.called))
                self.load()
