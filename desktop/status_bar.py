"""The foot of the window: where the data is, and how far slow work has come."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QWidget

from desktop.plain import Label, quoted
from survey.texts import Texts


class StatusBar(QWidget):
    """A quiet line; while something runs, a slim bar and a button that stops it."""

    cancelled = Signal()

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(36)
        self._texts = texts
        self.note = Label()
        self.note.setObjectName("note")
        self.note.setProperty("kind", "hint")
        # A long path must not widen the window.
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar()
        self.bar.setObjectName("progress")
        self.bar.setAccessibleName(texts("window.working"))
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(260)
        self.stop = QPushButton(texts("window.cancel"))
        self.stop.setObjectName("stop")
        self.stop.setProperty("kind", "small")
        self.stop.clicked.connect(self._stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 12, 0)
        row.setSpacing(12)
        row.addWidget(self.note, 1)
        row.addWidget(self.bar)
        row.addWidget(self.stop)
        self.end("")

    def say(self, text: str) -> None:
        self.note.setText(text)
        self.note.setToolTip(quoted(text))

    def begin(self) -> None:
        """Slow work has begun; how much there is to do is not known yet."""
        self.bar.setRange(0, 0)
        self.bar.show()
        self.stop.setEnabled(True)
        self.stop.show()
        self.say(self._texts("window.working"))

    def progress(self, done: int, total: int, label: str) -> None:
        """How far it is; `total` 0 where nobody knows."""
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        if self.stop.isEnabled():
            self.say(f"{self._texts(label)}  {done:,} / {total:,}" if total else self._texts(label))

    def end(self, text: str) -> None:
        """Back to the quiet line."""
        self.bar.hide()
        self.stop.hide()
        self.say(text)

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.say(self._texts("window.cancelling"))
        self.cancelled.emit()
