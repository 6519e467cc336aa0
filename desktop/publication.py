"""Publishing the summary and the brief: workbook, PDF, preview and printer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.figure_work import computing
from desktop.pages import Desk, plain_button
from desktop.source_dialog import SourceDialog
from survey.errors import SurveyError
from survey.journal import Telling
from survey.progress import Progress

if TYPE_CHECKING:
    from desktop.brief_paper import BriefPaper
    from indicators.computation import Computation
    from indicators.outlook import Outlook
    from indicators.tables import Summary

T = TypeVar("T")


class Publication:
    """Lays the summary out in the worker, then writes it or shows it; `told` hears where it went."""

    def __init__(self, desk: Desk, parent: QWidget, told: Callable[[str], None]) -> None:
        self._desk = desk
        self._parent = parent
        self._told = told

    def save_workbook(self) -> None:
        """Asks with which figures and where, and writes the workbook there."""
        self._choose(lambda number: self._save("xlsx", "Excel (*.xlsx)", self.write_workbook, number))

    def save_pdf(self) -> None:
        """Asks with which figures and where, and writes the PDF there."""
        self._choose(lambda number: self._save("pdf", "PDF (*.pdf)", self.write_pdf, number))

    def preview(self) -> None:
        """Asks with which figures, and shows the pages."""
        self._choose(self.show_pages)

    def write_workbook(self, path: Path, number: int | None = None) -> None:
        """The summary with its charts; `number` is the edition whose figures it has, None for those of now."""

        def write(summary: Summary) -> None:
            from indicators import workbook

            workbook.write(summary, path, self._desk.texts, self._telling(path, number))
            self._written(path)

        self._with_summary(write, number)

    def write_pdf(self, path: Path, number: int | None = None) -> None:
        """The summary as it is printed."""

        def write(summary: Summary) -> None:
            from desktop.printing import page_set

            page_set(summary, self._desk.store.scheme.legal, self._desk.texts).write_pdf(
                path, self._telling(path, number)
            )
            self._written(path)

        self._with_summary(write, number)

    def show_pages(self, number: int | None = None) -> None:
        """The pages on screen, and from there to the printer."""

        def show(summary: Summary) -> None:
            from desktop.preview_dialog import PreviewDialog
            from desktop.printing import page_set

            pages = page_set(summary, self._desk.store.scheme.legal, self._desk.texts)
            PreviewDialog(pages, self._desk, self._parent, "figures").open()

        self._with_summary(show, number)

    def preview_brief(self) -> None:
        """The one-page brief on screen, and from there to the printer and into a PDF."""

        def show(outlook: Outlook) -> None:
            from desktop.preview_dialog import PreviewDialog
            from desktop.printing import brief

            texts = self._desk.texts
            paper = brief(outlook, self._desk.store, texts)
            dialog = PreviewDialog(paper, self._desk, self._parent, "figures", texts("brief.preview"))
            save = plain_button("briefPdf", texts("brief.pdf"), lambda: self._save_brief(paper))
            dialog.bar.insertWidget(dialog.bar.count() - 1, save)
            dialog.open()

        def look(computation: Computation) -> Outlook:
            from indicators import outlook

            return outlook.look(computation, computation.store.period)

        self._computed(look, show)

    def _save_brief(self, paper: BriefPaper) -> None:
        texts, settings = self._desk.texts, self._desk.settings
        proposal = settings.folder / texts("brief.file", period=self._desk.store.period)
        name, _ = QFileDialog.getSaveFileName(self._parent, texts("brief.preview"), str(proposal), "PDF (*.pdf)")
        if name:
            self.write_brief(paper, Path(name if name.endswith(".pdf") else f"{name}.pdf"))

    def write_brief(self, paper: BriefPaper, path: Path) -> None:
        """The brief as it is printed."""
        try:
            paper.write_pdf(path, self._telling(path, None))
        except SurveyError as error:
            self._desk.fail(error)
            return
        self._desk.settings.folder = path.parent
        self._written(path)

    def _telling(self, path: Path, number: int | None) -> Telling:
        return Telling(self._desk.store, "exported", path.name, what="figures", edition=number)

    def _written(self, path: Path) -> None:
        """Says where it went."""
        self._told(self._desk.texts("indicators.saved", path=path))

    def _choose(self, use: Callable[[int | None], None]) -> None:
        """Asks which figures are meant, where there are editions beside those of now."""
        from indicators import edition

        every = edition.listed(self._desk.store)
        if not every:
            use(None)
            return
        dialog = SourceDialog(self._desk, every, use, self._parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _save(self, kind: str, kinds: str, write: Callable[[Path, int | None], None], number: int | None) -> None:
        from indicators import edition

        texts, settings, store = self._desk.texts, self._desk.settings, self._desk.store
        key = "indicators.file" if number is None else "indicators.file_of"
        period = store.period if number is None else edition.edition(store, number).period
        proposal = settings.folder / texts(key, period=period, kind=kind, number=number)
        name, _ = QFileDialog.getSaveFileName(self._parent, texts("indicators.title"), str(proposal), kinds)
        if name:
            path = Path(name if name.endswith(f".{kind}") else f"{name}.{kind}")
            settings.folder = path.parent
            write(path, number)

    def _with_summary(self, use: Callable[[Summary], None], number: int | None) -> None:
        texts = self._desk.texts

        def laid_out(computation: Computation) -> Summary:
            from indicators import edition, tables

            if number is not None:
                one = edition.edition(computation.store, number)
                return tables.of_edition(computation.store, computation.catalogue, one, texts)
            return tables.summary(computation, computation.store.period, texts)

        self._computed(laid_out, use)

    def _computed(self, compute: Callable[[Computation], T], use: Callable[[T], None]) -> None:
        file = self._desk.path

        def work(progress: Progress) -> T:
            with computing(file, progress) as computation:
                return compute(computation)

        def done(found: T) -> None:
            try:
                use(found)
            except Exception as error:  # noqa: BLE001 - the window says it, known or not
                self._desk.fail(error)

        self._desk.worker.start(work, done, self._desk.fail)
