"""Where one begins: a new file, an existing one, a recent one, or the sample."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.icons import Icons
from desktop.plain import Label, keyless, quoted
from survey.texts import Texts

_WIDTH = 560
_SHOWN = 5


class StartPage(QScrollArea):
    """Three ways in, and what was open last."""

    new = Signal()
    open = Signal()
    sample = Signal()
    recent = Signal(Path)

    def __init__(self, texts: Texts, icons: Icons, recent: list[Path]) -> None:
        super().__init__()
        self.setObjectName("start")
        self.setWidgetResizable(True)
        self._texts = texts
        self._icons = icons
        column = QVBoxLayout()
        column.setSpacing(10)
        column.addStretch(1)
        column.addLayout(self._title())
        column.addSpacing(10)
        for name, signal in (("new", self.new), ("open", self.open), ("sample", self.sample)):
            column.addWidget(self._tile(name, signal))
        column.addSpacing(10)
        caption = Label(texts("start.recent"))
        caption.setProperty("kind", "section")
        column.addWidget(caption)
        links = QVBoxLayout()
        links.setSpacing(0)
        for path in recent[:_SHOWN]:
            links.addWidget(self._link(path))
        if not recent:
            links.addWidget(self._quiet(texts("start.no_recent")))
        column.addLayout(links)
        column.addStretch(2)
        middle = QWidget()
        middle.setLayout(column)
        middle.setFixedWidth(_WIDTH)
        whole = QWidget()
        outer = QHBoxLayout(whole)
        outer.setContentsMargins(24, 24, 24, 24)
        outer.addStretch(1)
        outer.addWidget(middle)
        outer.addStretch(1)
        self.setWidget(whole)

    def _title(self) -> QHBoxLayout:
        mark, title = Label(), Label(self._texts("start.title"))
        mark.setPixmap(self._icons.picture("logo", 48, active=True))
        title.setProperty("kind", "title")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(title)
        words.addWidget(self._quiet(self._texts("start.line")))
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(mark)
        row.addLayout(words, 1)
        return row

    def _quiet(self, text: str) -> QLabel:
        label = Label(text)
        label.setProperty("kind", "hint")
        label.setWordWrap(True)
        return label

    def _tile(self, name: str, signal: SignalInstance) -> QPushButton:
        """A large button with a picture, a name and a line that says what it does."""
        tile = QPushButton()
        tile.setObjectName(f"start_{name}")
        tile.setAccessibleName(self._texts(f"start.{name}"))
        tile.setAccessibleDescription(self._texts(f"start.{name}_line"))
        tile.setProperty("kind", "tile")
        tile.setCursor(Qt.CursorShape.PointingHandCursor)
        tile.clicked.connect(lambda _checked=False: signal.emit())
        picture, title = Label(), Label(self._texts(f"start.{name}"))
        picture.setPixmap(self._icons.picture(name, 26, active=True))
        title.setProperty("kind", "tileTitle")
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(title)
        words.addWidget(self._quiet(self._texts(f"start.{name}_line")))
        row = QHBoxLayout(tile)
        row.setContentsMargins(18, 12, 18, 12)
        row.setSpacing(16)
        row.addWidget(picture)
        row.addLayout(words, 1)
        for label in tile.findChildren(QLabel):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        tile.setMinimumHeight(66)
        return tile

    def _link(self, path: Path) -> QPushButton:
        link = QPushButton(self._icons.icon("recent"), "")
        where = link.fontMetrics().elidedText(str(path.parent), Qt.TextElideMode.ElideMiddle, 300)
        name = link.fontMetrics().elidedText(path.name, Qt.TextElideMode.ElideMiddle, 180)
        link.setText(keyless(f"  {name}    {where}"))
        link.setObjectName("recent")
        link.setAccessibleName(f"{path.name} {path.parent}")
        link.setProperty("kind", "link")
        link.setIconSize(QSize(18, 18))
        link.setToolTip(quoted(str(path)))
        link.setCursor(Qt.CursorShape.PointingHandCursor)
        link.clicked.connect(lambda _checked=False: self.recent.emit(path))
        return link
