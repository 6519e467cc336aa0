"""Files into the survey file: first what would happen, then, on the person's word, the import."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QMenu, QStackedWidget

from desktop.dropping import paths_of
from desktop.import_facts import files_of, remarks
from desktop.import_outcome import ImportOutcome
from desktop.imports_dialog import ImportsDialog
from desktop.mapping_dialog import MappingDialog
from desktop.pages import Desk, Nothing, Page, ShortLabel, result_line
from desktop.plain import quoted
from desktop.repair_dialog import RepairDialog
from desktop.turnover_dialog import TurnoverDialog
from survey.errors import SurveyError
from survey.foldersearch import ENDINGS, is_table, passed_over, tables_in
from survey.progress import Progress

if TYPE_CHECKING:
    from survey.annotating import Copies
    from survey.importreport import ImportReport, Place
    from survey.imports import Choices


class ImportPage(Page):
    """Choose or drop files and folders, look at what would come of them, decide, take them in."""

    def __init__(self, desk: Desk) -> None:
        texts = desk.texts
        super().__init__(texts("import.title"), texts("import.hint"))
        self._desk = desk
        self._paths: list[Path] = []
        self._others: list[str] = []
        self._repairs: dict[Place, str] = {}
        self._report: ImportReport | None = None
        self.setAcceptDrops(True)
        self.repair = self.button("", "repair", self._repair)
        self.turnover = self.button(texts("import.register"), "turnover", self._show_turnover)
        self.choose = self.button(texts("import.choose_any"), "choose", self._choose)
        self._more(texts("import.more"))
        self.take = self.button(texts("import.take"), "take", self._take, primary=True)
        self._files = ShortLabel("hint")
        self._files.setObjectName("importFiles")
        self.leave_out = QCheckBox(texts("import.leave_out"))
        self.leave_out.setObjectName("leaveOut")
        self.leave_out.clicked.connect(self._leave_out)
        self.blanks = QCheckBox(texts("import.blanks"))
        self.blanks.setObjectName("blanks")
        self.blanks.setToolTip(quoted(texts("import.blanks_line")))
        self.blanks.clicked.connect(lambda: self._run(dry_run=True))
        options = QHBoxLayout()
        options.setSpacing(18)
        options.addWidget(self._files, 1)
        options.addWidget(self.leave_out)
        options.addWidget(self.blanks)
        self.outcome = ImportOutcome(desk)
        self.outcome.decided.connect(self._enable)
        self.outcome.looked_at.connect(self._enable)
        self._result = result_line("importResult")
        self._drop = Nothing(desk.icons, "import", texts("import.drop"), texts("import.none"), "dropHere")
        self._drop.setProperty("kind", "drop")
        self._drop.offer(texts("import.choose"), "chooseHere", self._choose, primary=True)
        self._drop.offer(texts("import.choose_folder"), "chooseFolderHere", self._choose_folder)
        self._either = QStackedWidget()
        for widget in (self._drop, self.outcome):
            self._either.addWidget(widget)
        self.body.addLayout(options)
        self.body.addWidget(self._result)
        self.body.addWidget(self._either, 1)
        self._excluded: set[Path] = set()
        self._enable()

    def _more(self, title: str) -> None:
        """What is asked for now and then."""
        texts = self._desk.texts
        menu = QMenu(self)
        for name, action in (
            ("choose", self._choose), ("choose_folder", self._choose_folder), ("map", self._map),
            ("annotate", self._annotate), ("past", self._past),
        ):  # fmt: skip
            menu.addAction(texts(f"import.{name}"), action).setObjectName(name)
        self.menu = menu
        button = self.button(title, "importMore", lambda: None)
        button.setMenu(menu)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(path.is_dir() or is_table(path) for path in paths_of(event)):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.look_at([path for path in paths_of(event) if path.is_dir() or is_table(path)])

    def look_at(self, paths: list[Path]) -> None:
        """A dry run of some files and folders: what would be new, changed, identical, in conflict, rejected."""
        found = tables_in(paths)
        if not found:
            self._desk.fail(SurveyError("no_tables", path=paths[0]))
            return
        self._paths, self._repairs, self._excluded = found, {}, set()
        self._others = [one.name for one in passed_over(paths)]
        self.outcome.forget()
        self._say("import.chosen")
        self._run(dry_run=True)

    def _say(self, key: str) -> None:
        """Which files are looked at."""
        texts = self._desk.texts
        self._files.setText(texts(key, files=files_of([one.name for one in self._paths], texts)))

    def _choose(self) -> None:
        texts, folder = self._desk.texts, str(self._desk.settings.folder)
        kinds = texts("import.files", kinds=" ".join(f"*{ending}" for ending in ENDINGS))
        names, _ = QFileDialog.getOpenFileNames(self, texts("import.choose"), folder, kinds)
        if names:
            self._desk.settings.folder = Path(names[0]).parent
            self.look_at([Path(name) for name in names])

    def _choose_folder(self) -> None:
        texts, folder = self._desk.texts, str(self._desk.settings.folder)
        name = QFileDialog.getExistingDirectory(self, texts("import.choose_folder"), folder)
        if name:
            self._desk.settings.folder = Path(name)
            self.look_at([Path(name)])

    def _annotate(self) -> None:
        """The files given back with what there is to say of them, into a folder that the officer chooses."""
        if not self._paths:
            self._choose()
            return
        texts, settings = self._desk.texts, self._desk.settings
        chosen = QFileDialog.getExistingDirectory(self, texts("import.annotate"), str(settings.folder))
        if chosen:
            self.annotate(Path(chosen))

    def annotate(self, folder: Path) -> None:
        """Writes the annotated copies of the files that are looked at."""
        file, paths, who, texts = self._desk.path, list(self._paths), self._desk.settings.who, self._desk.texts
        choices = self._choices(dry_run=True)

        def work(progress: Progress) -> Copies:
            from survey import annotating, store

            with closing(store.open(file)) as opened:
                return annotating.write_copies(opened, paths, folder, texts, choices, who=who, progress=progress)

        def done(copies: Copies) -> None:
            key = "import.annotated" if copies.done else "import.not_annotated"
            lines = [texts(key, count=len(copies.done), folder=folder)]
            failed = files_of([path.name for path, _ in copies.failed], texts)
            lines += [texts("import.not_copied", count=len(copies.failed), files=failed)] if failed else []
            self._result.setText("\n".join(lines))
            self._result.show()

        self._desk.worker.start(work, done, self._failed)

    def _past(self) -> None:
        """What was imported before, and undoing it."""
        dialog = ImportsDialog(self._desk, self)
        dialog.exec()
        dialog.deleteLater()
        if dialog.done_any:
            # What was said of the files that are looked at holds no longer.
            self._run(dry_run=True)

    def _map(self) -> None:
        """What the columns mean, told by the person; then another look."""
        from survey import columns, imports

        store, texts = self._desk.store, self._desk.texts
        if not self._paths:
            self._choose()
            return
        try:
            heads = [head for path in self._paths for head in imports.heads_of(path)]
        except SurveyError as error:
            self._desk.fail(error)
            return
        if not heads:
            self._desk.fail(SurveyError("no_header", path=self._paths[0]))
            return
        dialog = MappingDialog(
            heads,
            columns.remembered(store),
            store.scheme,
            partial(columns.remember, store),
            texts,
            self._desk.icons,
            self,
        )
        accepted = dialog.exec()
        dialog.deleteLater()
        if accepted:
            self._run(dry_run=True)

    def _failed(self, error: BaseException) -> None:
        """A table whose heads nobody understands is no dead end: the person can tell."""
        if isinstance(error, SurveyError) and error.code == "no_header":
            self._map()
        else:
            self._desk.fail(error)
        self._enable()

    def _repair(self) -> None:
        """The officer ticks which proposals to take; then another look."""
        assert self._report is not None
        dialog = RepairDialog(self._report.damage, self._desk.texts, self)
        accepted, taken = dialog.exec(), dialog.taken
        dialog.deleteLater()
        if accepted and taken:
            self._repairs |= taken
            self._run(dry_run=True)

    def _show_turnover(self) -> None:
        """The units that came, are not listed, were renamed or moved."""
        assert self._report is not None
        dialog = TurnoverDialog(self._report.turnover, self._desk, self)
        dialog.exec()
        dialog.deleteLater()

    def _leave_out(self) -> None:
        """The file that is looked at is left out, or taken after all."""
        chosen = self.outcome.chosen
        if chosen is not None:
            self._excluded ^= {chosen.path}
            self._run(dry_run=True)

    def _take(self) -> None:
        self._run(dry_run=False)

    def _run(self, *, dry_run: bool) -> None:
        if not self._paths:
            return
        from survey.imports import import_files

        file, paths, who = self._desk.path, list(self._paths), self._desk.settings.who
        choices = self._choices(dry_run=dry_run)
        self.take.setEnabled(False)

        def work(progress: Progress) -> ImportReport:
            from survey import store

            with closing(store.open(file)) as opened:
                return import_files(opened, paths, choices, dry_run=dry_run, who=who, progress=progress)

        self._desk.worker.start(work, lambda report: self._show(report, dry_run=dry_run), self._failed)

    def _choices(self, *, dry_run: bool) -> Choices:
        """What the officer has decided; a rehearsal shows the files as they are."""
        from survey.imports import Choices

        return Choices(
            dict(self._repairs), {}, frozenset() if dry_run else frozenset(self.outcome.conflicts.taken),
            self.blanks.isChecked(), frozenset(self._excluded), suspects=True,
            converted=frozenset() if dry_run else self.outcome.converted,
            units={} if dry_run else self.outcome.units,
        )  # fmt: skip

    def _show(self, report: ImportReport, *, dry_run: bool) -> None:
        self._report = report if dry_run else None
        self._either.setCurrentWidget(self.outcome)
        self.outcome.show_report(report)
        self._tell(report, dry_run=dry_run)
        self._enable()
        if not dry_run:
            self._desk.changed()

    def _tell(self, report: ImportReport, *, dry_run: bool) -> None:
        texts = self._desk.texts
        self._say("import.rehearsed" if dry_run else "import.chosen")
        counts = {name: getattr(report, name) for name in ("new", "changed", "identical", "unread")}
        unknown = list(dict.fromkeys(heading for _, _, heading in report.unknown_columns))
        lines = [] if dry_run else [texts("import.did", **counts)]
        lines += [texts("import.batch_number", number=report.batch)] if report.batch and not dry_run else []
        lines += [texts("import.ignored", columns=files_of(unknown, texts, "import.and_columns"))] if unknown else []
        others = files_of(self._others, texts)
        lines += [texts("import.passed_over", count=len(self._others), files=others)] if others else []
        lines += [texts("import.accepted", count=len(self._repairs))] if self._repairs else []
        lines += remarks(report, texts)
        self._result.setText("\n".join(lines))
        self._result.setVisible(bool(lines))

    def _enable(self) -> None:
        """What can be done with what is looked at."""
        report, chosen = self._report, self.outcome.chosen
        proposed = sum(bool(one.proposals) for one in report.damage) if report else 0
        self.repair.setText(self._desk.texts("import.repair", count=proposed))
        self.repair.setVisible(bool(proposed))
        self.turnover.setVisible(bool(report and report.turnover))
        self.take.setEnabled(report is not None and (report.effects or self.outcome.anything_taken))
        several = len(self._paths) > 1 and report is not None
        self.leave_out.setVisible(several)
        self.leave_out.setEnabled(chosen is not None)
        self.leave_out.setChecked(chosen is not None and chosen.path in self._excluded)
        self.blanks.setVisible(report is not None)
