"""The rows of the merge's preview: returns and units with ticks, the cells of a unit, made as they are looked at."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor

from desktop.merge_facts import item_name, sender_name, shown
from desktop.pages import Desk
from desktop.plain import quoted
from desktop.rows_model import Index
from desktop.ticked_model import TickedModel
from survey.manifest import cell_of
from survey.mergereport import UNIT_KINDS, CellChange, Conflict

if TYPE_CHECKING:
    from survey.mergereport import MergeReport, UnitOutcome

RETURN_HEADS = (
    "file", "sender", "sequence", "new", "changed", "identical", "withdrawn", "conflicts", "contested", "verdict",
)  # fmt: skip
UNIT_HEADS = ("kind", "name", "cells")
CELL_HEADS = ("unit", "item", "base", "before", "after", "outcome", "cell")


def takable(one: MergeReport) -> bool:
    """Whether a return is one that can be accepted and brings something to record."""
    return one.accepted and not one.repeated


@dataclass(frozen=True)
class Preview:
    """A return with its units, what needs a look first, and its cells by unit."""

    report: MergeReport
    units: Sequence[UnitOutcome]
    cells: Sequence[CellChange | Conflict]
    by_unit: dict[str, list[CellChange | Conflict]]
    names: dict[str, str]
    kinds: Counter[str]

    @staticmethod
    def of(report: MergeReport) -> Preview:
        """A report, laid out to be looked at."""
        place = {kind: at for at, kind in enumerate(UNIT_KINDS)}
        units = sorted(report.units, key=lambda one: (place[one.kind], one.uscc))
        cells: list[CellChange | Conflict] = [*report.conflicts, *report.cells]
        by_unit = defaultdict(list)
        for one in cells:
            by_unit[one.uscc].append(one)
        names = {one.uscc: one.name for one in units}
        return Preview(report, units, cells, dict(by_unit), names, Counter[str](one.kind for one in units))


class ReturnsModel(TickedModel["MergeReport", Path]):
    """The returns that are looked at; those that can be accepted have a tick."""

    def __init__(self, desk: Desk) -> None:
        texts = desk.texts
        heads = ["", *(texts(f"merge.head.{name}") for name in RETURN_HEADS)]
        super().__init__(heads, self._texts_of, _path, self._said, right=range(3, 10))
        self._desk = desk
        self._rehearsed = True
        # Returns that may come out differently from how they are shown, since others before them were decided on.
        self._stale: frozenset[Path] = frozenset()

    def set_reports(self, reports: Sequence[MergeReport], *, rehearsed: bool) -> None:
        """What would become of some returns, all ticked; or what became of them."""
        self._rehearsed = rehearsed
        self._stale = frozenset()
        self.taken = {one.path for one in reports if rehearsed and takable(one)}
        self.set_objects(reports)

    def doubt(self, stale: Collection[Path]) -> None:
        """Which returns may come out differently by now."""
        if self._stale != frozenset(stale):
            self._stale = frozenset(stale)
            last = len(RETURN_HEADS)
            self.dataChanged.emit(self.index(0, last), self.index(self.rowCount() - 1, last))

    def report(self, index: Index) -> MergeReport | None:
        """The return of a row."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    @property
    def reports(self) -> Sequence[MergeReport]:
        """All of them."""
        return self._rows

    def _ticks(self, index: Index) -> bool:
        return self._rehearsed and takable(self._rows[index.row()])

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = super().flags(index)
        return found if self._ticks(index) else found & ~Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.column() == 0 and not self._ticks(index):
            return None
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == len(RETURN_HEADS):
            return QBrush(QColor(self._tone(self._rows[index.row()])))
        return super().data(index, role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if not self._ticks(index) or not super().setData(index, value, role):
            return False
        self.dataChanged.emit(index, self.index(index.row(), self.columnCount() - 1))
        return True

    def _tone(self, one: MergeReport) -> str:
        colours = self._desk.colours
        if not one.accepted:
            return colours.bad
        if self._rehearsed and takable(one) and one.path not in self.taken:
            return colours.muted
        if one.path in self._stale:
            return colours.warn
        return colours.warn if one.superseded or one.draft or one.withdrawn or one.gap else colours.good

    def _texts_of(self, one: MergeReport) -> Sequence[str]:
        texts, sender = self._desk.texts, sender_name(self._desk.store, one.district, self._desk.texts)
        if not one.accepted:
            return (one.file, sender, str(one.sequence or ""), *["—"] * 6, one.reason(texts))
        counts = (one.new, one.changed, one.identical, one.withdrawn, len(one.conflicts), len(one.contests))
        return (one.file, sender, str(one.sequence), *(f"{count:,}" for count in counts), self._verdict(one))

    def _verdict(self, one: MergeReport) -> str:
        texts = self._desk.texts
        if one.repeated:
            key = "repeated"
        elif one.superseded:
            key = "superseded"
        elif self._rehearsed:
            key = "not_ticked" if one.path not in self.taken else "stale" if one.path in self._stale else "can"
        else:
            key = "merged"
        return texts(f"merge.{key}") + (texts("merge.draft") if one.draft else "")

    def _said(self, one: MergeReport) -> str:
        return self._desk.texts("merge.take_return", file=one.file)


class UnitsModel(TickedModel["UnitOutcome", str]):
    """The units of a return; what is not ticked is left out of it."""

    def __init__(self, desk: Desk) -> None:
        texts = desk.texts
        heads = ["", *(texts(f"merge.unit_head.{name}") for name in UNIT_HEADS)]
        super().__init__(heads, self._texts_of, _uscc, self._said, right=(3,))
        self._desk = desk

    def unit(self, index: Index) -> UnitOutcome | None:
        """The unit of a row."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 1:
            colours, kind = self._desk.colours, self._rows[index.row()].kind
            tones = {"conflict": colours.warn, "contested": colours.warn, "withdrawn": colours.bad, "new": colours.good}
            return QBrush(QColor(tones.get(kind, colours.ink if kind == "changed" else colours.muted)))
        if role == Qt.ItemDataRole.ToolTipRole and index.column():
            one = self._rows[index.row()]
            return quoted(f"{one.uscc}\n{one.name}")
        return super().data(index, role)

    def _texts_of(self, one: UnitOutcome) -> Sequence[str]:
        count = one.changes + one.conflicts
        kind = self._desk.texts(f"merge.kind.{one.kind}")
        return kind, one.name, f"{count:,}" if count else ""

    def _said(self, one: UnitOutcome) -> str:
        return self._desk.texts("merge.take_unit", name=one.name)


class CellsModel(TickedModel["CellChange | Conflict", str]):
    """Cells that change or wait, with where they stand in the return."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            [desk.texts(f"merge.cell_head.{name}") for name in CELL_HEADS], self._texts_of, right=(2, 3, 4)
        )
        self._desk = desk
        self._names: dict[str, str] = {}

    def set_cells(self, cells: Sequence[CellChange | Conflict], names: dict[str, str]) -> None:
        """Other cells, and what their units are called."""
        self._names = names
        self.set_objects(cells)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == CELL_HEADS.index("outcome"):
            waits = isinstance(self._rows[index.row()], Conflict)
            return QBrush(QColor(self._desk.colours.warn if waits else self._desk.colours.good))
        return super().data(index, role)

    def _texts_of(self, one: CellChange | Conflict) -> Sequence[str]:
        texts, scheme = self._desk.texts, self._desk.store.scheme
        waits = isinstance(one, Conflict)
        sides = (one.base, one.kept, one.offered) if isinstance(one, Conflict) else (one.before, one.before, one.after)
        values = [shown(scheme, one.item, value, texts) for value in sides]
        outcome = texts("merge.outcome.waits" if waits else "merge.outcome.taken")
        cell = cell_of(scheme.form_of(one.item), one.item, one.row) if one.row else ""
        item = item_name(scheme, one.item, one.line, texts)
        return self._names.get(one.uscc, one.uscc), item, *values, outcome, cell


def _path(one: MergeReport) -> Path:
    return one.path


def _uscc(one: UnitOutcome) -> str:
    return one.uscc
