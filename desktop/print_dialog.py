"""Forms on their way to paper: what to print, how, and how it will look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QPageSize
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop import paper_batch
from desktop.fonts import FAMILY, load_fonts
from desktop.form_paper import FormPaper
from desktop.pages import Desk, hint
from desktop.paper_batch import Batch
from desktop.paper_type import Typeface
from desktop.paper_view import PaperView
from desktop.print_choices import Job, PrintChoices, too_long
from survey.errors import Cancelled, sentence
from survey.files import safe
from survey.progress import Progress

_LEFT = 300


class PrintDialog(QDialog):
    """Shows the first unit's pages while one chooses, then prints or saves those of all."""

    def __init__(self, desk: Desk, job: Job, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        load_fonts()
        self.setObjectName("printDialog")
        self.setWindowTitle(desk.texts("paper.dialog.title"))
        self.resize(1120, 680)
        self._desk = desk
        self._job = job
        self._face = Typeface(FAMILY)
        self._running = False
        self.choices = PrintChoices(job, desk.store.scheme, desk.texts, desk.settings, desk.colours.muted)
        self.choices.setFixedWidth(_LEFT)
        self.view = PaperView()
        self.view.setAccessibleName(desk.texts("paper.dialog.preview"))
        self._line, self._page = hint(""), hint("")
        self._line.setObjectName("printLine")
        self._page.setObjectName("pageLine")
        outer = QHBoxLayout(self)
        outer.setContentsMargins(20, 16, 20, 16)
        outer.setSpacing(18)
        outer.addLayout(self._left())
        outer.addLayout(self._right(), 1)
        self.choices.changed.connect(self.refresh)
        self.view.turned.connect(self._say_page)
        desk.worker.progressed.connect(self._progress)
        self.refresh()

    @property
    def batch(self) -> Batch:
        """All that is printed, as chosen."""
        units = self._job.units or (None,)
        choices = self.choices
        return Batch(choices.forms, units, self._job.period, choices.blank, choices.options)

    def refresh(self) -> None:
        """The first unit's pages as they are now to be printed."""
        desk, batch = self._desk, self.batch
        papers = batch.papers(desk.store, batch.units[0], desk.texts, self._face)
        self.view.show_pages(papers)
        self._line.setText(self._said(papers))
        for button in (self._print, self._pdf, self._each):
            button.setEnabled(bool(papers))

    # Printing and saving

    def write_pdf(self, target: Path) -> None:
        """Everything into one PDF."""
        file, batch, texts = self._desk.path, self.batch, self._desk.texts

        def work(progress: Progress) -> str:
            paper_batch.write_one(file, target, batch, texts, progress)
            return texts("paper.dialog.saved", path=target)

        self._start(work)

    def write_each(self, folder: Path) -> None:
        """One PDF a unit into a folder."""
        file, batch, texts = self._desk.path, self.batch, self._desk.texts

        def work(progress: Progress) -> str:
            written = paper_batch.write_each(file, folder, batch, texts, progress)
            return texts("paper.dialog.saved_each", count=len(written), path=folder)

        self._start(work)

    def print_to(self, printer: QPrinter) -> None:
        """Everything onto a printer."""
        file, batch, texts = self._desk.path, self.batch, self._desk.texts

        def work(progress: Progress) -> str:
            printed = paper_batch.print_all(file, printer, batch, texts, progress)
            return texts("paper.dialog.printed" if printed else "paper.dialog.no_printer")

        self._start(work)

    def reject(self) -> None:
        """What is running is stopped first; nothing is left half done behind a closed dialog."""
        if self._running:
            self._cancel()
            return
        super().reject()

    # Parts

    def _left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(self.choices, 1)
        column.addWidget(self._line)
        column.addLayout(self._running_row())
        several = len(self._job.units) > 1
        self._print = self._button("print", self._choose_printer, primary=True)
        self._pdf = self._button("pdf", self._choose_file)
        self._each = self._button("each", self._choose_folder)
        self._each.setVisible(several)
        self._print.setIcon(self._desk.icons.coloured("print", self._desk.colours.on_accent))
        for button in (self._print, self._pdf, self._each):
            column.addWidget(button)
        return column

    def _right(self) -> QVBoxLayout:
        bar = QHBoxLayout()
        bar.addWidget(self._page, 1)
        for name, action in (
            ("smaller", self.view.reduce),
            ("larger", self.view.enlarge),
            ("width", self.view.fit_width),
            ("close", self.reject),
        ):
            bar.addWidget(self._button(name, action))
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addLayout(bar)
        column.addWidget(self.view, 1)
        return column

    def _running_row(self) -> QHBoxLayout:
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._stop = self._button("stop", self._cancel)
        row = QHBoxLayout()
        row.addWidget(self._bar, 1)
        row.addWidget(self._stop)
        self._bar.hide()
        self._stop.hide()
        return row

    def _button(self, name: str, action: Callable[[], None], *, primary: bool = False) -> QPushButton:
        button = QPushButton(self._desk.texts(f"paper.dialog.{name}"))
        button.setObjectName(name)
        button.setProperty("kind", "primary" if primary else "plain")
        button.setAutoDefault(primary)
        button.clicked.connect(lambda _checked=False: action())
        return button

    # What is said

    def _said(self, papers: list[FormPaper]) -> str:
        texts, units = self._desk.texts, self._job.units
        if not papers:
            return texts("paper.dialog.none")
        lines = too_long(texts, [(paper.form.id, paper.count) for paper in papers if paper.too_long])
        if len(units) > 1:
            lines.insert(0, texts("paper.dialog.first_of", units=f"{len(units):,}", name=units[0].name))
        return "\n".join(lines)

    def _say_page(self, page: int) -> None:
        count = self.view.count
        text = self._desk.texts("paper.dialog.page_of", page=page + 1, count=count) if count else ""
        self._page.setText(text)

    def _progress(self, done: int, total: int, _label: str) -> None:
        if self._running:
            self._bar.setRange(0, total)
            self._bar.setValue(done)
            if self._stop.isEnabled():
                self._line.setText(self._desk.texts("paper.dialog.working", done=f"{done:,}", total=f"{total:,}"))

    # The work

    def _start(self, work: Callable[[Progress], str]) -> None:
        self._set_running(True)
        self._desk.worker.start(work, self._done, self._failed)

    def _set_running(self, running: bool) -> None:
        self._running = running
        self._bar.setRange(0, 0)
        self._bar.setVisible(running)
        self._stop.setVisible(running)
        self._stop.setEnabled(True)
        for widget in (self.choices, self._print, self._pdf, self._each):
            widget.setEnabled(not running)

    def _done(self, said: str) -> None:
        self._set_running(False)
        self._line.setText(said)

    def _failed(self, error: BaseException) -> None:
        self._set_running(False)
        if isinstance(error, Cancelled):
            self._line.setText(sentence(error, self._desk.texts))
            return
        self.refresh()
        self._desk.fail(error)

    def _cancel(self) -> None:
        self._stop.setEnabled(False)
        self._line.setText(self._desk.texts("paper.dialog.stopping"))
        self._desk.worker.cancel()

    # Where to

    def _choose_printer(self) -> None:
        printer = a4_printer()
        if QPrintDialog(printer, self).exec():
            self.print_to(printer)

    def _choose_file(self) -> None:
        settings, texts = self._desk.settings, self._desk.texts
        proposal = settings.folder / f"{self._proposal()}.pdf"
        name, _ = QFileDialog.getSaveFileName(self, texts("paper.dialog.title"), str(proposal), "PDF (*.pdf)")
        if name:
            target = Path(name if name.lower().endswith(".pdf") else f"{name}.pdf")
            settings.folder = target.parent
            self.write_pdf(target)

    def _choose_folder(self) -> None:
        settings, texts = self._desk.settings, self._desk.texts
        name = QFileDialog.getExistingDirectory(self, texts("paper.dialog.title"), str(settings.folder))
        if name:
            settings.folder = Path(name)
            self.write_each(Path(name))

    def _proposal(self) -> str:
        """Named after the unit where there is one, after the form where it is one."""
        texts, units, forms = self._desk.texts, self._job.units, self.choices.forms
        what = forms[0] if len(forms) == 1 else texts("paper.dialog.several")
        name = f"{units[0].name}-{what}" if len(units) == 1 else what
        return safe(texts("paper.dialog.file", name=name, period=self._job.period))


def a4_printer() -> QPrinter:
    """A printer asked for A4 without margins of its own."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    printer.setFullPage(True)
    return printer
