"""What must be known before one goes on; where there is little room, a line that can be unfolded."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from desktop.pages import ShortLabel
from desktop.plain import Label
from survey.texts import Texts


class Notice(QFrame):
    """Lines in a coloured band, hidden while there is nothing to say; `more` folds and unfolds it."""

    def __init__(self, name: str, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self._lines: Sequence[str] = ()
        self._tight = self._open = False
        self.label, self.short = Label(), ShortLabel("plain")
        self.label.setObjectName(name)
        self.label.setWordWrap(True)
        self.more = QPushButton()
        self.more.setObjectName(f"{name}More")
        self.more.setProperty("kind", "small")
        self.more.clicked.connect(lambda _checked=False: self._turn())
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 5, 8, 5)
        row.addWidget(self.label, 1)
        row.addWidget(self.short, 1)
        row.addWidget(self.more, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def say(self, lines: Sequence[str]) -> None:
        """Other lines, folded again where there is little room."""
        self._lines, self._open = lines, False
        self._show()
        self.setVisible(bool(lines))

    def fit(self, *, tight: bool) -> None:
        """Whether there is little room."""
        self._tight = tight
        self._show()

    def _turn(self) -> None:
        self._open = not self._open
        self._show()

    def _show(self) -> None:
        folded = self._tight and not self._open
        self.label.setText("\n".join(self._lines))
        self.short.setText("　".join(self._lines))
        self.label.setVisible(not folded)
        self.short.setVisible(folded)
        self.more.setVisible(self._tight)
        self.more.setText(self._texts("notice.less" if self._open else "notice.more"))
