"""The sidebar: whose file is open, and the way to its pages."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from desktop.icons import Icons
from desktop.plain import Label, quoted
from survey.texts import Texts

_WIDTH = 212
_NARROW = 56
_ICON = QSize(20, 20)


class Sidebar(QWidget):
    """One button a page; Ctrl and a digit does the same."""

    chosen = Signal(str)

    def __init__(self, texts: Texts, icons: Icons) -> None:
        super().__init__()
        self.setObjectName("sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(_WIDTH)
        self._texts = texts
        self._icons = icons
        self.shown: tuple[str, ...] = ()
        self._group = QButtonGroup(self)
        self._place, self._file = Label(), Label()
        self._place.setObjectName("place")
        self._file.setObjectName("file")
        self._file.setWordWrap(True)
        self._pages = QVBoxLayout()
        self._pages.setSpacing(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 10)
        column.setSpacing(0)
        column.addLayout(self._brand())
        column.addWidget(self._place)
        column.addWidget(self._file)
        column.addLayout(self._pages)
        column.addStretch(1)

    def fold(self, *, narrow: bool) -> None:
        """In a narrow window only the pictures stay."""
        self.setFixedWidth(_NARROW if narrow else _WIDTH)
        for label in (self._name, self._place, self._file):
            label.setVisible(not narrow)
        style = Qt.ToolButtonStyle.ToolButtonIconOnly if narrow else Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        for button in self._group.buttons():
            if isinstance(button, QToolButton):
                button.setToolButtonStyle(style)

    def describe(self, place: str, file: str, path: str) -> None:
        """Whose file it is."""
        self._place.setText(place)
        self._file.setText(file)
        self._file.setToolTip(quoted(path))

    def show_pages(self, names: Sequence[str]) -> None:
        """Replaces the buttons."""
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._pages.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.shown = tuple(names)
        for name, keys in zip(names, [*(f"Ctrl+{digit}" for digit in "1234567890"), *[""] * len(names)], strict=False):
            button = self._button(name, keys)
            self._group.addButton(button)
            self._pages.addWidget(button)

    def mark(self, name: str) -> None:
        """Shows which page is in front."""
        for button in self._group.buttons():
            button.setChecked(button.objectName() == f"go_{name}")

    def _brand(self) -> QHBoxLayout:
        mark, self._name = Label(), Label(self._texts("window.brand"))
        mark.setPixmap(self._icons.icon("logo").pixmap(_ICON))
        self._name.setObjectName("brand")
        row = QHBoxLayout()
        row.setContentsMargins(16, 16, 16, 8)
        row.setSpacing(8)
        row.addWidget(mark)
        row.addWidget(self._name, 1)
        return row

    def _button(self, name: str, keys: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"go_{name}")
        button.setText("  " + self._texts(f"window.go.{name}"))
        button.setAccessibleName(self._texts(f"window.go.{name}"))
        button.setToolTip(quoted(f"{self._texts(f'window.go.{name}')}  {keys}".rstrip()))
        button.setShortcut(keys)
        button.setIcon(self._icons.icon(name))
        button.setIconSize(_ICON)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setCheckable(True)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: self.chosen.emit(name))
        return button
