"""名单: who is expected to send a return here; whoever is missing stands on the board as not having sent."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.fitting import resize_within
from desktop.merge_facts import below_name, sender_name
from desktop.pages import Desk, hint, result_line
from desktop.rows_model import RowsModel, table_view
from survey import expected
from survey.errors import SurveyError, sentence
from survey.expected import Expected

_HEADS = ("sender", "state")


def edit_expected(desk: Desk, parent: QWidget) -> None:
    """Shows the list, to be changed."""
    dialog = ExpectedDialog(desk, parent)
    dialog.exec()
    dialog.deleteLater()
    desk.changed()


class ExpectedDialog(QDialog):
    """Enter adds the name that is typed, Delete takes the chosen sender off the list. Esc closes."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        texts = desk.texts
        self._desk = desk
        self.setObjectName("expectedDialog")
        self.setWindowTitle(texts("expected.title"))
        resize_within(self, 620, 440)
        self.name = QLineEdit()
        self.name.setObjectName("expectedName")
        self.name.setAccessibleName(texts("expected.name"))
        self.name.setPlaceholderText(texts("expected.name"))
        self.name.textChanged.connect(lambda _text: self._enable())
        self.add_button = self._button("add", self._add)
        self.add_button.setDefault(True)
        self.rename_button, self.remove_button = self._button("rename", self._rename), self._button("remove", self._off)
        self.model = RowsModel([texts(f"expected.head.{name}") for name in _HEADS])
        self.view = table_view(self.model, "expected", texts("expected.title"), (320, 180), 0)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._enable())
        self.said = result_line("expectedSaid")
        buttons = QDialogButtonBox()
        buttons.addButton(self.remove_button, QDialogButtonBox.ButtonRole.ActionRole)
        close = buttons.addButton(texts("received.close"), QDialogButtonBox.ButtonRole.RejectRole)
        close.setObjectName("close")
        close.setAutoDefault(False)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self.name, 1)
        row.addWidget(self.add_button)
        row.addWidget(self.rename_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(hint(texts("expected.hint", below=below_name(desk.store, texts))))
        column.addLayout(row)
        column.addWidget(self.view, 1)
        column.addWidget(self.said)
        column.addWidget(buttons)
        self._load()
        self.name.setFocus()

    def _button(self, name: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(self._desk.texts(f"expected.{name}"))
        button.setObjectName(f"expected_{name}")
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: action())
        return button

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
        self._enable()

    def _called(self, sender: str) -> str:
        return sender_name(self._desk.store, sender, self._desk.texts)

    def _enable(self) -> None:
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
        texts = self._desk.texts
        try:
            sender = action()
        except SurveyError as error:
            self.said.setText(sentence(error, texts))
        else:
            self.name.clear()
            self._load(sender)
            self.said.setText(texts(f"expected.{key}", name=self._called(sender)))
        self.said.show()
        self.name.setFocus()


def _state(one: Expected) -> str:
    return "stands" if one.stands else "sent" if one.sent else "none"
