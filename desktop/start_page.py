"""Where one begins: a new file, an existing one, a recent one, or the sample."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.icons import Icons
from survey.texts import Texts


class StartPage(QWidget):
    """Four ways in, and what was open last."""

    new = Signal()
    open = Signal()
    sample = Signal()
    recent = Signal(Path)

    def __init__(self, texts: Texts, icons: Icons, recent: list[Path]) -> None:
        super().__init__()
        self.setObjectName("page")
        middle = QVBoxLayout()
        middle.setSpacing(8)
        title, line = QLabel(texts("start.title")), QLabel(texts("start.line"))
        title.setObjectName("big")
        line.setObjectName("subheading")
        line.setWordWrap(True)
        middle.addWidget(title)
        middle.addWidget(line)
        middle.addSpacing(12)
        tiles = QGridLayout()
        tiles.setSpacing(10)
        for at, (name, signal) in enumerate((("new", self.new), ("open", self.open), ("sample", self.sample))):
            tiles.addWidget(self._tile(texts, icons, name, signal), at, 0)
        middle.addLayout(tiles)
        middle.addSpacing(14)
        caption = QLabel(texts("start.recent"))
        caption.setObjectName("section")
        middle.addWidget(caption)
        for path in recent:
            middle.addWidget(self._recent(icons, path))
        if not recent:
            nothing = QLabel(texts("start.no_recent"))
            nothing.setObjectName("hint")
            middle.addWidget(nothing)
        middle.addStretch(1)
        column = QWidget()
        column.setLayout(middle)
        column.setFixedWidth(560)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(24, 48, 24, 24)
        outer.addStretch(1)
        outer.addWidget(column)
        outer.addStretch(1)

    def _tile(self, texts: Texts, icons: Icons, name: str, signal: SignalInstance) -> QPushButton:
        tile = QPushButton(icons.icon(name), f"  {texts('start.' + name)}\n  {texts('start.' + name + '_line')}")
        tile.setObjectName("tile")
        tile.setProperty("role", name)
        tile.setIconSize(QSize(22, 22))
        tile.setMinimumHeight(62)
        tile.setCursor(Qt.CursorShape.PointingHandCursor)
        tile.clicked.connect(lambda _checked=False: signal.emit())
        return tile

    def _recent(self, icons: Icons, path: Path) -> QPushButton:
        link = QPushButton(icons.icon("recent"), f" {path.name}   {path.parent}")
        link.setObjectName("link")
        link.setToolTip(str(path))
        link.setCursor(Qt.CursorShape.PointingHandCursor)
        link.clicked.connect(lambda _checked=False: self.recent.emit(path))
        return link
