"""The merge: returns are looked at first, then taken, each all or nothing, with or without some of their units."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLineEdit, QSplitter, QStackedWidget, QWidget

from desktop.dropping import may_be_returns, paths_of, returns_in
from desktop.entry_dialogs import ReasonDialog
from desktop.expected_dialog import edit_expected
from desktop.fitting import Fitting, lower
from desktop.merge_facts import below_name, warnings
from desktop.merge_models import ReturnsModel, takable
from desktop.merge_preview import MergePreview
from desktop.merge_trial import Step, renewed, stale
from desktop.notice import Notice
from desktop.pages import Desk, Nothing, Page, restyle, result_line
from desktop.plain import quoted
from desktop.rows_model import fit_heads, table_view
from survey import officelock
from survey.errors import SurveyError
from survey.progress import Progress
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.mergereport import MergeReport

_LEAST_RETURNS = 110


class MergePage(Page):
    """Choose or drop returns, look at what they bring, accept them whole or in part, or reject them.

    `received` tells that a return came in or was rejected.
    """

    def __init__(self, desk: Desk) -> None:
        texts, below = desk.texts, below_name(desk.store, desk.texts)
        super().__init__(texts("merge.title"), texts("merge.hint", below=below))
        self._desk = desk
        self._rehearsed = False
        self._told = ""
        # What was tried last, in its order.
        self._tried: list[Step] = []
        # Whether answers were written elsewhere since.
        self._doubted = False
        self.setAcceptDrops(True)
        self.choose = self.button(texts("merge.choose"), "choose", self.ask)
        self.refuse = self.button(texts("merge.reject"), "reject", self._reject)
        self.renew = self.button("", "renew", self._try_again, primary=True)
        self.take = self.button(texts("merge.take_none"), "take", self._take, primary=True)
        self._line = result_line("mergeResult")
        self.body.addWidget(self._line)
        self.model = ReturnsModel(desk)
        self.model.decided.connect(self._enable)
        widths = (30, 190, 92, 52, 56, 56, 56, 56, 56, 56, 260)
        self.table = table_view(self.model, "returns", texts("merge.title"), widths, 10)
        fit_heads(self.table)
        Fitting(self.table, (6, 3, 2), 170)
        self.table.selectionModel().currentChanged.connect(self._tell)
        self._detail = result_line("mergeDetail")
        self._warning = Notice("mergeWarning", texts)
        self.preview = MergePreview(desk)
        self.preview.decided.connect(self._enable)
        self._drop = Nothing(desk.icons, "merge", texts("merge.drop", below=below), texts("merge.none"), "dropHere")
        self._drop.setProperty("kind", "drop")
        self._drop.offer(texts("merge.choose"), "chooseHere", self.ask, primary=True)
        if not desk.store.is_city:
            # The board, where the list is kept at other desks, comes with the first sender of a district.
            self._drop.offer(texts("expected.button"), "expectedHere", lambda: edit_expected(desk, self))
        self._outcome = QSplitter(Qt.Orientation.Vertical)
        self._outcome.setChildrenCollapsible(False)
        self._outcome.addWidget(self.table)
        self._outcome.addWidget(self.preview)
        self._outcome.setHandleWidth(12)
        self._either = QStackedWidget()
        self._either.addWidget(self._drop)
        self._either.addWidget(self._outcome)
        self._detail.hide()
        for widget in (self._warning, self._detail):
            self.body.addWidget(widget)
        self.body.addWidget(self._either, 1)
        self._enable()

    def fit(self) -> None:
        """Where there is little room the lists come first, and what is said takes a line."""
        super().fit()
        restyle(self._line, "said" if self.tight else "detail")
        self._warning.fit(tight=self.tight)
        self.preview.fit(tight=self.tight)
        lower((self.table,), tight=self.tight)
        self._share()

    def _share(self) -> None:
        """The returns have as many rows as there are of them, up to a third of the room; their units have the rest."""
        rows = self.model.rowCount() + 1
        wanted = self.table.horizontalHeader().height() + rows * self.table.verticalHeader().defaultSectionSize()
        room = self._outcome.height()
        upper = min(wanted, max(room * 3 // 10, _LEAST_RETURNS))
        self._outcome.setSizes([upper, max(room - upper, 0)])

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
        self._tried = []
        self._run([Step(path) for path in found], dry_run=True)

    def outdate(self) -> None:
        """The file was changed elsewhere: what was looked at would come out differently now."""
        self.preview.forget()
        self.model.set_reports([], rehearsed=False)
        self._tried = []
        self._line.hide()
        self._detail.hide()
        self._warning.say([])
        self._either.setCurrentWidget(self._drop)
        self._enable()

    def doubt(self) -> None:
        """Answers were written elsewhere: what is ticked is previewed anew before it is taken."""
        if self._rehearsed and self.model.reports:
            self._doubted = True
            self._enable()

    def ask(self) -> None:
        """The person chooses returns."""
        texts, folder = self._desk.texts, str(self._desk.settings.folder)
        names, _ = QFileDialog.getOpenFileNames(self, texts("merge.choose"), folder, texts("merge.files"))
        if names:
            self._desk.settings.folder = Path(names[0]).parent
            self.look_at([Path(name) for name in sorted(names)])

    def _steps(self) -> list[Step]:
        """The returns that are ticked, without the units that are not."""
        left = self.preview.left_out
        ticked = [one.path for one in self.model.reports if one.path in self.model.taken]
        return [Step(path, frozenset(left.get(path, ()))) for path in ticked]

    def _take(self) -> None:
        self._run(self._steps(), dry_run=False)

    def _try_again(self) -> None:
        """What is ticked, tried anew: without the others it may come out differently."""
        self._run(self._steps(), dry_run=True, again=True)

    def _run(self, steps: list[Step], *, dry_run: bool, again: bool = False) -> None:
        file, who = self._desk.path, self._desk.settings.who
        paths, left_out = [one.path for one in steps], {one.path: one.left_out for one in steps}
        for button in (self.take, self.renew):
            button.setEnabled(False)

        def work(progress: Progress) -> list[MergeReport]:
            from survey import store
            from survey.merge import merge

            with closing(store.open(file)) as opened:
                return merge(opened, paths, dry_run=dry_run, who=who, left_out=left_out, progress=progress)

        def done(reports: list[MergeReport]) -> None:
            if not dry_run:
                self._taken(reports)
            elif self._password_for(reports):
                self._run(steps, dry_run=True, again=again)
            elif again:
                self._show_again(steps, reports)
            else:
                self._show_tried(reports)

        self._desk.worker.start(work, done, self._failed)

    def _password_for(self, reports: list[MergeReport]) -> bool:
        """Whether somebody gave a password for a return that asks for one."""
        texts = self._desk.texts
        locked = [one.file for one in reports if one.error and one.error.code == "password"]
        if not locked:
            return False
        password, given = QInputDialog.getText(
            self,
            texts("merge.password"),
            quoted(texts("merge.password_for", file=locked[0])),
            QLineEdit.EchoMode.Password,
        )
        officelock.remember(password)
        return given and bool(password)

    def _failed(self, error: BaseException) -> None:
        """What was looked at stays, and can be taken still."""
        self._desk.fail(error)
        self._enable()

    def _show_tried(self, reports: list[MergeReport]) -> None:
        """What returns would bring that are looked at for the first time."""
        self._tried = [Step(one.path) for one in reports if takable(one)]
        self._show(reports, rehearsed=True)
        # What cannot be accepted is read first, in full.
        first = next((at for at, one in enumerate(reports) if not one.accepted), 0)
        self._look(first)
        self.table.setFocus()

    def _show_again(self, steps: list[Step], reports: list[MergeReport]) -> None:
        """What the returns that are ticked would bring; the others are still listed, and can be ticked again."""
        row = self.table.currentIndex().row()
        after = {step.path: (step.left_out, report) for step, report in zip(steps, reports, strict=True)}
        shown = [
            renewed(one, after[one.path][1], after[one.path][0]) if one.path in after else one
            for one in self.model.reports
        ]
        self._tried = [step for step, report in zip(steps, reports, strict=True) if takable(report)]
        self._show(shown, rehearsed=True)
        self.model.taken &= after.keys()
        self._look(row)
        self.table.setFocus()

    def _taken(self, reports: list[MergeReport]) -> None:
        self.preview.forget()
        self._tried = []
        self._show(reports, rehearsed=False)
        self._look(next((at for at, one in enumerate(reports) if not one.accepted), 0))
        self.table.setFocus()
        self._desk.changed()

    def _show(self, reports: list[MergeReport], *, rehearsed: bool) -> None:
        """The returns, and what becomes of all of them together."""
        texts = self._desk.texts
        self._rehearsed, self._doubted = rehearsed, False
        self.model.set_reports(reports, rehearsed=rehearsed)
        counted = [one for one in reports if not rehearsed or not takable(one) or one.path in self._paths_tried()]
        accepted = sum(one.accepted for one in counted)
        facts = {"accepted": accepted, "refused": len(counted) - accepted}
        facts["units"] = sum(one.new + one.changed + one.withdrawn for one in counted)
        news = any(takable(one) for one in counted)
        key = "did" if not rehearsed else "would" if news or facts["refused"] else "nothing_new"
        told = [texts(f"merge.{key}", **facts)]
        if waiting := sum(len(one.conflicts) for one in counted if not rehearsed):
            told.append(texts("merge.did_conflicts", count=waiting))
        self._told = "　".join(told)
        self._line.show()
        self._either.setCurrentWidget(self._outcome)
        self._share()

    def _paths_tried(self) -> set[Path]:
        return {one.path for one in self._tried}

    def _look(self, row: int) -> None:
        """Brings a return under the cursor."""
        # On the tick, so that Space turns it.
        self.table.setCurrentIndex(self.model.index(row, 0))
        self._tell(self.table.currentIndex())
        self._enable()

    def _tell(self, index: QModelIndex, _before: QModelIndex | None = None) -> None:
        """What there is to know of the return that is looked at."""
        report = self.model.report(index)
        refused = report is not None and not report.accepted
        self._detail.setVisible(refused)
        if report and refused:
            self._detail.setText(report.reason(self._desk.texts))
        told = warnings(report, self._desk.store, self._desk.texts) if report and self._rehearsed else []
        self._warning.say(told)
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
        old = stale([] if self._doubted else self._tried, self._steps()) if self._rehearsed else []
        self.model.doubt(old)
        self._line.setText(texts("merge.renew_first") if old else self._told)
        self.renew.setVisible(bool(old))
        self.renew.setText(texts("merge.renew", returns=len(ticked)))
        self.take.setText(texts(f"merge.{key}", **facts) if ticked else texts("merge.take_none"))
        free = not self._desk.worker.busy
        self.renew.setEnabled(free)
        self.take.setEnabled(bool(ticked) and not old and free)
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
        self._told = self._desk.texts("merge.rejected", file=report.file)
        if left:
            self.table.setCurrentIndex(self.model.index(0, 0))
        else:
            self._either.setCurrentWidget(self._drop)
        self._tell(self.table.currentIndex())


def ask_reason(title: str, facts: str, texts: Texts, parent: QWidget) -> str:
    """Why a return is rejected; '' where the person thinks better of it."""
    from survey.merge import told

    reasons: list[str] = []
    dialog = ReasonDialog(title, facts, lambda text: reasons.append(told(text)), texts, parent, templates=False)
    accepted = dialog.exec()
    dialog.deleteLater()
    return reasons[-1] if accepted else ""
