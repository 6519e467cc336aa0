"""What would come of some files: counts, the files with what needs a decision on top, and their cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSplitter, QTabWidget, QVBoxLayout, QWidget

from desktop.fields_model import FieldsModel
from desktop.import_facts import damage_line
from desktop.pages import Desk, card
from desktop.rows_model import RowsModel, table_view
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.importreport import FileReport, ImportReport

_COUNTS = ("new", "changed", "identical", "conflicts", "unread")
_FILE_HEADS = ("state", "file", "kind", "unit", "new", "changed", "identical", "conflicts", "rejected", "reason")
_REJECTED_HEADS = ("file", "sheet", "cell", "found", "reason")
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
        self.conflicts = FieldsModel(desk.store.scheme, texts, decides=True)
        self.changes = FieldsModel(desk.store.scheme, texts)
        self.rejections = RowsModel([texts(f"import.head.{name}") for name in _REJECTED_HEADS])
        self.conflicts.decided.connect(self.decided)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("importTabs")
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
        self.tabs.addTab(self._decisions(texts), "")
        self.tabs.addTab(
            table_view(self.rejections, "rejections", texts("import.problems"), (170, 100, 80, 170, 300), 4), ""
        )
        self.tabs.addTab(table_view(self.changes, "changes", texts("import.changed"), _FIELD_WIDTHS, 3), "")
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

    def _decisions(self, texts: Texts) -> QWidget:
        """The cells about which file and survey file disagree, with two ways to decide them all."""
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        line = QLabel(texts("import.conflict_line"))
        line.setProperty("kind", "hint")
        line.setWordWrap(True)
        row.addWidget(line, 1)
        for name, take in (("takeAll", True), ("keepAll", False)):
            button = QPushButton(texts(f"import.{name}"))
            button.setObjectName(name)
            button.setProperty("kind", "small")
            button.clicked.connect(lambda _checked=False, take=take: self.conflicts.take_all(take=take))
            row.addWidget(button)
        column.addLayout(row)
        table = table_view(self.conflicts, "importConflicts", texts("import.conflicts"), (52, *_FIELD_WIDTHS), 4)
        column.addWidget(table, 1)
        return page

    @property
    def chosen(self) -> FileReport | None:
        """The file that is looked at; None: all of them."""
        return self.files.object(self.list.currentIndex())  # type: ignore[no-any-return]

    def show_report(self, report: ImportReport) -> None:
        """What would come, or came, of the files, those that need a decision first."""
        from survey.importreport import FILE_STATES

        self._report = report
        self._names = dict(self._desk.store.execute("SELECT uscc, name FROM unit"))
        self._names |= {one.unit[0]: one.unit[1] for one in report.files if one.unit[1]}
        counts = {name: getattr(report, name, 0) for name in _COUNTS} | {"conflicts": len(report.collisions)}
        for name, label in self.cards.items():
            label.setText(f"{counts[name]:,}")
        files = sorted(report.files, key=lambda one: (FILE_STATES.index(one.state), one.path.name))
        self._list_files(files)
        self.list.setVisible(len(files) > 1)
        self._narrow()
        self.tabs.setCurrentIndex(next((at for at, count in enumerate(self._tab_counts()) if count), 2))

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
            texts(f"import.state.{one.state}"), one.path.name, texts(f"import.kind.{one.kind or 'none'}"),
            one.unit[1] or one.unit[0], *(f"{count:,}" if count else "" for count in counts), one.reason(texts),
        ]  # fmt: skip

    def _narrow(self, _index: QModelIndex | None = None) -> None:
        """The cells of the file that is looked at."""
        report, texts = self._report, self._desk.texts
        if report is None:
            return
        name = self.chosen.path.name if self.chosen else ""
        fields = [one for one in report.fields if name in ("", one.file)]
        self.conflicts.show([one for one in fields if not one.taken], self._names)
        self.changes.show([one for one in fields if one.taken], self._names)
        told = [(one.path.name, "", "", "", one.reason(texts)) for one in report.files if one.error]
        told += [(one.file, one.sheet, one.cell, one.found, one.reason(texts)) for one in report.rejections]
        told += [
            (one.file, one.sheet, one.cell, one.found, damage_line(one, texts)) for one in report.damage if one.taken
        ]
        self.rejections.set_rows([one for one in told if name in ("", one[0])])
        for at, (key, count) in enumerate(
            zip(("tab_conflicts", "tab_rejected", "tab_changed"), self._tab_counts(), strict=True)
        ):
            self.tabs.setTabText(at, texts(f"import.{key}", count=count))
        self.looked_at.emit()

    def _tab_counts(self) -> tuple[int, int, int]:
        return self.conflicts.rowCount(), self.rejections.rowCount(), self.changes.rowCount()
