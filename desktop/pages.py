"""What all pages share: the pieces of a page, and what a page may ask of the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.icons import Icons
from desktop.plain import Label, quoted
from desktop.settings import Settings
from desktop.theme import Colours
from desktop.worker import Worker
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.store import Store


# Below this a page is tight: a screen of 1366 × 768 at 150 % leaves it 855 × 448.
_LOW, _NARROW = 540, 900
_MARGINS, _TIGHT_MARGINS = (24, 20, 24, 16), (16, 10, 16, 10)
_SPACING, _BODY_SPACING, _TIGHT_SPACING = 14, 10, 8


@dataclass(frozen=True)
class Desk:
    """An open file and what its pages work with; `fail` says an error to the person.

    While the `worker` is busy the window waits; what `lookups` reads is shown when it is there, and nothing waits.
    """

    store: Store
    texts: Texts
    icons: Icons
    colours: Colours
    worker: Worker
    lookups: Worker
    settings: Settings
    fail: Callable[[BaseException], None]
    changed: Callable[[], None]

    @property
    def path(self) -> Path:
        return self.store.path


class Page(QWidget):
    """A page with a heading, a line that says what it is for, and room below.

    Where there is little room it is `tight`: the line is told by the heading's tooltip, and margins are small.
    """

    def __init__(self, title: str, hint: str) -> None:
        super().__init__()
        self.setObjectName("page")
        self.tight = False
        heading, line = Label(title), Label(hint)
        heading.setProperty("kind", "heading")
        heading.setToolTip(quoted(hint))
        line.setProperty("kind", "subheading")
        line.setWordWrap(True)
        self._about = line
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
        self.body.setSpacing(_BODY_SPACING)
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(*_MARGINS)
        self._outer.setSpacing(_SPACING)
        self._outer.addLayout(top)
        self._outer.addLayout(self.body, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        tight = self.height() < _LOW or self.width() < _NARROW
        if tight != self.tight:
            self.tight = tight
            self.fit()

    def fit(self) -> None:
        """Called when the page has become tight, or has room again."""
        self._about.setVisible(not self.tight)
        self._outer.setContentsMargins(*(_TIGHT_MARGINS if self.tight else _MARGINS))
        self._outer.setSpacing(_TIGHT_SPACING if self.tight else _SPACING)
        self.body.setSpacing(_TIGHT_SPACING if self.tight else _BODY_SPACING)

    def refresh(self) -> None:
        """Called whenever the page comes to the front."""

    def button(self, text: str, name: str, action: Callable[[], None], *, primary: bool = False) -> QPushButton:
        """A button at the top right; the page's main one is coloured."""
        button = plain_button(name, text, action)
        button.setProperty("kind", "primary" if primary else "plain")
        self.buttons.addWidget(button)
        return button


def plain_button(name: str, text: str, action: Callable[[], None]) -> QPushButton:
    """A button that does something, nothing more."""
    button = QPushButton(text)
    button.setObjectName(name)
    button.setProperty("kind", "plain")
    button.clicked.connect(lambda _checked=False: action())
    return button


def card(title: str, value: str) -> tuple[QFrame, QLabel]:
    """A figure with its caption, framed; gives the label to change it later."""
    frame = QFrame()
    frame.setProperty("kind", "card")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(16, 10, 16, 10)
    figure, caption = Label(value), Label(title)
    figure.setProperty("kind", "big")
    caption.setProperty("kind", "hint")
    layout.addWidget(figure)
    layout.addWidget(caption)
    return frame, figure


def either_of(parent: QWidget, nothing: QWidget, content: QWidget) -> QStackedWidget:
    """Fills a widget with what stands where there is nothing yet, or with the content."""
    either = QStackedWidget()
    either.addWidget(nothing)
    either.addWidget(content)
    outer = QVBoxLayout(parent)
    outer.setContentsMargins(0, 8, 0, 0)
    outer.addWidget(either)
    return either


class ShortLabel(Label):
    """One line that ends in … where there is no room; the whole text is in the tooltip."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.setProperty("kind", kind)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(quoted(text))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        painter.end()


class Nothing(QFrame):
    """What stands where there is nothing yet: what is missing, and what to do."""

    def __init__(self, icons: Icons, icon: str, title: str, line: str, name: str = "empty") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("kind", "nothing")
        picture, self.title, self.line = Label(), Label(title), hint(line)
        picture.setPixmap(icons.picture(icon, 44))
        self.title.setProperty("kind", "formTitle")
        self.title.setWordWrap(True)
        for label in (picture, self.title, self.line):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._row = QHBoxLayout()
        self._row.setSpacing(10)
        self._row.addStretch(1)
        self._row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 32, 32, 32)
        column.setSpacing(8)
        column.addStretch(2)
        for label in (picture, self.title, self.line):
            column.addWidget(label)
        column.addSpacing(8)
        column.addLayout(self._row)
        column.addStretch(3)

    def offer(self, text: str, name: str, action: Callable[[], None], *, primary: bool = False) -> QPushButton:
        """A button that does what the line says."""
        button = QPushButton(text)
        button.setObjectName(name)
        button.setProperty("kind", "primary" if primary else "plain")
        button.clicked.connect(lambda _checked=False: action())
        self._row.insertWidget(self._row.count() - 1, button)
        return button


def class_name(texts: Texts, category: str) -> str:
    """The name of a class of findings, without the letter that stands before it."""
    return texts(f"check.class.{category}").removeprefix(f"{category} ")


def restyle(widget: QWidget, kind: str) -> None:
    """Gives a widget that Qt has already dressed another look."""
    widget.setProperty("kind", kind)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    if isinstance(widget, QFrame):
        # A label measures its frame anew only when it is told so.
        widget.setFrameStyle(widget.frameStyle())


def result_line(name: str) -> QLabel:
    """Where a page says what came out; hidden until there is something to say."""
    label = Label()
    label.setObjectName(name)
    label.setProperty("kind", "detail")
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setWordWrap(True)
    label.hide()
    return label


def hint(text: str) -> QLabel:
    """A quiet line of explanation."""
    label = Label(text)
    label.setProperty("kind", "hint")
    label.setWordWrap(True)
    return label
