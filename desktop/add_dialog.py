"""A new unit: its code and its name."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.pages import hint, restyle
from survey import cells
from survey.errors import SurveyError, sentence
from survey.record import read_value
from survey.store import Store
from survey.texts import Texts

_ASKED = ("uscc", "name")


class AddDialog(QDialog):
    """Adds the unit once both can be read; `unit` is its number then."""

    def __init__(self, store: Store, texts: Texts, period: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("addDialog")
        self.setWindowTitle(texts("units.add"))
        self.setMinimumWidth(480)
        self._store = store
        self._texts = texts
        self._period = period
        self.unit = 0
        self._editors = {name: QLineEdit() for name in _ASKED}
        form = QFormLayout()
        form.setSpacing(10)
        for name, editor in self._editors.items():
            editor.setObjectName(f"add_{name}")
            editor.setAccessibleName(texts(f"units.head.{name}"))
            form.addRow(texts(f"units.head.{name}"), editor)
        self._problem = hint(texts("units.add_line"))
        self._problem.setObjectName("problem")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 20, 24, 16)
        outer.setSpacing(14)
        outer.addLayout(form)
        outer.addWidget(self._problem)
        outer.addWidget(self._buttons())

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        add = buttons.button(QDialogButtonBox.StandardButton.Ok)
        add.setText(self._texts("units.add"))
        add.setObjectName("addUnit")
        restyle(add, "primary")
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(self._texts("window.cancel"))
        buttons.accepted.connect(self._try)
        buttons.rejected.connect(self.reject)
        return buttons

    def _try(self) -> None:
        try:
            uscc, name = (self._read(name) for name in _ASKED)
            self.unit = cells.add_unit(self._store, uscc, name, self._period)
        except SurveyError as error:
            self._problem.setText(sentence(error, self._texts))
            restyle(self._problem, "bad")
            return
        self.accept()

    def _read(self, name: str) -> str:
        value = read_value(self._store.scheme.item(name), self._editors[name].text(), self._store.scheme.lists)
        if value is None:
            raise SurveyError("value.required", label=self._texts(f"units.head.{name}"))
        return str(value)
