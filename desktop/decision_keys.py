"""Buttons that say their key, and the keys that press them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from desktop.pages import restyle

DIGITS = "123456789"


class DecisionBar(QWidget):
    """A row of buttons; a key works wherever the keyboard is inside the owner."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__()
        self._owner = owner
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self._row.addStretch(1)

    def fit(self, *, tight: bool) -> None:
        """Buttons as small as they can be read, or as usual."""
        for button in self.findChildren(QPushButton):
            restyle(button, "small" if tight else "plain")

    def add(self, text: str, name: str, key: str, action: Callable[[], None], shown: str = "") -> QPushButton:
        """A button with its key, which may be shown in other words; both do nothing while the button is off.

        It takes no focus: with every action on a key of its own, the keyboard stays in the list.
        """
        button = QPushButton(keyed(text, shown or key))
        button.setObjectName(name)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda _checked=False: action())
        self._row.insertWidget(self._row.count() - 1, button)
        on_key(self._owner, key, partial(_press, button))
        return button


def keyed(text: str, key: str) -> str:
    """What a button does, and its key."""
    return f"{text} [{key}]"


def on_key(owner: QWidget, key: str, action: Callable[[], None]) -> None:
    """A key inside a widget and what stands in it."""
    shortcut = QShortcut(QKeySequence(key), owner, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.activated.connect(action)


def _press(button: QPushButton) -> None:
    if button.isEnabled() and button.isVisible():
        button.click()
