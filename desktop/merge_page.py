"""The city's merge: returns are looked at first, then taken, each all or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QLabel

from desktop.pages import Desk, Page, hint
from desktop.rows_model import RowsModel, table_view
from desktop.worker import Progress

if TYPE_CHECKING:
    from survey.merge import MergeReport


class MergePage(Page):
    """Choose or drop returns, look at what they bring, merge them."""

    def __init__(self, desk: Desk) -> None:
        texts = desk.texts
        super().__init__(texts("merge.title"), texts("merge.hint"))
        self._desk = desk
        self._paths: list[Path] = []
        self.setAcceptDrops(True)
        self.choose = self.button(texts("merge.choose"), "choose", self._choose)
        self.take = self.button(texts("merge.take"), "take", self._take, primary=True)
        self.take.setEnabled(False)
        self._line = hint(texts("merge.none"))
        self._line.setObjectName("mergeResult")
        self.body.addWidget(self._line)
        names = ("file", "district", "period", "new", "changed", "identical", "conflicts", "verdict")
        self.model = RowsModel([texts(f"merge.head.{name}") for name in names], right=(3, 4, 5, 6))
        widths = (200, 110, 70, 70, 70, 70, 70, 300)
        self.table = table_view(self.model, "returns", texts("merge.title"), widths, 7)
        self.body.addWidget(self.table, 2)
        caption = QLabel(texts("merge.conflicts"))
        caption.setObjectName("section")
        self.body.addWidget(caption)
        columns = ("file", "uscc", "kind", "item", "kept", "offered")
        self.conflicts = RowsModel([texts(f"merge.head.{name}") for name in columns])
        self.conflict_table = table_view(
            self.conflicts, "conflicts", texts("merge.conflicts"), (180, 180, 220, 160, 140, 140), 2
        )
        self.body.addWidget(self.conflict_table, 1)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.toLocalFile().endswith(".xlsx") for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        names = [url.toLocalFile() for url in event.mimeData().urls()]
        self.look_at([Path(name) for name in names if name.endswith(".xlsx")])

    def look_at(self, paths: list[Path]) -> None:
        """A dry run of some returns."""
        self._paths = paths
        self.take.setEnabled(False)
        self._run(dry_run=True)

    def _choose(self) -> None:
        texts, folder = self._desk.texts, str(self._desk.settings.folder)
        names, _ = QFileDialog.getOpenFileNames(self, texts("merge.choose"), folder, "Excel (*.xlsx)")
        if names:
            self.look_at([Path(name) for name in sorted(names)])

    def _take(self) -> None:
        self._run(dry_run=False)

    def _run(self, *, dry_run: bool) -> None:
        file, paths = self._desk.path, list(self._paths)

        def work(progress: Progress) -> list[MergeReport]:
            from survey import store
            from survey.merge import merge

            opened = store.open(file)
            try:
                return merge(opened, paths, dry_run=dry_run, progress=progress)
            finally:
                opened.close()

        self._desk.worker.start(work, lambda reports: self._show(reports, dry_run=dry_run), self._desk.fail)

    def _show(self, reports: list[MergeReport], *, dry_run: bool) -> None:
        texts, scheme = self._desk.texts, self._desk.store.scheme
        rows, tones, conflicts = [], [], []
        for one in reports:
            key = "refused" if not one.accepted else "repeated" if one.repeated else "can" if dry_run else "merged"
            verdict = one.reason(texts) if key == "refused" else texts(f"merge.{key}")
            counts = (one.new, one.changed, one.identical, len(one.conflicts))
            place = scheme.districts.label(one.district, texts.lang)
            rows.append((one.file, place, one.period, *(f"{count:,}" for count in counts), verdict))
            tones.append(self._desk.colours.bad if key == "refused" else self._desk.colours.good)
            for conflict in one.conflicts:
                item = scheme.label(conflict.item, texts.lang) if conflict.item else "—"
                named = conflict.kind == "two_districts"
                sides = [
                    scheme.districts.label(side, texts.lang) if named else "" if side is None else str(side)
                    for side in (conflict.kept, conflict.offered)
                ]
                conflicts.append((one.file, conflict.uscc, texts(f"merge.kind.{conflict.kind}"), item, *sides))
        self.model.set_rows(rows, reports, tones=tones)
        self.conflicts.set_rows(conflicts)
        accepted = sum(one.accepted for one in reports)
        units = sum(one.new + one.changed for one in reports)
        key = "would" if dry_run else "did"
        self._line.setText(texts(f"merge.{key}", accepted=accepted, refused=len(reports) - accepted, units=units))
        self.take.setEnabled(dry_run and accepted > 0)
        if not dry_run:
            self._desk.changed()
