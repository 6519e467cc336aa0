"""Which figures tables are written with: those of now, or of an edition that went out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QListWidget, QVBoxLayout, QWidget

from desktop.fitting import resize_within
from desktop.pages import Desk, hint

if TYPE_CHECKING:
    from indicators.edition import Heading


class SourceDialog(QDialog):
    """Enter takes the chosen line, Esc leaves. `taken` hears the number of an edition, None for the figures of now."""

    def __init__(
        self, desk: Desk, editions: Sequence[Heading], taken: Callable[[int | None], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        texts = desk.texts
        self._numbers = [None, *(one.id for one in editions)]
        self._taken = taken
        self.setObjectName("sourceDialog")
        self.setWindowTitle(texts("editions.source"))
        resize_within(self, 560, 360)
        self.list = QListWidget()
        self.list.setObjectName("source")
        self.list.setAccessibleName(texts("editions.source"))
        self.list.addItem(texts("editions.live", mark=texts("page.edition")))
        for one in editions:
            kind, at = texts(f"edition.kind.{one.kind}"), one.at[:16].replace("T", " ")
            facts = {"number": one.id, "kind": kind, "period": one.period, "at": at, "note": one.note or "—"}
            self.list.addItem(texts("editions.of", **facts))
        self.list.setCurrentRow(0)
        self.list.itemActivated.connect(lambda _item: self.accept())
        buttons = QDialogButtonBox()
        go_on = buttons.addButton(texts("editions.go_on"), QDialogButtonBox.ButtonRole.AcceptRole)
        go_on.setObjectName("goOn")
        go_on.setProperty("kind", "primary")
        go_on.setDefault(True)
        buttons.addButton(texts("window.cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(hint(texts("editions.source_hint")))
        column.addWidget(self.list, 1)
        column.addWidget(buttons)
        self.list.setFocus()

    def accept(self) -> None:
        """Once, also where Enter reaches both the list and the button."""
        if self.isVisible():
            super().accept()
            self._taken(self._numbers[self.list.currentRow()])
