"""Passphrases asked for: the one of a file that is opened, and the one that a file is to have."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.pages import hint, restyle
from desktop.plain import Label
from survey.encryption import LEAST
from survey.errors import SurveyError, sentence
from survey.keyring import unlock
from survey.texts import Texts

_WIDTH = 480


class _Dialog(QDialog):
    """Fields whose characters are hidden until the person wants to see them, and a line for what is wrong."""

    def __init__(self, name: str, title: str, about: str, texts: Texts, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setFixedWidth(_WIDTH)
        self._texts = texts
        self.fields: list[QLineEdit] = []
        self._form = QFormLayout()
        self._form.setSpacing(10)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.show_typed = QCheckBox(texts("passphrase.show"))
        self.show_typed.setObjectName("passphraseShow")
        self.show_typed.toggled.connect(self._reveal)
        self.problem = Label()
        self.problem.setObjectName("passphraseProblem")
        self.problem.setProperty("kind", "bad")
        self.problem.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.ok.setObjectName("passphraseOk")
        restyle(self.ok, "primary")
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(texts("window.cancel"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 16)
        column.setSpacing(12)
        column.addWidget(hint(about))
        column.addLayout(self._form)
        column.addWidget(self.show_typed)
        column.addWidget(self.problem)
        column.addWidget(self.buttons)

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(f"passphrase_{name}")
        field.setAccessibleName(self._texts(f"passphrase.{name}"))
        field.setEchoMode(QLineEdit.EchoMode.Password)
        self._form.addRow(self._texts(f"passphrase.{name}"), field)
        self.fields.append(field)
        return field

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._say(self.problem.text())

    def _say(self, text: str) -> None:
        """What is wrong; the dialog is as high as its sentences, once wrapped, want it to be."""
        self.problem.setText(text)
        self._column.activate()
        self.setFixedHeight(self._column.totalHeightForWidth(_WIDTH))

    def _reveal(self, shown: bool) -> None:
        for field in self.fields:
            field.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)


class UnlockDialog(_Dialog):
    """Asks for the passphrase, or the recovery code, until the file opens or the person gives up."""

    def __init__(self, path: Path, texts: Texts, parent: QWidget | None = None) -> None:
        super().__init__(
            "unlockDialog",
            texts("passphrase.unlock_title"),
            texts("passphrase.unlock_about", file=path.name),
            texts,
            parent,
        )
        self._path = path
        self.refused: SurveyError | None = None
        self.word = self._field("word")
        self.ok.setText(texts("passphrase.unlock"))
        self.ok.setEnabled(False)
        self.word.textChanged.connect(self._typed)

    def accept(self) -> None:
        try:
            unlock(self._path, self.word.text())
        except SurveyError as error:
            self.refused = error
            self._say(sentence(error, self._texts))
            self.word.selectAll()
            self.word.setFocus()
            return
        super().accept()

    def _typed(self, text: str) -> None:
        self.ok.setEnabled(bool(text))
        self._say("")


class NewWordDialog(_Dialog):
    """A new passphrase or password, typed twice: `word` once it is accepted."""

    def __init__(self, name: str, title: str, about: str, ok: str, texts: Texts, parent: QWidget | None) -> None:
        super().__init__(name, title, about, texts, parent)
        self.first, self.second = self._field("new"), self._field("again")
        self.first.setPlaceholderText(texts("passphrase.least", least=LEAST))
        self.word = ""
        self.ok.setText(ok)
        for field in self.fields:
            field.textChanged.connect(self._check)
        self._check()

    def accept(self) -> None:
        self.word = self.first.text()
        super().accept()

    def _check(self) -> None:
        first, second = self.first.text(), self.second.text()
        short, differ = 0 < len(first) < LEAST, bool(second) and first != second
        self._say(
            self._texts("error.short_passphrase", least=LEAST) if short else
            self._texts("passphrase.differ") if differ else ""
        )  # fmt: skip
        self.ok.setEnabled(len(first) >= LEAST and first == second)


class ProtectDialog(NewWordDialog):
    """The passphrase that a file is to have; `word` is '' where the protection is to end."""

    def __init__(self, path: Path, texts: Texts, parent: QWidget | None = None, *, protected: bool) -> None:
        about = texts("passphrase.about_protected" if protected else "passphrase.about_plain", file=path.name)
        ok = texts("passphrase.change" if protected else "passphrase.set")
        super().__init__("protectDialog", texts("passphrase.title"), about, ok, texts, parent)
        if protected:
            end = QPushButton(texts("passphrase.end"))
            end.setObjectName("passphraseEnd")
            end.setAutoDefault(False)
            end.clicked.connect(lambda _checked=False: QDialog.accept(self))
            self.buttons.addButton(end, QDialogButtonBox.ButtonRole.DestructiveRole)
