"""Flat tables into the file: first what would happen, then, on the person's word, the import."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QStackedWidget

from desktop.import_facts import damage_line, remarks
from desktop.mapping_dialog import MappingDialog
from desktop.pages import Desk, Nothing, Page, card, hint, result_line
from desktop.repair_dialog import RepairDialog
from desktop.rows_model import RowsModel, table_view
from desktop.turnover_dialog import TurnoverDialog
from survey.errors import SurveyError
from survey.progress import Progress

if TYPE_CHECKING:
    from survey.importreport import ImportReport, Place

_KINDS = (".csv", ".xlsx", ".xls", ".xlsb", ".ods", ".et", ".txt")


class ImportPage(Page):
    """Choose or drop files, look at the dry run, take them in."""

    def __init__(self, desk: Desk) -> None:
        texts = desk.texts
        super().__init__(texts("import.title"), texts("import.hint"))
        self._desk = desk
        self._paths: list[Path] = []
        self.setAcceptDrops(True)
        self.choose = self.button(texts("import.choose"), "choose", self._choose)
        self.columns = self.button(texts("import.map"), "mapColumns", self._map)
        self.columns.setEnabled(False)
        self.repair = self.button("", "repair", self._repair)
        self.repair.hide()
        self.turnover = self.button(texts("import.register"), "turnover", self._show_turnover)
        self.turnover.hide()
        self.take = self.button(texts("import.take"), "take", self._take, primary=True)
        self._files = hint("")
        self._files.setObjectName("importFiles")
        self._files.hide()
        self.body.addWidget(self._files)
        self._repairs: dict[Place, str] = {}
        self._report: ImportReport | None = None
        self._cards: dict[str, QLabel] = {}
        cards = QHBoxLayout()
        cards.setSpacing(10)
        for name in ("new", "changed", "identical", "rejected"):
            frame, label = card(texts(f"import.{name}"), "—")
            label.setObjectName(f"import_{name}")
            label.setAccessibleName(texts(f"import.{name}"))
            cards.addWidget(frame, 1)
            self._cards[name] = label
        self.body.addLayout(cards)
        heads = [texts(f"import.head.{name}") for name in ("file", "sheet", "cell", "found", "reason")]
        self.model = RowsModel(heads)
        self.table = table_view(self.model, "rejections", texts("import.problems"), (170, 100, 80, 170, 300), 4)
        self._result = result_line("importResult")
        self._drop = Nothing(desk.icons, "import", texts("import.drop"), texts("import.none"), "dropHere")
        self._drop.setProperty("kind", "drop")
        self._drop.offer(texts("import.choose"), "chooseHere", self._choose, primary=True)
        self._clean = Nothing(desk.icons, "done", texts("import.clean"), texts("import.clean_line"), "clean")
        self._either = QStackedWidget()
        for widget in (self._drop, self.table, self._clean):
            self._either.addWidget(widget)
        self.body.addWidget(self._result)
        self.body.addWidget(self._either, 1)
        self.take.setEnabled(False)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(_usable(Path(url.toLocalFile())) for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.look_at([path for url in event.mimeData().urls() if _usable(path := Path(url.toLocalFile()))])

    def look_at(self, paths: list[Path]) -> None:
        """A dry run of some files: what would be new, changed, identical, rejected."""
        self._paths, self._repairs = paths, {}
        self._files.setText(self._desk.texts("import.chosen", files="　".join(path.name for path in paths)))
        self._files.show()
        self.columns.setEnabled(True)
        self.take.setEnabled(False)
        self._run(dry_run=True)

    def _choose(self) -> None:
        texts, folder = self._desk.texts, str(self._desk.settings.folder)
        names, _ = QFileDialog.getOpenFileNames(self, texts("import.choose"), folder, texts("import.files"))
        if names:
            self._desk.settings.folder = Path(names[0]).parent
            self.look_at([Path(name) for name in names])

    def _map(self) -> None:
        """What the columns mean, told by the person; then another look."""
        from survey import columns, imports

        store, texts = self._desk.store, self._desk.texts
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
            self.look_at(self._paths)

    def _failed(self, error: BaseException) -> None:
        """A table whose heads nobody understands is no dead end: the person can tell."""
        if isinstance(error, SurveyError) and error.code == "no_header":
            self._map()
        else:
            self._desk.fail(error)

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

    def _take(self) -> None:
        self._run(dry_run=False)

    def _run(self, *, dry_run: bool) -> None:
        file, paths, repairs = self._desk.path, list(self._paths), dict(self._repairs)

        def work(progress: Progress) -> ImportReport:
            from survey import imports, store

            opened = store.open(file)
            try:
                choices = imports.Choices(repairs=repairs)
                return imports.import_files(opened, paths, choices, dry_run=dry_run, progress=progress)
            finally:
                opened.close()

        self._desk.worker.start(work, lambda report: self._show(report, dry_run=dry_run), self._failed)

    def _show(self, report: ImportReport, *, dry_run: bool) -> None:
        texts = self._desk.texts
        counts = {name: getattr(report, name) for name in self._cards}
        for name, label in self._cards.items():
            label.setText(f"{counts[name]:,}")
        taken = [one for one in report.damage if one.taken]
        rows = [(one.file, one.sheet, one.cell, one.found, one.reason(texts)) for one in report.rejections]
        rows += [(one.file, one.sheet, one.cell, one.found, damage_line(one, texts)) for one in taken]
        self.model.set_rows(rows)
        self._either.setCurrentWidget(self.table if rows else self._clean)
        self._report = report
        proposed = sum(bool(one.proposals) for one in report.damage)
        self.repair.setText(texts("import.repair", count=proposed))
        self.repair.setVisible(dry_run and bool(proposed))
        self.turnover.setVisible(bool(report.turnover))
        self.take.setEnabled(dry_run and bool(report.new or report.changed))
        self._result.show()
        ignored = "、".join(heading for _, _, heading in report.unknown_columns)
        lines = [texts("import.would" if dry_run else "import.did", **counts)]
        lines += [texts("import.ignored", columns=ignored)] if ignored else []
        lines += [texts("import.accepted", count=len(self._repairs))] if self._repairs else []
        lines += remarks(report, texts)
        self._result.setText("\n".join(lines))
        if not dry_run:
            self._desk.changed()


def _usable(path: Path) -> bool:
    return path.suffix.lower() in _KINDS
