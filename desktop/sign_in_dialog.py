"""Who are you: a person of the file, and the secret."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from desktop.entry_dialogs import AskDialog
from survey.persons import persons, sign_in
from survey.store import Store
from survey.texts import Texts


class SignInDialog(AskDialog):
    """Accepted once somebody has signed in."""

    def __init__(self, store: Store, texts: Texts, parent: QWidget) -> None:
        super().__init__(
            "signInDialog", texts("persons.sign_in"), texts("persons.ask", file=store.path.name), texts, parent
        )
        self._store = store
        self.accept_button.setText(texts("persons.enter"))
        self.name = QComboBox()
        self.name.setObjectName("personName")
        self.name.setAccessibleName(texts("persons.name"))
        for one in persons(store):
            self.name.addItem(f"{one.name}　{texts(f'persons.role.{one.role}')}", one.name)
        self.secret = QLineEdit()
        self.secret.setObjectName("personSecret")
        self.secret.setAccessibleName(texts("persons.secret"))
        self.secret.setPlaceholderText(texts("persons.secret"))
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.body.addWidget(self.name)
        self.body.addWidget(self.secret)
        self.secret.setFocus()

    def save(self) -> None:
        sign_in(self._store, self.name.currentData(), self.secret.text())
