"""The merge: returns are looked at first, then taken, each all or nothing, with or without some of their units."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QSplitter, QStackedWidget, QWidget

from desktop.dropping import may_be_returns, paths_of, returns_in
from desktop.entry_dialogs import ReasonDialog
from desktop.merge_facts import below_name, warnings
from desktop.merge_models import ReturnsModel, takable
from desktop.merge_preview import MergePreview
from desktop.pages import Desk, Nothing, Page, result_line
from desktop.rows_model import fit_heads, table_view
from survey.errors import SurveyError
from survey.progress import Progress
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.mergereport import MergeReport


class MergePage(Page):
    """Choose or drop returns, look at what they bring, accept them whole or in part, or reject them.

    `received` tells that a return came in or was rejected.
    """

    received = Signal()

    def __init__(self, desk: Desk) -> None:
        texts, below = desk.texts, below_name(desk.store, desk.texts)
        super().__init__(texts("merge.title"), texts("merge.hint", below=below))
        self._desk = desk
        self._rehearsed = False
        self.setAcceptDrops(True)
        self.choose = self.button(texts("merge.choose"), "choose", self.ask)
        self.refuse = self.button(texts("merge.reject"), "reject", self._reject)
        self.take = self.button(texts("merge.take_none"), "take", self._take, primary=True)
        self._line = result_line("mergeResult")
        self.body.addWidget(self._line)
        self.model = ReturnsModel(desk)
        self.model.decided.connect(self._enable)
        widths = (30, 230, 92, 52, 60, 60, 60, 60, 60, 60, 260)
        self.table = table_view(self.model, "returns", texts("merge.title"), widths, 10)
        fit_heads(self.table)
        self.table.selectionModel().currentChanged.connect(self._tell)
        self._detail = result_line("mergeDetail")
        self._warning = QLabel()
        self._warning.setObjectName("mergeWarning")
        self._warning.setProperty("kind", "banner")
        self._warning.setTextFormat(Qt.TextFormat.PlainText)
        self._warning.setWordWrap(True)
        self.preview = MergePreview(desk)
        self.preview.decided.connect(self._enable)
        self._drop = Nothing(desk.icons, "merge", texts("merge.drop", below=below), texts("merge.none"), "dropHere")
        self._drop.setProperty("kind", "drop")
        self._drop.offer(texts("merge.choose"), "chooseHere", self.ask, primary=True)
        self._outcome = QSplitter(Qt.Orientation.Vertical)
        self._outcome.setChildrenCollapsible(False)
        self._outcome.addWidget(self.table)
        self._outcome.addWidget(self.preview)
        self._outcome.setSizes([170, 400])
        self._outcome.setHandleWidth(12)
        self._either = QStackedWidget()
        self._either.addWidget(self._drop)
        self._either.addWidget(self._outcome)
        for label in (self._warning, self._detail):
            label.hide()
            self.body.addWidget(label)
        self.body.addWidget(self._either, 1)
        self._enable()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if may_be_returns(paths_of(event)):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.look_at(paths_of(event))

    def look_at(self, paths: list[Path]) -> None:
        """A dry run of the returns among some files and folders."""
        found = returns_in(paths)
        if not found:
            self._desk.fail(SurveyError("no_returns_there", path=paths[0]))
            return
        self.preview.forget()
        self._run(found, dry_run=True)

    def outdate(self) -> None:
        """The file was changed elsewhere: what was looked at would come out differently now."""
        self.preview.forget()
        self.model.set_reports([], rehearsed=False)
        for label in (self._line, self._warning, self._detail):
            label.hide()
        self._either.setCurrentWidget(self._drop)
        self._enable()

    def ask(self) -> None:
        """The person chooses returns."""
        texts, folder = self._desk.texts, str(self._desk.settings.folder)
        names, _ = QFileDialog.getOpenFileNames(self, texts("merge.choose"), folder, "Excel (*.xlsx)")
        if names:
            self._desk.settings.folder = Path(names[0]).parent
            self.look_at([Path(name) for name in sorted(names)])

    def _take(self) -> None:
        self._run([one.path for one in self.model.reports if one.path in self.model.taken], dry_run=False)

    def _run(self, paths: list[Path], *, dry_run: bool) -> None:
        file, who = self._desk.path, self._desk.settings.who
        left_out = {} if dry_run else {path: set(codes) for path, codes in self.preview.left_out.items()}
        self.take.setEnabled(False)

        def work(progress: Progress) -> list[MergeReport]:
            from survey import store
            from survey.merge import merge

            with closing(store.open(file)) as opened:
                return merge(opened, paths, dry_run=dry_run, who=who, left_out=left_out, progress=progress)

        self._desk.worker.start(work, lambda reports: self._show(reports, dry_run=dry_run), self._failed)

    def _failed(self, error: BaseException) -> None:
        """What was looked at stays, and can be taken still."""
        self._desk.fail(error)
        self._enable()

    def _show(self, reports: list[MergeReport], *, dry_run: bool) -> None:
        texts = self._desk.texts
        self._rehearsed = dry_run
        if not dry_run:
            self.preview.forget()
        self.model.set_reports(reports, rehearsed=dry_run)
        accepted = sum(one.accepted for one in reports)
        facts = {"accepted": accepted, "refused": len(reports) - accepted}
        facts["units"] = sum(one.new + one.changed + one.withdrawn for one in reports)
        news = any(takable(one) for one in reports)
        key = "did" if not dry_run else "would" if news or facts["refused"] else "nothing_new"
        told = [texts(f"merge.{key}", **facts)]
        if waiting := sum(len(one.conflicts) for one in reports if not dry_run):
            told.append(texts("merge.did_conflicts", count=waiting))
        self._line.setText("　".join(told))
        self._line.show()
        self._either.setCurrentWidget(self._outcome)
        # What cannot be accepted is read first, in full.
        first = next((at for at, one in enumerate(reports) if not one.accepted), 0)
        self.table.setCurrentIndex(self.model.index(first, 1))
        self._tell(self.table.currentIndex())
        self._enable()
        if not dry_run:
            self._desk.changed()
            self.received.emit()

    def _tell(self, index: QModelIndex, _before: QModelIndex | None = None) -> None:
        """What there is to know of the return that is looked at."""
        report = self.model.report(index)
        refused = report is not None and not report.accepted
        self._detail.setVisible(refused)
        if report and refused:
            self._detail.setText(report.reason(self._desk.texts))
        told = warnings(report, self._desk.store, self._desk.texts) if report and self._rehearsed else []
        self._warning.setText("\n".join(told))
        self._warning.setVisible(bool(told))
        self.preview.show_report(report if self._rehearsed else None)
        self._enable()

    def _enable(self) -> None:
        """What the main button says it takes."""
        texts = self._desk.texts
        offered = [one for one in self.model.reports if self._rehearsed and takable(one)]
        ticked = [one for one in offered if one.path in self.model.taken]
        units = sum(len(self.preview.left_out.get(one.path, ())) for one in ticked)
        key = "take_without" if units else "take_all" if len(ticked) == len(offered) else "take_ticked"
        facts = {"returns": len(ticked), "units": units}
        self.take.setText(texts(f"merge.{key}", **facts) if ticked else texts("merge.take_none"))
        self.take.setEnabled(bool(ticked) and not self._desk.worker.busy)
        report = self.model.report(self.table.currentIndex())
        self.refuse.setEnabled(bool(report) and self._rehearsed and not (report and report.repeated))

    def _reject(self) -> None:
        """The return that is looked at is not accepted, for a reason that goes into the register."""
        report, texts = self.model.report(self.table.currentIndex()), self._desk.texts
        if report is None:
            return
        reason = ask_reason(texts("merge.reject"), texts("merge.reject_facts", file=report.file), texts, self)
        if not reason:
            return
        file, path, who = self._desk.path, report.path, self._desk.settings.who

        def work(_progress: Progress) -> None:
            from survey import store
            from survey.merge import reject

            with closing(store.open(file)) as opened:
                reject(opened, path, reason, who=who)

        self._desk.worker.start(work, lambda _nothing: self._rejected(report), self._failed)

    def _rejected(self, report: MergeReport) -> None:
        left = [one for one in self.model.reports if one is not report]
        ticked = self.model.taken
        self.model.set_reports(left, rehearsed=True)
        self.model.taken &= ticked
        self._line.setText(self._desk.texts("merge.rejected", file=report.file))
        if left:
            self.table.setCurrentIndex(self.model.index(0, 1))
        else:
            self._either.setCurrentWidget(self._drop)
        self._tell(self.table.currentIndex())
        self.received.emit()


def ask_reason(title: str, facts: str, texts: Texts, parent: QWidget) -> str:
    """Why a return is rejected; '' where the person thinks better of it."""
    from survey.merge import told

    reasons: list[str] = []
    dialog = ReasonDialog(title, facts, lambda text: reasons.append(told(text)), texts, parent, templates=False)
    accepted = dialog.exec()
    dialog.deleteLater()
    return reasons[-1] if accepted else ""
