"""Publishing the summary: workbook, PDF, preview and printer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.pages import Desk
from survey.progress import Progress

if TYPE_CHECKING:
    from indicators.tables import Summary


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

    def _save(self, kind: str, kinds: str, write: Callable[[Path], None]) -> None:
        texts, settings = self._desk.texts, self._desk.settings
        proposal = settings.folder / texts("indicators.file", period=self._desk.store.period, kind=kind)
        name, _ = QFileDialog.getSaveFileName(self._parent, texts("indicators.title"), str(proposal), kinds)
        if name:
            path = Path(name if name.endswith(f".{kind}") else f"{name}.{kind}")
            settings.folder = path.parent
            write(path)

    def _with_summary(self, use: Callable[[Summary], None]) -> None:
        file, texts = self._desk.path, self._desk.texts

        def work(progress: Progress) -> Summary:
            from indicators import computation, definition, tables
            from survey import store

            opened = store.open(file)
            try:
                computed = computation.Computation(opened, definition.load(opened.scheme), progress)
                return tables.summary(computed, opened.period, texts)
            finally:
                opened.close()

        def done(summary: Summary) -> None:
            try:
                use(summary)
            except Exception as error:  # noqa: BLE001 - the window says it, known or not
                self._desk.fail(error)

        self._desk.worker.start(work, done, self._desk.fail)
