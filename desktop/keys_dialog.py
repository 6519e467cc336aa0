"""Signing keys: the fingerprint of the desk's own, and those of others, compared and enrolled."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.fitting import resize_within
from desktop.key_rows import KeyRow, key_rows
from desktop.pages import Desk, hint, result_line
from desktop.rows_model import RowsModel, table_view
from survey.enrolment import desk_key, enrol, withdraw
from survey.errors import SurveyError, sentence
from survey.signing import fingerprint


class KeysDialog(QDialog):
    """One row a sender; the fingerprint has to be typed as it was read elsewhere. Esc closes."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        texts = desk.texts
        self._desk = desk
        self.setObjectName("keysDialog")
        self.setWindowTitle(texts("keys.title"))
        resize_within(self, 980, 460)
        self.own = QLabel(fingerprint(desk_key(desk.store).public))
        self.own.setObjectName("ownPrint")
        self.own.setProperty("kind", "tileTitle")
        self.own.setAccessibleName(texts("keys.own"))
        self.model = RowsModel(texts("keys.head").split("|"))
        self.view = table_view(self.model, "keys", texts("keys.title"), (120, 110, 340, 240), 3)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._enable())
        self.typed = QLineEdit()
        self.typed.setObjectName("typedPrint")
        self.typed.setPlaceholderText(texts("keys.typed"))
        self.typed.setAccessibleName(texts("keys.typed"))
        self.typed.textChanged.connect(lambda _text: self._enable())
        self.typed.returnPressed.connect(self._enrol)
        self.enrol_button = self._button("enrol", self._enrol)
        self.withdraw_button = self._button("withdraw", self._withdraw)
        self.said = result_line("keysSaid")
        row = QHBoxLayout()
        row.addWidget(self.typed, 1)
        row.addWidget(self.enrol_button)
        row.addWidget(self.withdraw_button)
        buttons = QDialogButtonBox()
        buttons.addButton(texts("keys.close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        for widget in (hint(texts("keys.own")), self.own, hint(texts("keys.hint"))):
            column.addWidget(widget)
        column.addWidget(self.view, 1)
        column.addLayout(row)
        column.addWidget(self.said)
        column.addWidget(buttons)
        self._load()

    def _button(self, name: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(self._desk.texts(f"keys.{name}"))
        button.setObjectName(f"keys_{name}")
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: action())
        return button

    def _load(self) -> None:
        texts = self._desk.texts
        rows = key_rows(self._desk.store, texts)
        self.model.set_rows([row.cells(texts) for row in rows] or [(texts("keys.empty"), "", "", "")], rows)
        self.view.setCurrentIndex(self.model.index(0, 0))
        self.typed.clear()
        self._enable()

    def _row(self) -> KeyRow | None:
        found = self.model.object(self.view.currentIndex())
        return found if isinstance(found, KeyRow) else None

    def _enable(self) -> None:
        row = self._row()
        self.typed.setEnabled(bool(row and row.last))
        self.enrol_button.setEnabled(bool(row and row.last and self.typed.text().strip()))
        self.withdraw_button.setEnabled(bool(row and row.known))

    def _enrol(self) -> None:
        if row := self._row():
            self._do(
                "enrolled",
                row,
                lambda: enrol(self._desk.store, row.sender, self.typed.text(), who=self._desk.settings.who),
            )

    def _withdraw(self) -> None:
        if row := self._row():
            self._do("withdrawn", row, lambda: withdraw(self._desk.store, row.sender))

    def _do(self, key: str, row: KeyRow, action: Callable[[], None]) -> None:
        texts = self._desk.texts
        try:
            with self._desk.store.atomic():
                action()
        except SurveyError as error:
            self.said.setText(sentence(error, texts))
        else:
            self.said.setText(texts(f"keys.{key}", sender=row.called))
            self._load()
        self.said.show()
