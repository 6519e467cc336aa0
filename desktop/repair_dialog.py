"""Which proposed repairs of spoilt codes to take: each with its cell, what stands there, and the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QTableWidget, QTableWidgetItem, QWidget

from desktop.entry_dialogs import AskDialog
from desktop.plain import quoted
from desktop.rows_model import calm_table
from survey.errors import SurveyError
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.importreport import Damage, Place
    from survey.repairs import Proposal

_HEADS = ("take", "cell", "found", "name", "proposal", "damage", "evidence")


class RepairDialog(AskDialog):
    """One row a proposal; nothing is ticked until the officer ticks it, and of one cell only one."""

    def __init__(self, damage: Sequence[Damage], texts: Texts, parent: QWidget) -> None:
        super().__init__("repairDialog", texts("import.repair_title"), texts("import.repair_line"), texts, parent)
        self.setMinimumSize(760, 420)
        self.resize(1160, 480)
        self.taken: dict[Place, str] = {}
        self._rows = [(one, proposal) for one in damage for proposal in one.proposals]
        self._alone = {one.place for one in damage if len(one.proposals) == 1}
        self.table = QTableWidget(len(self._rows), len(_HEADS))
        self.table.setHorizontalHeaderLabels([texts(f"import.repair_head.{head}") for head in _HEADS])
        calm_table(self.table, "proposals", texts("import.repair_title"), (52, 130, 165, 150, 170, 210), 6)
        for at, (one, proposal) in enumerate(self._rows):
            self._fill(at, one, proposal)
        self.single = QPushButton(texts("import.repair_single", count=len(self._alone)))
        self.single.setObjectName("tickSingle")
        self.single.setProperty("kind", "plain")
        self.single.setEnabled(bool(self._alone))
        self.single.clicked.connect(self._tick_single)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.single, 0, Qt.AlignmentFlag.AlignLeft)
        self.table.setFocus()
        if self._rows:
            self.table.setCurrentCell(0, 0)

    def save(self) -> None:
        taken: dict[Place, str] = {}
        for at, (one, proposal) in enumerate(self._rows):
            if self._tick(at).checkState() is Qt.CheckState.Checked:
                if one.place in taken:
                    raise SurveyError("repair_twice", cell=one.cell, found=one.found)
                taken[one.place] = proposal.code
        self.taken = taken

    def _fill(self, at: int, one: Damage, proposal: Proposal) -> None:
        texts = self._texts
        where = f"{one.file} {one.sheet}!{one.cell}"
        evidence = texts(f"import.evidence.{proposal.evidence}")
        shown = ("", where, one.found, one.name, proposal.code, one.evidence(texts), evidence)
        for column, text in enumerate(shown):
            entry = QTableWidgetItem(text)
            entry.setToolTip(quoted(text))
            self.table.setItem(at, column, entry)
        tick = self._tick(at)
        tick.setFlags(tick.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        tick.setCheckState(Qt.CheckState.Unchecked)
        tick.setData(
            Qt.ItemDataRole.AccessibleTextRole, texts("import.repair_tick", found=one.found, code=proposal.code)
        )

    def _tick(self, at: int) -> QTableWidgetItem:
        found = self.table.item(at, 0)
        assert found is not None
        return found

    def _tick_single(self) -> None:
        """Ticks the proposals that stand alone for their cell."""
        for at, (one, _) in enumerate(self._rows):
            if one.place in self._alone:
                self._tick(at).setCheckState(Qt.CheckState.Checked)
