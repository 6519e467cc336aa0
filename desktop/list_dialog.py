"""A list to read, what can be done with a line below it, and a line that says what came of it: the frame of dialogs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.fitting import resize_within
from desktop.pages import result_line
from desktop.rows_model import RowsModel, fit_heads, table_view
from survey.errors import SurveyError, sentence
from survey.texts import Texts

_SIDE, _BAR = 20, 18
# Columns that are no wider hold what is always as long.
_SHORT = 140


class ListDialog(QDialog):
    """`name` is what its texts and its parts are called by. Esc closes."""

    def __init__(self, texts: Texts, parent: QWidget, name: str, size: tuple[int, int]) -> None:
        super().__init__(parent)
        self._texts = texts
        self._name = name
        self.setObjectName(f"{name}Dialog")
        self.setWindowTitle(texts(f"{name}.title"))
        resize_within(self, *size)
        self.said = result_line(f"{name}Said")
        self.buttons = QDialogButtonBox()
        close = self.buttons.addButton(texts("received.close"), QDialogButtonBox.ButtonRole.RejectRole)
        close.setObjectName("close")
        close.setAutoDefault(False)
        self.buttons.rejected.connect(self.reject)

    def table(self, widths: Sequence[int], stretched: int, right: Sequence[int] = ()) -> None:
        """The list itself, as `model` and `view`; columns named in `right` stand to the right."""
        self.model = RowsModel(self._texts(f"{self._name}.head").split("|"), right)
        self.view = table_view(self.model, self._name, self.windowTitle(), self._within(widths), stretched)
        # Of a name that is cut its end tells more than its middle: days and numbers stand there.
        self.view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        fit_heads(self.view)
        self.view.selectionModel().currentChanged.connect(lambda *_: self.enable())

    def fill(self, rows: Sequence[Sequence[str]], found: Sequence[object], none: str) -> None:
        """The lines, with what stands behind each; where there is none, that is said across the list."""
        columns = self.model.columnCount()
        self.model.set_rows(rows or [(none, *[""] * (columns - 1))], found)
        self.view.clearSpans()
        if not rows:
            self.view.setSpan(0, 0, 1, columns)

    def _within(self, widths: Sequence[int]) -> list[int]:
        """The columns of a dialog that a small screen makes narrower: days and numbers keep their width."""
        short = sum(width for width in widths if width <= _SHORT)
        share = (self.width() - 2 * _SIDE - _BAR - short) / max(sum(widths) - short, 1)
        return [width if width <= _SHORT else round(width * min(share, 1.0)) for width in widths]

    def lay_out(self, *parts: QWidget | QLayout) -> None:
        """One below the other, the list as high as there is room, what is said and the buttons last."""
        column = QVBoxLayout(self)
        column.setContentsMargins(_SIDE, 18, _SIDE, 16)
        column.setSpacing(10)
        for part in (*parts, self.said, self.buttons):
            if isinstance(part, QLayout):
                column.addLayout(part)
            else:
                column.addWidget(part, 1 if part is self.view else 0)

    def enable(self) -> None:
        """Whether what can be done can be done now."""

    def button(self, name: str, action: Callable[[], None]) -> QPushButton:
        """A button that does something, wherever it will stand."""
        button = QPushButton(self._texts(f"{self._name}.{name}"))
        button.setObjectName(f"{self._name}_{name}")
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: action())
        return button

    def action(self, name: str, action: Callable[[], None]) -> QPushButton:
        """A button in the last row, before the one that closes."""
        button = self.button(name, action)
        self.buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        return button

    def field(self, name: str, label: str) -> QLineEdit:
        """A line to type in."""
        field = QLineEdit()
        field.setObjectName(name)
        field.setPlaceholderText(label)
        field.setAccessibleName(label)
        field.textChanged.connect(lambda _text: self.enable())
        return field

    def say(self, text: str) -> None:
        """What came of it; '' for nothing."""
        self.said.setText(text)
        self.said.setVisible(bool(text))

    def did(self, action: Callable[[], None]) -> bool:
        """Does something; where it cannot be done, why is said."""
        try:
            action()
        except SurveyError as error:
            self.say(sentence(error, self._texts))
            return False
        return True
