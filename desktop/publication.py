"""Publishing the summary and the brief: workbook, PDF, preview and printer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.figure_work import computing
from desktop.pages import Desk, plain_button
from survey.errors import SurveyError
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
        """Asks where, and writes the workbook there."""
        self._save("xlsx", "Excel (*.xlsx)", self.write_workbook)

    def save_pdf(self) -> None:
        """Asks where, and writes the PDF there."""
        self._save("pdf", "PDF (*.pdf)", self.write_pdf)

    def write_workbook(self, path: Path) -> None:
        """The summary with its charts."""

        def write(summary: Summary) -> None:
            from indicators import workbook

            workbook.write(summary, path, self._desk.texts)
            self._told(self._desk.texts("indicators.saved", path=path))

        self._with_summary(write)

    def write_pdf(self, path: Path) -> None:
        """The summary as it is printed."""

        def write(summary: Summary) -> None:
            from desktop.printing import page_set

            page_set(summary, self._desk.store.scheme.legal, self._desk.texts).write_pdf(path)
            self._told(self._desk.texts("indicators.saved", path=path))

        self._with_summary(write)

    def preview(self) -> None:
        """The pages on screen, and from there to the printer."""

        def show(summary: Summary) -> None:
            from desktop.preview_dialog import PreviewDialog
            from desktop.printing import page_set

            pages = page_set(summary, self._desk.store.scheme.legal, self._desk.texts)
            PreviewDialog(pages, self._desk, self._parent).open()

        self._with_summary(show)

    def preview_brief(self) -> None:
        """The one-page brief on screen, and from there to the printer and into a PDF."""

        def show(outlook: Outlook) -> None:
            from desktop.preview_dialog import PreviewDialog
            from desktop.printing import brief

            texts = self._desk.texts
            paper = brief(outlook, self._desk.store, texts)
            dialog = PreviewDialog(paper, self._desk, self._parent, texts("brief.preview"))
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
            paper.write_pdf(path)
        except SurveyError as error:
            self._desk.fail(error)
            return
        self._desk.settings.folder = path.parent
        self._told(self._desk.texts("indicators.saved", path=path))

    def _save(self, kind: str, kinds: str, write: Callable[[Path], None]) -> None:
        texts, settings = self._desk.texts, self._desk.settings
        proposal = settings.folder / texts("indicators.file", period=self._desk.store.period, kind=kind)
        name, _ = QFileDialog.getSaveFileName(self._parent, texts("indicators.title"), str(proposal), kinds)
        if name:
            path = Path(name if name.endswith(f".{kind}") else f"{name}.{kind}")
            settings.folder = path.parent
            write(path)

    def _with_summary(self, use: Callable[[Summary], None]) -> None:
        texts = self._desk.texts

        def laid_out(computation: Computation) -> Summary:
            from indicators import tables

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
