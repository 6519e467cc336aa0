"""What enterprises, files and schemes are called, in the window: shown letter by letter, obeyed never.

Qt guesses of labels, message boxes and tool tips whether they are markup, and takes `&` on a button for a key.
"""

from __future__ import annotations

from PySide6.QtGui import Qt
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget

from survey.texts import visible

# What a cell of a table says, in its place and as a tool tip where the place is too small.
SAID = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)


class Label(QLabel):
    """A text as it is; every label of the program is one."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(visible(text))


class Box(QMessageBox):
    """A question or a message as it is; every message box of the program is one."""

    def __init__(self, parent: QWidget, title: str, text: str, icon: QMessageBox.Icon) -> None:
        super().__init__(parent)
        self.setIcon(icon)
        self.setWindowTitle(title)
        # What is set further down, the informative text too, follows.
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(visible(text))


def quoted(text: str) -> str:
    """A text for a tool tip or an input dialog: where Qt would guess that it is markup, markup that shows it."""
    shown = visible(text)
    return Qt.convertFromPlainText(shown, Qt.WhiteSpaceMode.WhiteSpaceNormal) if Qt.mightBeRichText(shown) else shown


def keyless(text: str) -> str:
    """A text for a button, a tab or a menu, of which no letter is a key."""
    return visible(text).replace("&", "&&")


def as_said(text: str, role: int) -> str:
    """A cell's text in a role of `SAID`."""
    return quoted(text) if role == Qt.ItemDataRole.ToolTipRole else visible(text)
