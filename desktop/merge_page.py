"""The city's merge: returns are looked at first, then taken, each all or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QStackedWidget

from desktop.pages import Desk, Nothing, Page, result_line
from desktop.rows_model import RowsModel, table_view
from survey.progress import Progress
from survey.record import show_value

if TYPE_CHECKING:
    from survey.mergereport import Conflict, Contest, MergeReport


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
        self._line = result_line("mergeResult")
        self.body.addWidget(self._line)
        names = ("file", "district", "period", "new", "changed", "identical", "conflicts", "verdict")
        self.model = RowsModel([texts(f"merge.head.{name}") for name in names], right=(3, 4, 5, 6))
        widths = (250, 120, 76, 84, 84, 88, 88, 300)
        self.table = table_view(self.model, "returns", texts("merge.title"), widths, 7)
        self._drop = Nothing(desk.icons, "merge", texts("merge.drop"), texts("merge.none"), "dropHere")
        self._drop.setProperty("kind", "drop")
        self._drop.offer(texts("merge.choose"), "chooseHere", self._choose, primary=True)
        self._either = QStackedWidget()
        self._either.addWidget(self._drop)
        self._either.addWidget(self.table)
        self.body.addWidget(self._either, 2)
        self._caption = QLabel(texts("merge.conflicts"))
        self._caption.setProperty("kind", "section")
        self.body.addWidget(self._caption)
        columns = ("file", "uscc", "kind", "item", "kept", "offered")
        self.conflicts = RowsModel([texts(f"merge.head.{name}") for name in columns])
        self.conflict_table = table_view(
            self.conflicts, "conflicts", texts("merge.conflicts"), (180, 180, 220, 160, 140, 140), 2
        )
        self.body.addWidget(self.conflict_table, 1)
        self._detail = result_line("mergeDetail")
        self.body.insertWidget(2, self._detail)
        self.table.selectionModel().currentChanged.connect(self._tell)
        for widget in (self._caption, self.conflict_table):
            widget.hide()

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
            self._desk.settings.folder = Path(names[0]).parent
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
        texts, colours = self._desk.texts, self._desk.colours
        self.model.set_rows(
            [self._row(one, dry_run=dry_run) for one in reports],
            reports,
            tones=[colours.good if one.accepted else colours.bad for one in reports],
        )
        conflicts = [self._conflict_row(one.file, conflict) for one in reports for conflict in one.conflicts]
        conflicts += [self._contest_row(one.file, contest) for one in reports for contest in one.contests]
        self.conflicts.set_rows(conflicts)
        for widget in (self._caption, self.conflict_table):
            widget.setVisible(bool(conflicts))
        accepted = sum(one.accepted for one in reports)
        facts = {"accepted": accepted, "refused": len(reports) - accepted}
        facts["units"] = sum(one.new + one.changed for one in reports)
        news = any(one.accepted and not one.repeated for one in reports)
        key = "did" if not dry_run else "would" if news or facts["refused"] else "nothing_new"
        self._line.setText(texts(f"merge.{key}", **facts))
        self._line.show()
        self._either.setCurrentWidget(self.table)
        self.take.setEnabled(dry_run and news)
        self._select_refused(reports)
        if not dry_run:
            self._desk.changed()

    def _row(self, one: MergeReport, *, dry_run: bool) -> tuple[str, ...]:
        texts = self._desk.texts
        place = self._desk.store.scheme.districts.label(one.district, texts.lang)
        if not one.accepted:
            return (one.file, place, one.period, "—", "—", "—", "—", one.reason(texts))
        verdict = texts("merge.repeated" if one.repeated else "merge.can" if dry_run else "merge.merged")
        verdict += texts("merge.draft") if one.draft else ""
        counts = (f"{count:,}" for count in (one.new, one.changed, one.identical, len(one.conflicts)))
        return (one.file, place, one.period, *counts, verdict)

    def _conflict_row(self, file: str, conflict: Conflict) -> tuple[str, ...]:
        texts, scheme = self._desk.texts, self._desk.store.scheme
        item = scheme.item(conflict.item)
        sides = (conflict.kept, conflict.offered)
        values = [show_value(item, side, scheme.lists, texts.lang) for side in sides]
        return (file, conflict.uscc, texts("merge.kind.city_edit"), texts.pick(item.label, item.label_en), *values)

    def _contest_row(self, file: str, contest: Contest) -> tuple[str, ...]:
        texts, districts = self._desk.texts, self._desk.store.scheme.districts
        others = "、".join(districts.label(one, texts.lang) for one in contest.senders if one != contest.counted)
        counted = districts.label(contest.counted, texts.lang)
        return (file, contest.uscc, texts("merge.kind.two_districts"), "—", counted, others)

    def _select_refused(self, reports: list[MergeReport]) -> None:
        """The first return that was refused is chosen, so that its reason is read in full."""
        refused = [at for at, one in enumerate(reports) if not one.accepted]
        self._detail.hide()
        if refused:
            self.table.setCurrentIndex(self.model.index(refused[0], 0))

    def _tell(self, index: QModelIndex) -> None:
        report = self.model.object(index)
        self._detail.setVisible(bool(report) and not report.accepted)
        if report and not report.accepted:
            self._detail.setText(report.reason(self._desk.texts))
