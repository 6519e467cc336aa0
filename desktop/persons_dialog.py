"""The persons of a file: who may sign in, in which role."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from desktop.list_dialog import ListDialog
from desktop.pages import Desk, hint
from survey.persons import LEAST, ROLES, Person, add, may, persons, remove


class PersonsDialog(ListDialog):
    """One row a person; below, who keeps the file adds somebody or gives another role.

    `changed_any` tells that anything was done.
    """

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(desk.texts, parent, "persons", (860, 480))
        texts = desk.texts
        self._desk = desk
        self.changed_any = self._keeps = False
        self.table((190, 110, 480), 2)
        self.name = self.field("new_name", texts("persons.name"))
        self.role = QComboBox()
        self.role.setObjectName("newRole")
        self.role.setAccessibleName(texts("persons.role_label"))
        for role in ROLES:
            self.role.addItem(texts(f"persons.role.{role}"), role)
        self.secret = self.field("new_secret", texts("persons.new_secret", least=LEAST))
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.add_button, self.remove_button = self.button("add", self._add), self.button("remove", self._remove)
        row = QHBoxLayout()
        for widget in (self.name, self.role, self.secret, self.add_button, self.remove_button):
            row.addWidget(widget)
        self.lay_out(hint(texts("persons.hint")), self.view, row)
        self.load()

    def load(self) -> None:
        """Reads the persons anew."""
        texts = self._texts
        found = persons(self._desk.store)
        self._keeps = may(self._desk.store, "keep")
        rows = [(one.name, texts(f"persons.role.{one.role}"), texts(f"persons.may.{one.role}")) for one in found]
        self.fill(rows, found, texts("persons.none"))
        if not self._keeps:
            self.say(texts("persons.only_keeper"))
        if not found:
            self.role.setCurrentIndex(self.role.findData("keeper"))
        self.enable()

    def enable(self) -> None:
        for field in (self.name, self.role, self.secret):
            field.setEnabled(self._keeps)
        self.add_button.setEnabled(self._keeps and bool(self.name.text().strip() and self.secret.text()))
        self.remove_button.setEnabled(self._keeps and self._row() is not None)

    def _row(self) -> Person | None:
        found = self.model.object(self.view.currentIndex())
        return found if isinstance(found, Person) else None

    def _add(self) -> None:
        name, role, secret = self.name.text(), self.role.currentData(), self.secret.text()
        if self.did(lambda: add(self._desk.store, name, role, secret)):
            self._changed()

    def _remove(self) -> None:
        if person := self._row():
            name = person.name
            if self.did(lambda: remove(self._desk.store, name)):
                self._changed()

    def _changed(self) -> None:
        self.changed_any = True
        self.say("")
        self.name.clear()
        self.secret.clear()
        self.load()
