"""What would come of some files: counts, the files with what needs a decision on top, and their cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSplitter, QTabWidget, QVBoxLayout, QWidget

from desktop.import_facts import field_texts
from desktop.magnitude_words import what
from desktop.pages import Desk, card
from desktop.plain import Label
from desktop.rows_model import RowsModel, table_view
from desktop.ticked_model import TickedModel
from survey.texts import Texts

if TYPE_CHECKING:
    from decimal import Decimal

    from survey.importreport import ColumnPlace, Field, FileReport, ImportReport, OtherUnit
    from survey.proposal import Proposal, ProposalKey
    from survey.taking import Decision

    Suspected = ColumnPlace | ProposalKey

_COUNTS = ("new", "changed", "identical", "conflicts", "unread")
_FILE_HEADS = ("state", "file", "kind", "unit", "new", "changed", "identical", "conflicts", "rejected", "reason")
_FIELD_HEADS = ("file", "place", "unit", "item", "before", "after")
_REJECTED_HEADS = ("file", "sheet", "cell", "found", "reason")
_SUSPECT_HEADS = ("unit", "what", "cells", "checks", "sure")
_FIELD_WIDTHS = (170, 110, 190, 190, 130, 130)


class ImportOutcome(QWidget):
    """The outcome of a rehearsal or an import.

    `decided` tells that the officer has ticked something, `looked_at` that another file is.
    """

    decided = Signal()
    looked_at = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        texts = desk.texts
        self._report: ImportReport | None = None
        self._names: dict[str, str] = {}
        self.cards: dict[str, QLabel] = {}
        self.files = RowsModel([texts(f"import.file_head.{name}") for name in _FILE_HEADS], right=range(4, 9))
        self.list = table_view(self.files, "importFileList", texts("import.files_title"),
                               (78, 230, 60, 170, 58, 58, 58, 66, 66), 9)  # fmt: skip
        self.list.selectionModel().currentChanged.connect(self._narrow)
        heads, tick = [texts(f"import.field_head.{name}") for name in _FIELD_HEADS], texts("import.field_head.take")
        self.conflicts: TickedModel[Field, Decision] = TickedModel(
            [tick, *heads], self._field, lambda one: one.key, self._tick, right=(5, 6)
        )
        self.changes: TickedModel[Field, Decision] = TickedModel(heads, self._field, right=(4, 5))
        self.suspects: TickedModel[Proposal | OtherUnit, Suspected] = TickedModel(
            [tick, *(texts(f"import.suspect_head.{name}") for name in _SUSPECT_HEADS)],
            self._suspect, _key, lambda one: texts("import.take_unit", name=self._suspect(one)[0]), right=(3, 4),
        )  # fmt: skip
        self.rejections = RowsModel([texts(f"import.head.{name}") for name in _REJECTED_HEADS])
        self.conflicts.decided.connect(self.decided)
        self.suspects.decided.connect(self.decided)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("importTabs")
        self.tabs.setAccessibleName(texts("import.title"))
        self._lay_out(texts)

    def _lay_out(self, texts: Texts) -> None:
        cards = QHBoxLayout()
        cards.setSpacing(10)
        for name in _COUNTS:
            frame, label = card(texts(f"import.{name}"), "—")
            label.setObjectName(f"import_{name}")
            label.setAccessibleName(texts(f"import.{name}"))
            cards.addWidget(frame, 1)
            self.cards[name] = label
        fields = table_view(self.conflicts, "importConflicts", texts("import.conflicts"), (52, *_FIELD_WIDTHS), 4)
        units = table_view(self.suspects, "suspects", texts("import.suspects"), (52, 230, 320, 80, 120, 90), 2)
        rejected = table_view(self.rejections, "rejections", texts("import.problems"), (170, 100, 80, 170, 300), 4)
        changes = table_view(self.changes, "changes", texts("import.changed"), _FIELD_WIDTHS, 3)
        self.tabs.addTab(_decision("conflict", fields, self.conflicts, texts), "")
        self.tabs.addTab(_decision("suspect", units, self.suspects, texts), "")
        self.tabs.addTab(rejected, "")
        self.tabs.addTab(changes, "")
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(10)
        split.addWidget(self.list)
        split.addWidget(self.tabs)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(cards)
        column.addWidget(split, 1)

    @property
    def chosen(self) -> FileReport | None:
        """The file that is looked at; None: all of them."""
        return self.files.object(self.list.currentIndex())  # type: ignore[no-any-return]

    @property
    def anything_taken(self) -> bool:
        """Whether the officer has decided that a file is right about something."""
        return bool(self.conflicts.taken or self.suspects.taken)

    @property
    def converted(self) -> frozenset[ProposalKey]:
        """The units whose amounts are to be converted."""
        taken, report = self.suspects.taken, self._report
        return frozenset(one.key for one in (report.suspects if report else ()) if one.key in taken)

    @property
    def units(self) -> dict[ColumnPlace, Decimal]:
        """The columns that are to be converted, with their factors."""
        taken, report = self.suspects.taken, self._report
        proposed = report.units_proposed if report else {}
        return {place: factor for place, factor in proposed.items() if place in taken}

    def forget(self) -> None:
        """Nothing is decided about other files."""
        self.conflicts.taken.clear()
        self.suspects.taken.clear()

    def show_report(self, report: ImportReport) -> None:
        """What would come, or came, of the files, those that need a decision first."""
        from survey.importreport import FILE_STATES

        self._report = report
        self._names = dict(self._desk.store.execute("SELECT uscc, name FROM unit"))
        self._names |= {one.unit[0]: one.unit[1] for one in report.files if one.unit[1]}
        counts = {name: getattr(report, name, 0) for name in _COUNTS} | {"conflicts": len(report.collisions)}
        for name, label in self.cards.items():
            label.setText(f"{counts[name]:,}")
        files = sorted(report.files, key=lambda one: (FILE_STATES.index(one.state), one.name))
        self._list_files(files)
        self.list.setVisible(len(files) > 1)
        self._narrow()
        counted = [at for at, (_, count) in enumerate(self._tabs()) if count]
        self.tabs.setCurrentIndex(counted[0] if counted else len(self._tabs()) - 1)

    def _list_files(self, files: Sequence[FileReport]) -> None:
        texts, colours = self._desk.texts, self._desk.colours
        everything = ["", texts("import.all_files", count=len(files)), *[""] * (len(_FILE_HEADS) - 2)]
        tones = {"refused": colours.bad, "collision": colours.warn, "rejected": colours.warn}
        self.files.set_rows(
            [everything, *(self._file(one) for one in files)], [None, *files],
            tones=["", *(tones.get(one.state, "") for one in files)],
        )  # fmt: skip
        self.list.setCurrentIndex(self.files.index(0, 0))

    def _file(self, one: FileReport) -> list[str]:
        texts = self._desk.texts
        counts = (one.new, one.changed, one.identical, one.collisions, one.rejected)
        return [
            texts(f"import.state.{one.state}"), one.name, texts(f"import.kind.{one.kind or 'none'}"),
            one.unit[1] or one.unit[0], *(f"{count:,}" if count else "" for count in counts), one.reason(texts),
        ]  # fmt: skip

    def _narrow(self, _index: QModelIndex | None = None) -> None:
        """The cells of the file that is looked at."""
        report, texts = self._report, self._desk.texts
        if report is None:
            return
        name = self.chosen.name if self.chosen else ""
        fields = [one for one in report.fields if name in ("", one.file)]
        self.conflicts.set_objects([one for one in fields if not one.taken])
        self.changes.set_objects([one for one in fields if one.taken])
        columns = [one for one in report.units_differ if name in ("", one.file)]
        self.suspects.set_objects(
            [*columns, *(report.suspects if self.chosen is None else report.suspects_of(self.chosen))]
        )
        told = [(one.name, "", "", "", one.reason(texts)) for one in report.files if one.error]
        told += [(one.file, one.sheet, one.cell, one.found, one.reason(texts)) for one in report.rejections]
        told += [(one.file, one.sheet, one.cell, one.found, one.in_words(texts)) for one in report.damage if one.taken]
        self.rejections.set_rows([one for one in told if name in ("", one[0])])
        for at, (key, count) in enumerate(self._tabs()):
            self.tabs.setTabText(at, texts(f"import.tab_{key}", count=count))
        self.tabs.setTabVisible(1, bool(report.suspects or report.units_differ))
        self.looked_at.emit()

    def _tabs(self) -> list[tuple[str, int]]:
        models = (self.conflicts, self.suspects, self.rejections, self.changes)
        return list(
            zip(
                ("conflicts", "suspects", "rejected", "changed"), (model.rowCount() for model in models), strict=True
            )
        )  # fmt: skip

    def _field(self, one: Field) -> Sequence[str]:
        return field_texts(one, self._names, self._desk.store.scheme, self._desk.texts)

    def _tick(self, one: Field) -> str:
        texts = self._desk.texts
        return texts("import.take_cell", label=self._desk.store.scheme.label(one.item, texts.lang))

    def _suspect(self, one: Proposal | OtherUnit) -> Sequence[str]:
        from survey.importreport import OtherUnit

        texts = self._desk.texts
        if isinstance(one, OtherUnit):
            facts = {"heading": one.heading, "unit": one.unit, "wanted": one.wanted, "times": f"{one.factor:f}"}
            return f"{one.file} {one.sheet}!{one.column}", texts("import.column_unit", **facts), "", "", ""
        return (
            f"{one.uscc} {one.name}", what(one, self._desk.store.scheme, texts), f"{len(one.cells):,}",
            f"{len(one.failed_before):,} → {len(one.failed_after):,}",
            texts("magnitude.sure" if one.sure else "magnitude.doubtful"),
        )  # fmt: skip


def _key(one: Proposal | OtherUnit) -> Suspected:
    from survey.importreport import OtherUnit

    return one.place if isinstance(one, OtherUnit) else one.key


def _decision(name: str, table: QWidget, model: TickedModel[Any, Any], texts: Texts) -> QWidget:
    """Rows to decide about, with what a tick means, and two ways to decide them all."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 6, 0, 0)
    column.setSpacing(6)
    row = QHBoxLayout()
    line = Label(texts(f"import.{name}_line"))
    line.setProperty("kind", "hint")
    line.setWordWrap(True)
    row.addWidget(line, 1)
    for key, take in ((f"{name}_take_all", True), (f"{name}_keep_all", False)):
        button = QPushButton(texts(f"import.{key}"))
        button.setObjectName(key)
        button.setProperty("kind", "small")
        button.clicked.connect(lambda _checked=False, take=take: model.take_all(take=take))
        row.addWidget(button)
    column.addLayout(row)
    column.addWidget(table, 1)
    return page
