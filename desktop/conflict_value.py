"""Another value than either side's, given for conflicts of one item."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.entry_dialogs import AskDialog
from desktop.merge_facts import item_name
from desktop.pages import Desk
from survey.conflicts import OpenConflict, typed
from survey.scalar import Value


class ConflictValueDialog(AskDialog):
    """`value` is what was given once it is accepted; nothing means blank. A list's code is found by its label too."""

    def __init__(self, found: Sequence[OpenConflict], desk: Desk, parent: QWidget) -> None:
        texts = desk.texts
        item = item_name(desk.store.scheme, found[0].item, 0, texts)
        facts = texts("conflicts.value_facts", count=len(found), item=item)
        super().__init__("conflictValue", texts("conflicts.choice.value"), facts, texts, parent)
        self._found = found
        self._store = desk.store
        self.value: Value = None
        self.text = QLineEdit()
        self.text.setObjectName("conflictText")
        self.text.setAccessibleName(item)
        self.body.addWidget(self.text)
        self.text.setFocus()

    def save(self) -> None:
        self.value = typed(self._store, self._found, self.text.text())
