"""The persons of a file: who may sign in, in which role."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.fitting import resize_within
from desktop.pages import Desk, hint, result_line
from desktop.rows_model import RowsModel, table_view
from survey.errors import SurveyError, sentence
from survey.persons import LEAST, ROLES, Person, add, persons, remove


class PersonsDialog(QDialog):
    """One row a person; below, somebody is added or given another role. Esc closes."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        texts = desk.texts
        self._desk = desk
        self.changed_any = False
        self.setObjectName("personsDialog")
        self.setWindowTitle(texts("persons.title"))
        resize_within(self, 860, 480)
        self.model = RowsModel(texts("persons.head").split("|"))
        self.view = table_view(self.model, "persons", texts("persons.title"), (160, 130, 460), 2)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._enable())
        self.name = self._field("name", texts("persons.name"))
        self.role = QComboBox()
        self.role.setObjectName("newRole")
        self.role.setAccessibleName(texts("persons.role_label"))
        for role in ROLES:
            self.role.addItem(texts(f"persons.role.{role}"), role)
        self.secret = self._field("secret", texts("persons.new_secret", least=LEAST))
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.add_button, self.remove_button = self._button("add", self._add), self._button("remove", self._remove)
        self.said = result_line("personsSaid")
        row = QHBoxLayout()
        for widget in (self.name, self.role, self.secret, self.add_button, self.remove_button):
            row.addWidget(widget)
        buttons = QDialogButtonBox()
        buttons.addButton(texts("persons.close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(hint(texts("persons.hint")))
        column.addWidget(self.view, 1)
        column.addLayout(row)
        column.addWidget(self.said)
        column.addWidget(buttons)
        self._load()

    def _field(self, name: str, label: str) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(f"new_{name}")
        field.setPlaceholderText(label)
        field.setAccessibleName(label)
        field.textChanged.connect(lambda _text: self._enable())
        return field

    def _button(self, name: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(self._desk.texts(f"persons.{name}"))
        button.setObjectName(f"persons_{name}")
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: action())
        return button

    def _load(self) -> None:
        texts = self._desk.texts
        found = persons(self._desk.store)
        rows = [(one.name, texts(f"persons.role.{one.role}"), texts(f"persons.may.{one.role}")) for one in found]
        self.model.set_rows(rows or [(texts("persons.none"), "", "")], found)
        if not found:
            self.role.setCurrentIndex(self.role.findData("keeper"))
        self._enable()

    def _row(self) -> Person | None:
        found = self.model.object(self.view.currentIndex())
        return found if isinstance(found, Person) else None

    def _enable(self) -> None:
        self.add_button.setEnabled(bool(self.name.text().strip() and self.secret.text()))
        self.remove_button.setEnabled(self._row() is not None)

    def _add(self) -> None:
        self._do(lambda: add(self._desk.store, self.name.text(), self.role.currentData(), self.secret.text()))

    def _remove(self) -> None:
        if person := self._row():
            self._do(lambda: remove(self._desk.store, person.name))

    def _do(self, action: Callable[[], None]) -> None:
        try:
            action()
        except SurveyError as error:
            self.said.setText(sentence(error, self._desk.texts))
            self.said.show()
            return
        self.changed_any = True
        self.said.hide()
        self.name.clear()
        self.secret.clear()
        self._load()
