"""What all pages share: the pieces of a page, and what a page may ask of the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.icons import Icons
from desktop.settings import Settings
from desktop.theme import Colours
from desktop.worker import Worker
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.store import Store


@dataclass(frozen=True)
class Desk:
    """An open file and what its pages work with; `fail` says an error to the person."""

    store: Store
    texts: Texts
    icons: Icons
    colours: Colours
    worker: Worker
    settings: Settings
    fail: Callable[[BaseException], None]
    changed: Callable[[], None]

    @property
    def path(self) -> Path:
        return self.store.path


class Page(QWidget):
    """A page with a heading, a line that says what it is for, and room below."""

    def __init__(self, title: str, hint: str) -> None:
        super().__init__()
        self.setObjectName("page")
        heading, line = QLabel(title), QLabel(hint)
        heading.setObjectName("heading")
        line.setObjectName("subheading")
        line.setWordWrap(True)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        titles = QVBoxLayout()
        titles.setSpacing(3)
        titles.addWidget(heading)
        titles.addWidget(line)
        top = QHBoxLayout()
        top.addLayout(titles, 1)
        top.addLayout(self.buttons)
        self.body = QVBoxLayout()
        self.body.setSpacing(10)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 20, 24, 16)
        outer.setSpacing(14)
        outer.addLayout(top)
        outer.addLayout(self.body, 1)

    def refresh(self) -> None:
        """Called whenever the page comes to the front."""

    def button(self, text: str, name: str, action: Callable[[], None], *, primary: bool = False) -> QPushButton:
        """A button at the top right; the page's main one is coloured."""
        button = QPushButton(text)
        button.setObjectName("primary" if primary else name)
        button.setProperty("role", name)
        button.clicked.connect(lambda _checked=False: action())
        self.buttons.addWidget(button)
        return button


def card(title: str, value: str) -> tuple[QFrame, QLabel]:
    """A figure with its caption, framed; gives the label to change it later."""
    frame = QFrame()
    frame.setObjectName("card")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(16, 10, 16, 10)
    figure, caption = QLabel(value), QLabel(title)
    figure.setObjectName("big")
    caption.setObjectName("hint")
    layout.addWidget(figure)
    layout.addWidget(caption)
    return frame, figure


def hint(text: str) -> QLabel:
    """A quiet line of explanation."""
    label = QLabel(text)
    label.setObjectName("hint")
    label.setWordWrap(True)
    return label
