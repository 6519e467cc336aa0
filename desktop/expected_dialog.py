"""名单: who is expected to send a return here; whoever is missing stands on the board as not having sent."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.list_dialog import ListDialog
from desktop.merge_facts import below_name, sender_name
from desktop.pages import Desk, hint
from survey import expected
from survey.expected import Expected


def edit_expected(desk: Desk, parent: QWidget) -> None:
    """Shows the list, to be changed."""
    dialog = ExpectedDialog(desk, parent)
    dialog.exec()
    dialog.deleteLater()
    desk.changed()


class ExpectedDialog(ListDialog):
    """Enter adds the name that is typed."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(desk.texts, parent, "expected", (620, 440))
        self._desk = desk
        self.name = self.field("expectedName", desk.texts("expected.name"))
        self.add_button, self.rename_button = self.button("add", self._add), self.button("rename", self._rename)
        self.add_button.setDefault(True)
        self.remove_button = self.action("remove", self._off)
        self.table((320, 180), 0)
        row = QHBoxLayout()
        row.addWidget(self.name, 1)
        row.addWidget(self.add_button)
        row.addWidget(self.rename_button)
        self.lay_out(hint(desk.texts("expected.hint", below=below_name(desk.store, desk.texts))), row, self.view)
        self._load()
        self.name.setFocus()

    def _load(self, chosen: str = "") -> None:
        """The list as it stands, with a sender under the cursor."""
        store, texts = self._desk.store, self._desk.texts
        found = expected.on_list(store)
        row = max(self.view.currentIndex().row(), 0)
        self.model.set_rows(
            [(self._called(one.sender), texts(f"expected.state.{_state(one)}")) for one in found], found
        )
        at = next((at for at, one in enumerate(found) if one.sender == chosen), min(row, len(found) - 1))
        if found:
            self.view.setCurrentIndex(self.model.index(at, 0))
        self.enable()

    def _called(self, sender: str) -> str:
        return sender_name(self._desk.store, sender, self._desk.texts)

    def enable(self) -> None:
        one: Expected | None = self.model.object(self.view.currentIndex())
        typed = bool(self.name.text().strip())
        free = one is not None and not one.stands
        self.add_button.setEnabled(typed)
        self.rename_button.setEnabled(typed and free and not (one and one.given))
        self.remove_button.setEnabled(free)

    def _add(self) -> None:
        self._do(lambda: expected.add(self._desk.store, self.name.text()), "added")

    def _rename(self) -> None:
        one: Expected = self.model.object(self.view.currentIndex())
        self._do(lambda: expected.rename(self._desk.store, one.sender, self.name.text()), "renamed")

    def _off(self) -> None:
        one: Expected = self.model.object(self.view.currentIndex())
        self._do(lambda: expected.remove(self._desk.store, one.sender), "removed")

    def _do(self, action: Callable[[], str], key: str) -> None:
        """Does it and says so, or why not; what was typed stays where it was refused."""
        senders: list[str] = []
        if self.did(lambda: senders.append(action())):
            self.name.clear()
            self._load(senders[0])
            self.say(self._texts(f"expected.{key}", name=self._called(senders[0])))
        self.name.setFocus()


def _state(one: Expected) -> str:
    return "stands" if one.stands else "sent" if one.sent else "none"
