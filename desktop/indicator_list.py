"""Indicators to choose from: ticked ones are taken, in the order in which they stand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem

from desktop.plain import quoted
from indicators.catalogue import Catalogue
from survey.texts import Texts

_ID = Qt.ItemDataRole.UserRole


class IndicatorList(QListWidget):
    """Space ticks, Alt+↑ and Alt+↓ move, the mouse drags; `chosen` says that what is taken has changed."""

    chosen = Signal()

    def __init__(self, catalogue: Catalogue, texts: Texts) -> None:
        super().__init__()
        self.setObjectName("tableIndicators")
        self.setAccessibleName(texts("designer.indicators"))
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self._labels = {
            one.id: f"{one.id}  {texts.pick(one.label, one.label_en)} ({texts.pick(one.unit, one.unit_en)})"
            for one in catalogue.indicators.values()
        }
        self.take(())
        self.itemChanged.connect(lambda _item: self.chosen.emit())
        self.model().rowsMoved.connect(lambda *_: self.chosen.emit())

    @property
    def taken(self) -> tuple[str, ...]:
        """The ticked indicators from the top."""
        items = [self.item(at) for at in range(self.count())]
        return tuple(str(one.data(_ID)) for one in items if one.checkState() == Qt.CheckState.Checked)

    def take(self, names: Sequence[str]) -> None:
        """Ticks some and puts them on top, the others below in the order of the scheme."""
        self.blockSignals(True)
        self.clear()
        known = [name for name in names if name in self._labels]
        for name in [*known, *(name for name in self._labels if name not in known)]:
            item = QListWidgetItem(self._labels[name], self)
            item.setData(_ID, name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setToolTip(quoted(self._labels[name]))
            item.setCheckState(Qt.CheckState.Checked if name in known else Qt.CheckState.Unchecked)
        self.setCurrentRow(0)
        self.blockSignals(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in steps:
            self.move_current(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def move_current(self, step: int) -> None:
        """The current indicator one place up or down."""
        row = self.currentRow()
        if 0 <= row + step < self.count():
            self.insertItem(row + step, self.takeItem(row))
            self.setCurrentRow(row + step)
            self.chosen.emit()
