"""What one return would change: its units to tick, and beside them their cells, before and after."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from desktop.fitting import Fitting, lower
from desktop.merge_facts import sender_name
from desktop.merge_models import CellsModel, Preview, UnitsModel
from desktop.pages import Desk, ShortLabel, hint
from desktop.plain import Label
from desktop.rows_model import fit_heads, table_view
from survey.codes import fold
from survey.mergereport import UNIT_KINDS, MergeReport, UnitOutcome


class MergePreview(QSplitter):
    """The units of the return that is looked at; `decided` tells that one was ticked or unticked."""

    decided = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        texts = desk.texts
        self._desk = desk
        self._preview: Preview | None = None
        # What a person leaves out, by return; it is kept while others are looked at.
        self.left_out: dict[Path, set[str]] = {}
        self.kinds = QComboBox()
        self.kinds.setObjectName("unitKinds")
        self.kinds.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.kinds.setAccessibleName(texts("merge.unit_head.kind"))
        self.kinds.activated.connect(self._narrow)
        self.search = QLineEdit()
        self.search.setObjectName("unitSearch")
        self.search.setPlaceholderText(texts("merge.search"))
        self.search.setAccessibleName(texts("merge.search"))
        self.search.textChanged.connect(self._narrow)
        self.units = UnitsModel(desk)
        self.units.decided.connect(self._keep)
        self.unit_view = table_view(self.units, "mergeUnits", texts("merge.kind.all"), (30, 76, 180, 64), 2)
        self.unit_view.selectionModel().currentChanged.connect(self._show_cells)
        self.cells = CellsModel(desk)
        self.cell_view = table_view(
            self.cells, "mergeCells", texts("merge.cell_head.item"), (118, 170, 88, 88, 88, 62, 84), 1
        )
        kinds = [texts(f"merge.kind.{kind}") for kind in UNIT_KINDS]
        widest = max(self.fontMetrics().horizontalAdvance(kind) for kind in kinds)
        self.unit_view.setColumnWidth(1, max(76, widest + 28))
        for view in (self.unit_view, self.cell_view):
            fit_heads(view)
        # The place in the return is in the tooltip too, what was sent before in the conflict.
        Fitting(self.unit_view, (3,), 150)
        self._cell_columns = Fitting(self.cell_view, (6, 2, 0), 110)
        self._count, self._caption, self._line = Label(), ShortLabel("section"), hint("")
        self._count.setProperty("kind", "section")
        self._line.setObjectName("unitLine")
        self._line.hide()
        self.setChildrenCollapsible(False)
        self.addWidget(self._left())
        self.addWidget(self._right())
        self.setSizes([420, 720])
        self.setHandleWidth(12)

    def _left(self) -> QWidget:
        texts = self._desk.texts
        row = QHBoxLayout()
        row.addWidget(self.kinds)
        row.addWidget(self.search, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self._count, 1)
        for name, take in (("tick_shown", True), ("untick_shown", False)):
            button = QPushButton(texts(f"merge.{name}"))
            button.setObjectName(name)
            button.setProperty("kind", "small")
            button.clicked.connect(lambda _checked=False, take=take: self.units.take_all(take=take))
            buttons.addWidget(button)
        return _column(row, buttons, self.unit_view)

    def _right(self) -> QWidget:
        row = QHBoxLayout()
        row.addWidget(self._caption, 1)
        lines = QHBoxLayout()
        lines.addWidget(self._line)
        return _column(row, lines, self.cell_view)

    def fit(self, *, tight: bool) -> None:
        """Whether there is little room."""
        lower((self.unit_view, self.cell_view), tight=tight)

    def forget(self) -> None:
        """Other returns are looked at."""
        self.left_out = {}
        self.show_report(None)

    def show_report(self, report: MergeReport | None) -> None:
        """The units of a return; none where it cannot be accepted."""
        self._preview = preview = Preview.of(report) if report and report.accepted else None
        self.kinds.clear()
        self.setVisible(preview is not None)
        if preview is None:
            return
        texts = self._desk.texts
        self.kinds.addItem(f"{texts('merge.kind.all')}  {len(preview.units):,}", "")
        for kind in UNIT_KINDS:
            if preview.kinds[kind]:
                self.kinds.addItem(f"{texts(f'merge.kind.{kind}')}  {preview.kinds[kind]:,}", kind)
        left = self.left_out.get(preview.report.path, set())
        self.units.taken = {one.uscc for one in preview.units} - left
        self._narrow()

    def _narrow(self, _changed: object = None) -> None:
        """The units of a kind whose name or code has what is searched for."""
        if self._preview is None:
            return
        kind, wanted = str(self.kinds.currentData() or ""), fold(self.search.text())
        units = [
            one
            for one in self._preview.units
            if kind in ("", one.kind) and (not wanted or wanted in fold(one.name) or wanted in fold(one.uscc))
        ]
        self.units.set_objects(units)
        self._tell_count()
        self._show_cells(QModelIndex())

    def _tell_count(self) -> None:
        assert self._preview
        facts = {"shown": f"{self.units.rowCount():,}", "count": f"{len(self._preview.units):,}"}
        self._count.setText(self._desk.texts("merge.units_of", **facts))

    def _keep(self) -> None:
        """What is not ticked is left out."""
        assert self._preview
        self.left_out[self._preview.report.path] = {one.uscc for one in self._preview.units} - self.units.taken
        self.decided.emit()

    def _show_cells(self, index: QModelIndex, _before: QModelIndex | None = None) -> None:
        """The cells of a unit; of the whole return where none is chosen."""
        preview = self._preview
        if preview is None:
            return
        unit, texts = self.units.unit(index), self._desk.texts
        cells = preview.by_unit.get(unit.uscc, []) if unit else preview.cells
        self.cells.set_cells(cells, preview.names)
        self._cell_columns.without({0} if unit else ())
        line = self._unit_line(unit) if unit else ""
        self._line.setText(line)
        self._line.setVisible(bool(line))
        if unit:
            self._caption.setText(texts("merge.cells_of_unit", name=unit.name, uscc=unit.uscc))
            return
        report = preview.report
        cut = report.cell_count > len(report.cells)
        count = report.cell_count + len(report.conflicts)
        facts = {"file": report.file, "count": f"{count:,}", "shown": f"{len(cells):,}"}
        self._caption.setText(texts("merge.cells_cut" if cut else "merge.cells_of_return", **facts))

    def _unit_line(self, unit: UnitOutcome) -> str:
        """What there is to say of a unit beside its cells."""
        assert self._preview
        texts, store = self._desk.texts, self._desk.store
        if unit.kind in ("new", "withdrawn"):
            return texts(f"merge.{unit.kind}_line")
        contest = next((one for one in self._preview.report.contests if one.uscc == unit.uscc), None)
        if contest is None:
            return ""
        senders = "、".join(sender_name(store, one, texts) for one in contest.senders)
        return texts("merge.contest_line", senders=senders, counted=sender_name(store, contest.counted, texts))


def _column(*parts: QHBoxLayout | QWidget) -> QWidget:
    """Rows, and the table below them."""
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part, 1)
        else:
            column.addLayout(part)
    return whole
